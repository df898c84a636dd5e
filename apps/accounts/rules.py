"""Account numbers, fees and the arithmetic of statements."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from stdnum import luhn
from stdnum.exceptions import ValidationError

from apps.kernel.money import Money

EXCISE_RATE = Decimal("0.15")  # on transfer fees; Finance Act 2023 (docs/decisions), replaced by dated rows later


def account_number(branch: str, serial: int) -> str:
    """Twelve digits: branch (3), serial (8), Luhn check digit (ISO/IEC 7812-1)."""
    body = f"{branch:0>3}{serial:0>8}"
    return body + luhn.calc_check_digit(body)


def is_account_number(text: str) -> bool:
    """Whether the digits hold together: a slip of one digit or a swap of neighbours is caught."""
    digits = text.replace(" ", "")
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
        return False
    try:
        luhn.validate(digits)
    except ValidationError:
        return False
    return True


def fee(amount: Money, *, flat_minor: int, rate: Decimal, most_minor: int | None) -> Money:
    """Flat plus a share of the amount, at most `most_minor`; excise duty not included."""
    raw = Money(flat_minor, amount.currency) + amount.times(rate)
    return raw if most_minor is None else min(raw, Money(most_minor, amount.currency))


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
