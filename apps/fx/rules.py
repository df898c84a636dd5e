"""The arithmetic of exchange: cross rates through the home currency, rounding, the bank's spread, a feed's honesty."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from apps.kernel.money import LARGEST, BadAmount, Money, decimals

Table = Mapping[str, Decimal]  # what one unit of each currency is worth in the home currency, the home itself 1

PRECISION = 50  # digits of every intermediate result; only money is rounded
KEPT = Decimal("1e-10")  # a stored rate's last digit
OLDEST_FEED = timedelta(hours=72)  # a provider whose own clock stands is no provider; two days cover a bank holiday
LEAST, MOST = Decimal("1e-9"), Decimal("1e9")  # units of one currency for one of another
LONGEST = 1_000_000  # characters of a feed


class TooSmall(ValueError):
    """Too little to exchange: one side would be nothing."""


class BadFeed(ValueError):
    """A feed that must not become rates: `because` is one of the codes in `models.Because`, the message says why."""

    def __init__(self, because: str, why: str) -> None:
        super().__init__(why)
        self.because = because


@dataclass(frozen=True, slots=True)
class Feed:
    """What a provider said: units of each currency for one unit of `base`, as of its own moment."""

    base: str
    as_of: datetime
    rates: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Deal:
    """One exchange, worked out: the customer gives `give` and gets `get`.

    `mid_rate` and `rate` are units of the second currency for one of the first, before and after the bank's spread.
    The worths are what both sides come to at mid rates in the home currency; the bank earns their difference.
    """

    give: Money
    get: Money
    mid_rate: Decimal
    rate: Decimal
    spread_rate: Decimal
    give_worth: Money
    get_worth: Money

    @property
    def cost(self) -> Money:
        """What the exchange costs the customer, in the home currency; never negative."""
        return self.give_worth - self.get_worth


def cross(table: Table, base: str, quote: str) -> Decimal:
    """Units of `quote` for one unit of `base`, through the home currency. Raises KeyError without a rate."""
    with localcontext(prec=PRECISION):
        return table[base] / table[quote]


def convert(amount: Money, to: str, table: Table) -> Money:
    """What an amount is at mid rates, rounded half-even to the minor unit (IEEE 754). Raises KeyError, BadAmount."""
    with localcontext(prec=PRECISION):
        return _rounded(amount.amount * cross(table, amount.currency, to), to)


def customer_rate(mid: Decimal, spread_rate: Decimal) -> Decimal:
    """The mid rate less the bank's spread (0.015 is 1.5 %)."""
    with localcontext(prec=PRECISION):
        return mid * (1 - spread_rate)


def deal_giving(give: Money, to: str, *, table: Table, spread_rate: Decimal, home: str) -> Deal:
    """What the customer gets for exactly `give`: half-even, and one minor unit less where that would be a gift.

    What is got is never worth more at mid than what is given, so no chain of exchanges at the same rates earns the
    customer anything, whatever the rounding. Raises TooSmall, KeyError, BadAmount.
    """
    with localcontext(prec=PRECISION):
        rate = customer_rate(cross(table, give.currency, to), spread_rate)
        get = _rounded(give.amount * rate, to)
        if _worth(get, table) > _worth(give, table):
            get -= Money(1, to)
        return _dealt(give, get, rate, table, spread_rate, home)


def deal_getting(get: Money, give_in: str, *, table: Table, spread_rate: Decimal, home: str) -> Deal:
    """What the customer must give for exactly `get`; rounding as in `deal_giving`. Raises TooSmall, KeyError."""
    with localcontext(prec=PRECISION):
        rate = customer_rate(cross(table, give_in, get.currency), spread_rate)
        give = _rounded(get.amount / rate, give_in)
        if _worth(give, table) < _worth(get, table):
            give += Money(1, give_in)
        return _dealt(give, get, rate, table, spread_rate, home)


def _dealt(give: Money, get: Money, rate: Decimal, table: Table, spread_rate: Decimal, home: str) -> Deal:
    worths = [_rounded(_worth(side, table), home) for side in (give, get)]
    if min(give.minor, get.minor, worths[0].minor, worths[1].minor) < 1:
        raise TooSmall("one side of the exchange would be nothing")
    mid = cross(table, give.currency, get.currency)
    return Deal(give, get, significant(mid), significant(rate), spread_rate, worths[0], worths[1])


def _worth(amount: Money, table: Table) -> Decimal:
    return amount.amount * table[amount.currency]


def _rounded(major: Decimal, currency: str) -> Money:
    scaled = major.scaleb(decimals(currency))
    if not abs(scaled) <= LARGEST:
        raise BadAmount("That amount is larger than any payment KitBank makes.")
    return Money(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)), currency)


def significant(rate: Decimal) -> Decimal:
    """A rate as it is stored and told: ten decimals, or ten digits where it is below one."""
    last = min(0, rate.adjusted() + 1) - 10
    with localcontext(prec=PRECISION):
        return rate.quantize(Decimal(1).scaleb(last), rounding=ROUND_HALF_EVEN)


def written(rate: Decimal) -> str:
    """A rate as text for machines: plain digits, no trailing zeros."""
    return f"{rate.normalize():f}"


def in_words(base: str, quote: str, rate: Decimal) -> str:
    """A rate as people say it, the larger figure first: `1 USD = 129.2000 KES`, whichever way round it is kept."""
    with localcontext(prec=PRECISION):
        if rate < 1:
            base, quote, rate = quote, base, 1 / rate
        return f"1 {base} = {rate.quantize(Decimal('0.0001'), rounding=ROUND_HALF_EVEN):,f} {quote}"


# ---- a feed, read with suspicion ----


def read_feed(text: str) -> Feed:
    """A body of exchangerate-api.com version 6. Numbers are read as decimals. Raises BadFeed."""
    try:
        said = json.loads(text[: LONGEST + 1], parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, ArithmeticError) as no:
        if isinstance(no, BadFeed):
            raise
        raise BadFeed("NOT_JSON", f"the answer is not JSON: {text[:60]!r}") from no
    if not isinstance(said, dict):
        raise BadFeed("NOT_JSON", "the answer is not an object")
    if said.get("result") != "success":
        raise BadFeed("ERROR", f"the provider says {str(said.get('error-type') or said.get('result'))[:80]!r}")
    rates, base = said.get("conversion_rates"), said.get("base_code")
    if not isinstance(rates, dict) or not isinstance(base, str):
        raise BadFeed("MISSING", "conversion_rates or base_code is missing")
    return Feed(base, _moment(said.get("time_last_update_unix")), {code: _number(code, rates[code]) for code in rates})


def _no_constant(word: str) -> Any:
    raise BadFeed("NOT_A_RATE", f"a rate is {word}")


def _number(code: str, value: Any) -> Decimal:
    # A currency the bank does not keep may be anything; what is kept is looked at in `home_table`.
    return value if isinstance(value, Decimal) else Decimal("NaN")


def _moment(seconds: Any) -> datetime:
    try:
        if isinstance(seconds, Decimal) and seconds.adjusted() > 11:  # 1e999999999 is never written out in full
            raise OverflowError("beyond the calendar")
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError) as no:
        raise BadFeed("OUTDATED", "the feed does not say of when it is") from no


def home_table(feed: Feed, *, asked: str, home: str, wanted: Iterable[str], at: datetime) -> dict[str, Decimal]:
    """Home units for one of each wanted currency, from a feed that was asked for `asked`. Raises BadFeed."""
    if feed.base != asked:
        raise BadFeed("WRONG_BASE", f"{asked} was asked for, {feed.base[:8]!a} was answered")
    if not at - OLDEST_FEED <= feed.as_of <= at + timedelta(hours=1):
        raise BadFeed("OUTDATED", f"the feed is of {feed.as_of:%Y-%m-%d %H:%M} UTC")
    needed = {home, *wanted}
    missing = sorted(needed - set(feed.rates))
    if missing:
        raise BadFeed("MISSING", f"no rate for {', '.join(missing)}")
    for code in sorted({asked, *needed} & set(feed.rates)):
        rate = feed.rates[code]
        if not (rate.is_finite() and LEAST <= rate <= MOST):
            raise BadFeed("NOT_A_RATE", f"the rate of {code} is {str(rate)[:40]}")
    if feed.rates.get(asked, Decimal(1)) != 1:
        raise BadFeed("WRONG_BASE", f"one {asked} is {feed.rates[asked]} {asked}")
    with localcontext(prec=PRECISION):
        return {code: _kept_home(code, feed.rates[home] / feed.rates[code]) for code in sorted(needed - {home})}


def _kept_home(code: str, rate: Decimal) -> Decimal:
    kept = rate.quantize(KEPT, rounding=ROUND_HALF_EVEN)
    if kept <= 0:
        raise BadFeed("NOT_A_RATE", f"one {code} would be worth nothing")
    return kept


def require_no_jump(new: Table, old: Table, *, most: Decimal) -> None:
    """Raises BadFeed when a rate moved by more than `most` (0.10 is 10 %), up or down."""
    for code in sorted(set(new) & set(old)):
        with localcontext(prec=PRECISION):
            share = abs(new[code] / old[code] - 1)
        if share > most:
            raise BadFeed("JUMP", f"{code} moved by {share * 100:.1f} %, from {old[code]} to {new[code]}")
