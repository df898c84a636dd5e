"""Rates for tests on this floor and above: figures a person can reckon with, and a provider that does as it is told."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from apps.fx import operations
from apps.fx.models import Quote
from apps.fx.rules import BadFeed, Feed
from apps.kernel.clock import now
from apps.kernel.errors import Unavailable
from apps.kernel.money import Money
from apps.users.models import User

# Shillings for one of each.
TABLE = {
    "USD": Decimal("130"),
    "EUR": Decimal("143"),
    "GBP": Decimal("169"),
    "UGX": Decimal("0.035"),
    "TZS": Decimal("0.0505"),
    "RWF": Decimal("0.09"),
    "ZAR": Decimal("7.15"),
}


def set_rates(at: datetime | None = None, **changed: str) -> None:
    """Rates that hold from `at` (now): those above, `USD="131"` instead where named."""
    table = TABLE | {code: Decimal(rate) for code, rate in changed.items()}
    moment = at or now()
    operations.record_rates(table=table, source="test", as_of=moment, at=moment)


def make_quote(user: User, give: Money, to: str, *, at: datetime | None = None) -> Quote:
    """A quote for giving exactly `give`."""
    return operations.give_quote(user=user, amount=give, other=to, fixed="GIVE", at=at or now())


class Told:
    """A provider that answers with a feed, or fails as told."""

    name = "told"

    def __init__(self, rates: Mapping[str, str] | None = None, *, fails: BadFeed | Unavailable | None = None) -> None:
        self.rates, self.fails, self.asked = dict(rates or {}), fails, 0

    def latest(self, base: str) -> Feed:
        """What it was told, as of this moment."""
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return Feed(base, now(), {code: Decimal(rate) for code, rate in self.rates.items()})
