"""Amounts as they stand in a cell: read exactly, or refused with the reason; what could be read two ways is refused."""

import re
from decimal import Decimal

from apps.kernel.money import LARGEST

NOISE = Decimal("0.000001")  # of a major unit: what binary arithmetic in a spreadsheet leaves behind, never a real cent
EXACT_BELOW = 2**53  # hundredths above this are no longer whole in a spreadsheet's number

_AROUND = re.compile(r"^(?:KES|KSHS?|SH)\.?\s*|\s*/[=-]$", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]{1,16}", re.ASCII)
_POINTED = re.compile(r"[0-9]{1,16}\.[0-9]+", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:[  \u202f][0-9]{3})+|(?:['’][0-9]{3})+)(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[0-9][0-9.,]*\s*[eE]\s*[+-]?[0-9]+", re.ASCII)
_DIGITS_AND_MARKS = re.compile(r"[0-9.,'’ \u00a0\u202f]+")
_NEGATIVE = re.compile(r"(?:[-−–]\s*[0-9].*|\([0-9][^)]*\))")


class BadCell(ValueError):
    """A cell that is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def minor_of_text(text: str, places: int) -> int:
    """Minor units of an amount as it was typed: `1500`, `1,500.50`, `KES 1 500/=`.

    `places` are the currency's decimals. Raises BadCell: AMOUNT_MISSING, AMOUNT_EXPONENT (`1e5`), AMOUNT_TWO_WAYS
    (`1,5`, `1.234`, `1.234,50`), AMOUNT_NOT_POSITIVE, AMOUNT_TOO_FINE, AMOUNT_TOO_LARGE, AMOUNT_UNREADABLE.
    """
    bare = _AROUND.sub("", _AROUND.sub("", text.strip())).strip()
    if not bare:
        raise BadCell("AMOUNT_MISSING")
    if _NEGATIVE.fullmatch(bare):
        raise BadCell("AMOUNT_NOT_POSITIVE")
    if _EXPONENT.fullmatch(bare):
        raise BadCell("AMOUNT_EXPONENT")
    if not (_PLAIN.fullmatch(bare) or _POINTED.fullmatch(bare) or _GROUPED.fullmatch(bare)):
        raise BadCell("AMOUNT_TWO_WAYS" if _DIGITS_AND_MARKS.fullmatch(bare) else "AMOUNT_UNREADABLE")
    whole, _point, cents = bare.partition(".")
    if len(cents) == 3 and places != 3 and "," not in whole and len(whole) <= 3:
        raise BadCell("AMOUNT_TWO_WAYS")  # 1.234 is one and a bit here and a thousand elsewhere
    return _minor(Decimal(re.sub(r"[^0-9]", "", whole) + "." + (cents or "0")), places)


def minor_of_number(value: int | float, places: int) -> int:
    """Minor units of a spreadsheet's number cell.

    The file keeps such a number in binary, so a cent may be there only nearly (`0.1 + 0.2`). What lies within a
    millionth of a whole minor unit is that unit; anything else has more decimals than the currency and is refused,
    never rounded. Raises BadCell.
    """
    exact = Decimal(repr(value))
    if not exact.is_finite() or abs(exact) * 10**places >= EXACT_BELOW:
        raise BadCell("AMOUNT_TOO_LARGE")
    near = exact.quantize(Decimal(1).scaleb(-places))
    if abs(exact - near) > NOISE:
        raise BadCell("AMOUNT_TOO_FINE")
    return _minor(near, places)


def _minor(exact: Decimal, places: int) -> int:
    minor = exact.scaleb(places)
    if minor != minor.to_integral_value():
        raise BadCell("AMOUNT_TOO_FINE")
    if minor <= 0:
        raise BadCell("AMOUNT_NOT_POSITIVE")
    if minor > LARGEST:
        raise BadCell("AMOUNT_TOO_LARGE")
    return int(minor)
