"""What rates hold, how old they are, and what they make of an amount."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _

from apps.fx import rules
from apps.fx.errors import RatesStale
from apps.fx.models import Currency, ExchangeRate, Spread
from apps.kernel.clock import day_start
from apps.kernel.money import Money, UnknownCurrency

TOO_OLD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rates:
    """The newest rates: home units for one of each currency, from whom, of when, and how old they are."""

    home: str
    table: Mapping[str, Decimal]
    source: str
    fetched_at: datetime
    valid_until: datetime
    at: datetime

    @property
    def age(self) -> timedelta:
        """Since they were fetched."""
        return self.at - self.fetched_at

    @property
    def is_stale(self) -> bool:
        """Past their hour; still told, with their age."""
        return self.at >= self.valid_until

    @property
    def is_too_old(self) -> bool:
        """Past a day: nothing is quoted at them."""
        return self.age > TOO_OLD

    def of(self, base: str, quote: str) -> Decimal:
        """Units of `quote` for one of `base`, at mid. Raises UnknownCurrency."""
        self.require(base, quote)
        return rules.cross(self.table, base, quote)

    def converted(self, amount: Money, to: str) -> Money:
        """At mid, half-even. Raises UnknownCurrency, BadAmount."""
        self.require(amount.currency, to)
        return rules.convert(amount, to, self.table)

    def require(self, *codes: str) -> None:
        """Raises UnknownCurrency for a currency without a rate."""
        for code in codes:
            if code not in self.table:
                raise UnknownCurrency(
                    _("KitBank has no rate for %(currency)s. No money moved.") % {"currency": code[:8]}
                )


def newest(at: datetime) -> Rates | None:
    """The newest rates there are at a moment, however old; None when there were never any. One query."""
    before = ExchangeRate.objects.filter(fetched_at__lte=at).order_by("-fetched_at")
    rows = list(
        ExchangeRate.objects.filter(
            fetched_at=Subquery(before.values("fetched_at")[:1]), base__is_active=True
        ).order_by("base")
    )
    if not rows:
        return None
    home, first = rows[0].quote_id, rows[0]
    table = {home: Decimal(1), **{row.base_id: row.rate for row in rows}}
    return Rates(home, table, first.source, first.fetched_at, first.valid_until, at)


def rates(at: datetime) -> Rates:
    """The rates that may be told at a moment. Raises RatesStale past a day."""
    found = newest(at)
    if found is None or found.is_too_old:
        raise RatesStale(
            _("We have no exchange rates that are fresh enough to use. No money moved. Try again in a little while.")
        )
    return found


def in_home(amount: Money, at: datetime) -> Money:
    """An amount in the home currency at the newest rates, however old: for limits. Raises RatesStale without any."""
    return to_home(at)(amount)


def to_home(at: datetime) -> Callable[[Money], Money]:
    """As `in_home` for many amounts: the rates are read once, when first wanted. It raises RatesStale as it does."""
    read: list[Rates | None] = []

    def of(amount: Money) -> Money:
        if amount.currency == settings.HOME_CURRENCY:
            return amount
        if not amount:
            return Money.zero(settings.HOME_CURRENCY)
        if not read:
            read.append(newest(at))
        found = read[0]
        if found is None or amount.currency not in found.table:
            raise RatesStale(
                _(
                    "We have no exchange rates that are fresh enough to use. No money moved. "
                    "Try again in a little while."
                )
            )
        return found.converted(amount, found.home)

    return of


def held_to_home(at: datetime, *, paid_in: Collection[str]) -> Callable[[Money], Money]:
    """What somebody holds in the home currency, for the most that their tier may hold.

    A currency of `paid_in` is of the payment: it counts as `to_home` has it, which raises RatesStale. Any other counts
    at the last rate it had, however old, and as nothing when it never had one: nobody can say what it is worth, and a
    limit that nobody can count does not stop shillings on their way to somebody.
    """
    of_payment, worth_of = to_home(at), cache(lambda currency: _last_rate(currency, at))

    def of(amount: Money) -> Money:
        try:
            return of_payment(amount)
        except RatesStale:
            if amount.currency in paid_in:
                raise
            rate = worth_of(amount.currency)
        if rate is None:
            return Money.zero(settings.HOME_CURRENCY)
        table = {settings.HOME_CURRENCY: Decimal(1), amount.currency: rate}
        return rules.convert(amount, settings.HOME_CURRENCY, table)

    return of


def _last_rate(currency: str, at: datetime) -> Decimal | None:
    """The last one there was of a currency, whether or not the newest rates still tell of it."""
    rows = ExchangeRate.objects.filter(base=currency, fetched_at__lte=at).order_by("-fetched_at")
    rate: Decimal | None = rows.values_list("rate", flat=True).first()
    return rate


def closing_rates(day: date) -> dict[str, tuple[Decimal, datetime]]:
    """Of each currency the last rate of a day and when it was fetched; an earlier day's where that day had none."""
    rows = (
        ExchangeRate.objects.filter(fetched_at__lt=day_start(day + timedelta(days=1)))
        .order_by("base", "-fetched_at")
        .distinct("base")
    )
    return {row.base_id: (row.rate, row.fetched_at) for row in rows}


def spread_on(day: date) -> Decimal:
    """The share the bank takes of exchanges on a day."""
    held = Spread.objects.filter(valid_from__lte=day).order_by("-valid_from").values_list("rate", flat=True)
    rate: Decimal = held[0]
    return rate


def currencies() -> list[Currency]:
    """Those the bank quotes, the home currency first."""
    home = settings.HOME_CURRENCY
    return sorted(Currency.objects.filter(is_active=True), key=lambda one: (one.code != home, one.code))
