"""What a payment's amounts are worth in the home currency, in which the figures of rules are written."""

from datetime import datetime

from django.conf import settings

from apps.fraud import rules
from apps.fraud.rules.facts import FACTS, Facts, Kind
from apps.fx import queries as fx
from apps.kernel.money import Money, decimals

_AMOUNTS = tuple(name for name, (kind, _meaning) in FACTS.items() if kind is Kind.MONEY)


class Worth:
    """Facts as rules are asked about them: at the newest rates of a moment, which are read once when first wanted."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._rates: list[fx.Rates | None] = []

    def of(self, facts: Facts, currency: str) -> Facts:
        """The facts with their amounts (minor units of `currency`) in home minor units; as they are without a rate."""
        home = settings.HOME_CURRENCY
        if currency == home:
            return facts
        if not self._rates:
            self._rates.append(fx.newest(self.at))
        rates = self._rates[0]
        if rates is None or currency not in rates.table:
            return facts
        rate = rates.of(currency, home)
        known = {name: int(facts[name] or 0) for name in _AMOUNTS if facts.get(name) is not None}
        worth = {
            name: round((Money(minor, currency).amount * rate).scaleb(decimals(home))) for name, minor in known.items()
        }
        return {**facts, **worth}


def judge(facts: Facts, currency: str, held: tuple[rules.Rule, ...], at: datetime) -> rules.Verdict:
    """What rules say of a payment of any currency, by what it is worth at a moment."""
    return rules.judge(Worth(at).of(facts, currency), held)
