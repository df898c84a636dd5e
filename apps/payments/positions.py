"""The bank's positions in other currencies: what it holds of them, what the books say they are worth, what they are."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from apps.fx import rules as rates
from apps.fx.models import CurrencyCode, Quote
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books


@dataclass(frozen=True, slots=True)
class Position:
    """One currency: `held` is positive when the bank is long, `carried` is its worth in the home currency's books."""

    held: Money
    carried: Money

    def value_at(self, rate: Decimal) -> Money:
        """What it is worth at a rate (home units for one), rounded half-even."""
        home = self.carried.currency
        return rates.convert(self.held, home, {self.held.currency: rate, home: Decimal(1)})

    def gain_at(self, rate: Decimal) -> Money:
        """What the rate has brought since the books last looked; a loss is negative."""
        return self.value_at(rate) - self.carried


def positions(on: date | None = None) -> list[Position]:
    """Every position, now or at the end of a day; one query whatever their number."""
    home = settings.HOME_CURRENCY
    pairs = [
        (ledger.gl("fx:position", code), ledger.gl(f"fx:equivalent:{code}", home))
        for code in CurrencyCode.values
        if code != home
    ]
    ids = [account.id for pair in pairs for account in pair]
    if on is None:
        found = {key: balance.posted for key, balance in books.balances(ids).items()}
    else:
        found = books.balances_as_of(ids, on)
    return [
        # The position's account balances the currency's books, so what the bank is long of stands on its credit side.
        Position(-found.get(held.id, Money.zero(held.currency)), found.get(worth.id, Money.zero(home)))
        for held, worth in pairs
    ]


def legs_of(quote: Quote) -> list[Any]:
    """The bank's side: positions, their price in the home currency, and the spread that is earned."""
    home, legs = quote.home_currency, []
    if quote.give_currency != home:
        legs += [
            ledger.credit(ledger.gl("fx:position", quote.give_currency), quote.give),
            ledger.debit(equivalent_of(quote.give_currency, home), quote.give_worth),
        ]
    if quote.get_currency != home:
        legs += [
            ledger.debit(ledger.gl("fx:position", quote.get_currency), quote.get),
            ledger.credit(equivalent_of(quote.get_currency, home), quote.get_worth),
        ]
    spread: Money = quote.cost
    if spread:
        legs.append(ledger.credit(ledger.gl("fx:spread", home), spread))
    return legs


def equivalent_of(currency: str, home: str) -> Any:
    """The account that holds what the position in a currency cost, in the home currency."""
    return ledger.gl(f"fx:equivalent:{currency}", home)
