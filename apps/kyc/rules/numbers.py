"""Shapes of the numbers on Kenyan papers."""

import re

from stdnum.exceptions import ValidationError
from stdnum.ke import pin

_SHAPES = {
    "NATIONAL_ID": (re.compile(r"[1-9][0-9]{5,8}"), "A national ID has 6 to 9 digits, like 28456712."),
    "ALIEN_ID": (re.compile(r"[1-9][0-9]{5,8}"), "An alien card has 6 to 9 digits."),
    "PASSPORT": (re.compile(r"[A-Z0-9]{6,9}"), "A passport number has 6 to 9 letters and digits, like AK1234567."),
    "DRIVING_LICENCE": (re.compile(r"[A-Z0-9]{5,12}"), "A driving licence has 5 to 12 letters and digits."),
    "BUSINESS_REGISTRATION": (re.compile(r"[A-Z0-9/-]{3,24}"), "Write the number as the certificate shows it."),
}


class Unreadable(ValueError):
    """The text is no such number; the message says what was wanted."""


def read(kind: str, text: str) -> str:
    """The number of a paper as it is kept: no spaces, upper case, letter by letter. Raises Unreadable."""
    plain = "".join(text.split()).upper()
    if kind == "TAX_PIN":
        try:
            return str(pin.validate(plain))
        except ValidationError as no:
            raise Unreadable("A KRA PIN is a letter, nine digits and a letter, like A004416331M.") from no
    shape, wanted = _SHAPES[kind]
    if not plain.isascii() or not shape.fullmatch(plain):
        raise Unreadable(wanted)
    return plain
