"""The letters that every bank in the chain can carry: SWIFT character set X, and what became of the others."""

import re
import unicodedata
from dataclasses import dataclass

_NOT_X = re.compile(r"[^a-zA-Z0-9/\-?:().,'+ ]")  # SWIFT Standards, General Information: character set X, one line
_IDENTIFIER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-]{0,34}", re.ASCII)
_OTHERS = str.maketrans({"’": "'", "‘": "'", "“": "'", "”": "'", "–": "-", "—": "-", "&": "+", "_": "-", "ß": "ss"})
_OTHERS |= str.maketrans({"Ø": "O", "ø": "o", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l"})
NOT_PROVIDED = "NOTPROVIDED"  # what the standard has banks write where a mandatory name is not known


@dataclass(frozen=True, slots=True)
class Said:
    """Text as it is carried: `is_cut` when it was too long, `is_changed` when letters were replaced."""

    text: str
    is_changed: bool
    is_cut: bool


def swift(text: str, longest: int) -> Said:
    """`text` in character set X, at most `longest` letters: accents taken off, what has no like left out as a point.

    Never begins or ends with a slash or holds two in a row, which the old networks read as a command.
    """
    one_line = " ".join(text.split())
    plain = unicodedata.normalize("NFKD", one_line.translate(_OTHERS))
    plain = " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())
    kept = re.sub(r"/{2,}", "/", _NOT_X.sub(".", plain)).strip("/ ")
    cut = kept[:longest].rstrip("/ ")
    if not re.search(r"[a-zA-Z0-9]", cut):
        cut = kept = ""  # points alone say nothing
    return Said(cut, is_changed=kept != one_line, is_cut=len(kept) > longest)


def named(text: str, longest: int = 140) -> str:
    """A name that a message must have."""
    return swift(text, longest).text or NOT_PROVIDED[:longest]


def identifier(text: str) -> str:
    """An identification of ours: 1 to 35 letters, digits and hyphens. Raises ValueError: it was made wrongly."""
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{text!r} is no identification of at most 35 letters")
    return text
