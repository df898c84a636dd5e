"""Money: a whole number of minor units and a currency, and nothing that could lose a cent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import total_ordering
from typing import TYPE_CHECKING, Any

from apps.kernel.errors import DomainError

# Digits after the point: ISO 4217, and for crypto assets the units of the ledger (ETH in gwei).
DECIMALS = {
    "KES": 2,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "TZS": 2,
    "UGX": 0,
    "RWF": 0,
    "ZAR": 2,
    "BTC": 8,
    "ETH": 9,
    "USDT": 6,
    "USDC": 6,
}
# ISO 4217 numbers of the currencies of nations; those above without one are crypto assets.
ISO_NUMBERS = {"KES": 404, "USD": 840, "EUR": 978, "GBP": 826, "TZS": 834, "UGX": 800, "RWF": 646, "ZAR": 710}
LARGEST = 10**15  # minor units one amount may have: ten trillion shillings, far inside BIGINT
_PLAIN = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


class BadAmount(DomainError):
    """Not an amount of money: wrong characters, too many decimals, not finite, out of range."""

    code, status = "bad_amount", 400


class UnknownCurrency(DomainError):
    """A currency the bank does not keep."""

    code, status = "unknown_currency", 400


class CurrencyMismatch(DomainError):
    """Two currencies where one was meant."""

    code, status = "currency_mismatch", 422


def decimals(currency: str) -> int:
    """Digits after the point of `currency`. Raises UnknownCurrency."""
    try:
        return DECIMALS[currency]
    except KeyError:
        raise UnknownCurrency(f"KitBank does not keep accounts in {currency[:8]!r}.") from None


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` whole minor units (cents) of `currency` (ISO 4217, or a crypto asset's code)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:  # a bool is an int to isinstance
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if self.currency not in DECIMALS:
            decimals(self.currency)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Read an amount in major units: `"1234.50"`. Raises BadAmount, UnknownCurrency; TypeError for a float."""
        places = decimals(currency)
        if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
            raise TypeError(f"money is read from text or whole numbers, not {type(amount).__name__}")
        if isinstance(amount, str) and not _PLAIN.fullmatch(amount):
            raise BadAmount("Write an amount like 1500 or 1500.50.")
        try:
            scaled = Decimal(amount).scaleb(places)
        except InvalidOperation:
            raise BadAmount("Write an amount like 1500 or 1500.50.") from None
        if not scaled.is_finite() or abs(scaled) > LARGEST:
            raise BadAmount("That amount is larger than any payment KitBank makes.")
        if scaled != scaled.to_integral_value():
            raise BadAmount(f"{currency} has {places} decimals; the amount has more.")
        return cls(int(scaled), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, of a currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with all the decimals of the currency."""
        return Decimal(self.minor).scaleb(-decimals(self.currency))

    def split(self, parts: int) -> list["Money"]:
        """`parts` shares that add up to the whole; the first shares carry the remainder."""
        if parts < 1:
            raise ValueError("money is split into one part or more")
        share, rest = divmod(abs(self.minor), parts)
        sign = -1 if self.minor < 0 else 1
        return [Money(sign * (share + (1 if nth < rest else 0)), self.currency) for nth in range(parts)]

    def times(self, rate: Decimal) -> "Money":
        """A share of this amount, rounded half-even to the minor unit (banker's rounding, IEEE 754)."""
        if not isinstance(rate, Decimal | int):
            raise TypeError("rates are Decimals")
        exact = Decimal(self.minor) * rate
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)), self.currency)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"This is in {self.currency}; {other.currency} was given.")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,f}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that are all of `currency`. Raises CurrencyMismatch."""
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result


class MoneyOf(property):
    """Reads and writes a `…_minor` column and the currency beside it as Money: `fee = MoneyOf("fee_minor")`.

    A property, so that a model takes it by name: `Payment(fee=Money.of("5", "KES"))`. A NULL column reads as None.
    """

    def __init__(self, minor: str, currency: str = "currency") -> None:
        def read(row: Any) -> Money | None:
            value = getattr(row, minor)
            return None if value is None else Money(value, getattr(row, currency))

        def write(row: Any, amount: Money) -> None:
            setattr(row, minor, amount.minor)
            setattr(row, currency, amount.currency)

        super().__init__(read, write)

    if TYPE_CHECKING:

        def __get__(self, row: Any, owner: type | None = None) -> Any:
            """Money, as the type checker cannot know from the column's name."""
