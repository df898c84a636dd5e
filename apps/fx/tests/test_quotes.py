"""Quotes and the spread: a price for one person, for a minute, at the figure of the day, changed by two people."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.fx import operations, queries
from apps.fx.errors import AmountTooSmall, BadSpread, QuoteExpired, QuoteUsed, RatesStale, SameCurrency
from apps.fx.models import Currency, Quote, Spread
from apps.fx.testing import make_quote, set_rates
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import BadAmount, Money, UnknownCurrency
from apps.kernel.testing import at_once, refusals
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
HUNDRED = Money.of("100", "USD")


def give(amount=HUNDRED, other="KES", fixed="GIVE", at=None):
    return operations.give_quote(user=make_customer(), amount=amount, other=other, fixed=fixed, at=at or now())


def test_either_side_may_be_the_fixed_one():
    set_rates()
    sold, bought = give(), give(other="KES", fixed="GET")
    assert (str(sold.give), str(sold.get), str(sold.cost)) == ("USD 100.00", "KES 12,805.00", "KES 195.00")
    assert (str(bought.give), str(bought.get), str(bought.cost)) == ("KES 13,197.97", "USD 100.00", "KES 197.97")
    assert (sold.mid_rate, sold.rate, sold.spread_rate) == (Decimal(130), Decimal("128.05"), Decimal("0.015"))
    assert sold.expires_at - sold.created_at == timedelta(seconds=60)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"amount": Money.zero("USD")}, BadAmount),
        ({"amount": Money(-1, "USD")}, BadAmount),
        ({"other": "USD"}, SameCurrency),
        ({"other": "XXX"}, UnknownCurrency),
        ({"other": "BTC"}, UnknownCurrency),
        ({"amount": Money(5, "BTC")}, UnknownCurrency),
        ({"amount": Money(1, "KES"), "other": "USD"}, AmountTooSmall),
        ({"amount": Money(10**15, "USD")}, BadAmount),
    ],
)
def test_what_cannot_be_quoted_is_refused_in_words(asked, refusal):
    set_rates()
    with pytest.raises(refusal):
        give(**asked)
    assert not Quote.objects.exists()


def test_a_currency_that_is_switched_off_is_not_quoted():
    set_rates()
    Currency.objects.filter(code="USD").update(is_active=False)
    with pytest.raises(UnknownCurrency):
        give()


def test_rates_past_a_day_are_not_quoted_at():
    set_rates(now() - timedelta(hours=25))
    with pytest.raises(RatesStale):
        give()


def test_a_quote_is_used_once_in_time_and_by_its_own_person():
    set_rates()
    owner = make_customer()
    quote = make_quote(owner, HUNDRED, "KES")
    with pytest.raises(NotFound):
        operations.use_quote(quote=quote, by=make_customer(), at=now())
    with pytest.raises(QuoteExpired):
        operations.use_quote(quote=quote, by=owner, at=quote.expires_at)
    operations.use_quote(quote=quote, by=owner, at=now())
    with pytest.raises(QuoteUsed):
        operations.use_quote(quote=quote, by=owner, at=now())


@pytest.mark.django_db(transaction=True)
def test_of_four_who_use_it_at_once_one_does():
    set_rates()
    owner = make_customer()
    quote = make_quote(owner, HUNDRED, "KES")
    results = at_once(*[lambda: operations.use_quote(quote=Quote.objects.get(), by=owner, at=now())] * 4)
    assert [type(no) for no in refusals(results)] == [QuoteUsed] * 3
    assert quote.pk


def test_old_unused_quotes_are_dropped_and_used_ones_stay():
    long_ago = now() - timedelta(days=31)
    set_rates(long_ago)
    owner = make_customer()
    used, _unused = (make_quote(owner, HUNDRED, "KES", at=long_ago) for _nth in range(2))
    operations.use_quote(quote=used, by=owner, at=long_ago)
    set_rates()
    fresh = make_quote(owner, HUNDRED, "KES")
    assert operations.drop_unused(at=now()) == 1
    assert set(Quote.objects.all()) == {used, fresh}


def test_the_spread_changes_on_its_day_by_two_people():
    at = now()
    tomorrow = local_date(at) + timedelta(days=1)
    asker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    asked = {"rate": Decimal("0.02"), "valid_from": tomorrow, "reason": "Costs went up", "by": asker, "at": at}
    approval = operations.ask_spread_change(**asked)
    assert queries.spread_on(tomorrow) == Decimal("0.015")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=asker, at=at)
    approvals.approve(approval=approval, by=checker, at=at)
    assert (queries.spread_on(local_date(at)), queries.spread_on(tomorrow)) == (Decimal("0.015"), Decimal("0.02"))
    second = operations.ask_spread_change(**asked | {"rate": Decimal("0.03")})
    with pytest.raises(BadSpread):
        approvals.approve(approval=second, by=checker, at=at)
    assert Spread.objects.count() == 2


@pytest.mark.parametrize(
    "changed", [{"rate": Decimal("0.11")}, {"rate": Decimal("-0.01")}, {"rate": Decimal("NaN")}, {"days": 0}]
)
def test_a_spread_outside_its_limits_or_from_today_is_refused(changed):
    at = now()
    asked = {"rate": Decimal("0.02"), **changed}
    valid_from = local_date(at) + timedelta(days=asked.pop("days", 1))
    with pytest.raises(BadSpread):
        operations.ask_spread_change(**asked, valid_from=valid_from, reason="Costs", by=make_staff("ADMIN"), at=at)
    with pytest.raises(NotAllowed):
        operations.ask_spread_change(
            rate=Decimal("0.02"), valid_from=valid_from, reason="Costs", by=make_staff("TELLER"), at=at
        )
