"""Numbers of this bank's merchants: eight digits, as no till of M-Pesa has (five to seven)."""

from stdnum import luhn
from stdnum.exceptions import ValidationError

SERIALS = 1_000_000


def till_number(serial: int) -> str:
    """`8`, serial (6), Luhn check digit (ISO/IEC 7812-1)."""
    body = f"8{serial % SERIALS:06d}"
    return body + luhn.calc_check_digit(body)


def is_till_number(text: str) -> bool:
    """Whether the digits hold together: a slip of one digit or a swap of neighbours is caught."""
    digits = text.replace(" ", "")
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit() or digits[0] != "8":
        return False
    try:
        luhn.validate(digits)
    except ValidationError:
        return False
    return True
