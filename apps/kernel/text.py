"""Words that people write about themselves, kept so that they change nothing of what others read around them."""

import unicodedata

_JOINERS = "\u200c\u200d"  # Persian writes with the one, families of emoji are held together by the other
_BLANKS = dict.fromkeys(map(ord, "\u115f\u1160\u2800\u3164\uffa0"))  # letters and signs that show nothing at all
_FROM_RIGHT = {"R", "AL"}


def storable(text: str) -> str:
    """`text` without what no text of ours may hold: NUL, and half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """`text` on one line, composed (NFC), without what nobody sees.

    Marks that turn the reading around are among that: a name with one would turn the amount beside it around.
    """
    seen = "".join(char for char in text if char in _JOINERS or unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.translate(_BLANKS).split())).strip(_JOINERS)


def apart(text: str) -> str:
    """`text` to stand within a line: one that is read from the right is held apart (Unicode's isolates), or it would
    take the figures after it along, and turn the halves of a phone number around.
    """
    if any(unicodedata.bidirectional(char) in _FROM_RIGHT for char in text):
        return f"\u2068{text}\u2069"
    return text
