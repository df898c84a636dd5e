"""Quotes: a price that holds for a minute, is for one person, and makes one exchange."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from apps.fx import queries, rules
from apps.fx.errors import AmountTooSmall, QuoteExpired, QuoteUsed, SameCurrency
from apps.fx.models import FixedSide, Quote
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import BadAmount, Money
from apps.users.models import User

LIFE = timedelta(seconds=60)
KEPT_UNUSED = timedelta(days=30)


def give_quote(*, user: User, amount: Money, other: str, fixed: str, at: datetime) -> Quote:
    """What an exchange would be now. `fixed` says whether `amount` is what is given or got; `other` is the other side.

    Raises BadAmount, SameCurrency, UnknownCurrency, AmountTooSmall, RatesStale.
    """
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if amount.currency == other:
        raise SameCurrency(_("Choose two different currencies. No money moved."))
    found = queries.rates(at)
    found.require(amount.currency, other)
    work_out = rules.deal_giving if fixed == FixedSide.GIVE else rules.deal_getting
    spread_rate = queries.spread_on(local_date(at))
    try:
        deal = work_out(amount, other, table=found.table, spread_rate=spread_rate, home=found.home)
    except rules.TooSmall as no:
        raise AmountTooSmall(_("That is too little to exchange. No money moved. Write a larger amount.")) from no
    return Quote.objects.create(
        user=user,
        give_currency=deal.give.currency,
        give_minor=deal.give.minor,
        get_currency=deal.get.currency,
        get_minor=deal.get.minor,
        fixed=fixed,
        mid_rate=deal.mid_rate,
        rate=deal.rate,
        spread_rate=deal.spread_rate,
        home_currency=found.home,
        give_worth_minor=deal.give_worth.minor,
        get_worth_minor=deal.get_worth.minor,
        rates_at=found.fetched_at,
        created_at=at,
        expires_at=at + LIFE,
    )


def use_quote(*, quote: Quote, by: User, at: datetime) -> Quote:
    """Take a quote for one exchange, within the caller's transaction. Raises NotFound, QuoteExpired, QuoteUsed."""
    if quote.user_id != by.pk or not by.is_active:
        raise NotFound(_("There is no such quote, or it is not yours. No money moved."))
    live = Quote.objects.filter(pk=quote.pk, used_at=None, expires_at__gt=at)
    if live.update(used_at=at):
        quote.used_at = at
        return quote
    if Quote.objects.filter(pk=quote.pk, used_at=None).exists():
        raise QuoteExpired(_("That rate was good for one minute. No money moved. Ask for the rate again."))
    raise QuoteUsed(_("That rate was used already. No more money moved. Look at your accounts, or ask again."))


def drop_unused(*, at: datetime) -> int:
    """Forget quotes that nobody used and that ran out a month ago; returns how many."""
    dropped, _by_model = Quote.objects.filter(used_at=None, expires_at__lt=at - KEPT_UNUSED).delete()
    return dropped
