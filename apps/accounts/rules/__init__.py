"""Account numbers, fees and the arithmetic of statements."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from stdnum import luhn
from stdnum.exceptions import ValidationError

from apps.kernel.money import Money

_NO_BRANCHES = {"000", "254"}  # one phone in ten, written 712… or 254712…, would be an account number, too


def account_number(branch: str, serial: int) -> str:
    """Twelve digits: branch (3), serial (8), Luhn check digit (ISO/IEC 7812-1). Raises ValueError for a branch that
    begins phones.
    """
    if f"{branch:0>3}" in _NO_BRANCHES:
        raise ValueError(f"no branch has the number {branch}")
    body = f"{branch:0>3}{serial:0>8}"
    return body + luhn.calc_check_digit(body)


def is_account_number(text: str) -> bool:
    """Whether the digits hold together: a slip of one digit or a swap of neighbours is caught."""
    digits = text.replace(" ", "")
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit() or digits[:3] in _NO_BRANCHES:
        return False
    try:
        luhn.validate(digits)
    except ValidationError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Band:
    """What is charged on amounts up to and including `upto_minor` (none: whatever the amount), in minor units."""

    upto_minor: int | None
    flat_minor: int
    rate: Decimal
    least_minor: int = 0
    most_minor: int | None = None


def fee(amount: Money, bands: Iterable[Band]) -> Money | None:
    """What the band of `amount` charges: flat plus a share, within its bounds. None above the last band.

    Excise duty is not included. Bands come in the order of their upper ends, the open one last.
    """
    for band in bands:
        if band.upto_minor is None or amount.minor <= band.upto_minor:
            charged = max(band.flat_minor + amount.times(band.rate).minor, band.least_minor)
            return Money(charged if band.most_minor is None else min(charged, band.most_minor), amount.currency)
    return None


class BadBands(ValueError):
    """A tariff that does not say clearly what each amount costs; the message says why."""


def check_bands(bands: Sequence[Band]) -> None:
    """Raises BadBands unless upper ends rise, only the last may be open, and no figure is negative or crossed."""
    if not bands:
        raise BadBands("a tariff has at least one band")
    ends = [band.upto_minor for band in bands]
    if None in ends[:-1]:
        raise BadBands("only the last band may be without an upper end")
    closed = [end for end in ends if end is not None]
    if any(end <= 0 for end in closed) or closed != sorted(set(closed)):
        raise BadBands("the upper ends of the bands must rise")
    for band in bands:
        if min(band.flat_minor, band.least_minor) < 0 or not 0 <= band.rate < 1:
            raise BadBands("a fee is not negative, and a share is below the whole amount")
        if band.most_minor is not None and band.most_minor < max(band.least_minor, 0):
            raise BadBands("the most is below the least")


@dataclass(frozen=True, slots=True)
class Row:
    """A line as a statement holds it; amounts are signed minor units, in + and out −."""

    booked_on: date
    description: str
    reference: str
    amount_minor: int
    balance_minor: int


class DoesNotAddUp(ArithmeticError):
    """Opening balance and lines do not make the closing balance: the statement must not leave the bank."""


def check_rows(opening_minor: int, rows: Iterable[Row], closing_minor: int) -> None:
    """Opening plus every line is every running balance, and the last one is closing. Raises DoesNotAddUp."""
    balance = opening_minor
    for row in rows:
        balance += row.amount_minor
        if balance != row.balance_minor:
            raise DoesNotAddUp(f"{row.reference}: {balance} was expected, {row.balance_minor} stands")
    if balance != closing_minor:
        raise DoesNotAddUp(f"closing: {balance} was expected, {closing_minor} stands")


def statement_seal(number: str, currency: str, opening_minor: int, closing_minor: int, rows: Iterable[Row]) -> str:
    """SHA-256 over everything a statement says, so that an altered copy shows."""
    said = [
        [number, currency, opening_minor, closing_minor],
        *(
            [row.booked_on.isoformat(), row.description, row.reference, row.amount_minor, row.balance_minor]
            for row in rows
        ),
    ]
    return sha256(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
