"""How well the name in a file fits the name of the holder: a warning to whoever pays, never a decision."""

import re
import unicodedata
from enum import StrEnum


class NameMatch(StrEnum):
    """NONE: no name was given or none is known."""

    NONE = "NONE"
    MATCH = "MATCH"
    CLOSE = "CLOSE"
    DIFFERENT = "DIFFERENT"


def compare(typed: str, held: str) -> NameMatch:
    """Order, case, accents and a missing middle name do not matter; two shared names are a match, one is close.

    Initials of the file's name count for a name that begins so, but never by themselves.
    """
    asked, known = _parts(typed), _parts(held)
    if not asked or not known:
        return NameMatch.NONE
    shared = asked & known
    initials = {part for part in asked - known if len(part) == 1 and any(name.startswith(part) for name in known)}
    if len(shared) >= min(2, len(known)) or (shared and len(shared | initials) == len(asked) and len(asked) > 1):
        return NameMatch.MATCH
    return NameMatch.CLOSE if shared else NameMatch.DIFFERENT


def _parts(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset(re.findall(r"[^\W\d_]+", bare.replace("'", "").replace("’", "")))
