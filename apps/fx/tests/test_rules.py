"""Exchange by property: no cent appears, no chain of exchanges earns, and a feed is read with suspicion."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.fx import rules
from apps.kernel.money import BadAmount, Money

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CODES = ["KES", "USD", "EUR", "UGX", "TZS", "GBP"]
WANTED = ["USD", "EUR", "UGX"]

rates = st.decimals(min_value=Decimal("0.001"), max_value=Decimal("500"), places=10).filter(lambda rate: rate > 0)
tables = st.fixed_dictionaries({code: rates for code in CODES if code != "KES"}).map(
    lambda found: {"KES": Decimal(1), **found}
)
spreads = st.decimals(min_value=0, max_value=Decimal("0.1"), places=5)
amounts = st.builds(Money, st.integers(1, 10**10), st.sampled_from(CODES))


def dealt(give, to, table, spread):
    try:
        return rules.deal_giving(give, to, table=table, spread_rate=spread, home="KES")
    except (rules.TooSmall, BadAmount):  # too little, or on a long way more than any payment may be
        assume(False)


def worth(amount, table):
    return amount.amount * table[amount.currency]


@given(amounts, st.sampled_from(CODES), tables, spreads)
def test_a_round_trip_never_earns_the_customer_anything(give, to, table, spread):
    assume(give.currency != to)
    there = dealt(give, to, table, spread)
    back = dealt(there.get, give.currency, table, spread)
    assert back.get <= give


@given(amounts, st.lists(st.sampled_from(CODES), min_size=2, max_size=6), tables, spreads)
def test_no_chain_of_exchanges_is_worth_more_at_its_end(give, ways, table, spread):
    held = give
    for to in [*ways, give.currency]:
        if to != held.currency:
            held = dealt(held, to, table, spread).get
    assert worth(held, table) <= worth(give, table)


@given(amounts, st.sampled_from(CODES), tables, spreads)
def test_what_is_given_is_what_is_got_and_what_the_bank_earns(give, to, table, spread):
    assume(give.currency != to)
    deal = dealt(give, to, table, spread)
    assert deal.give == give
    assert deal.give_worth == deal.get_worth + deal.cost
    assert deal.cost.minor >= 0
    assert deal.get.minor > 0


@given(amounts, st.sampled_from(CODES), tables, spreads)
def test_getting_an_exact_amount_costs_at_least_what_it_is_worth_and_the_same_way_back_earns_nothing(
    get, give_in, table, spread
):
    assume(get.currency != give_in)
    try:
        deal = rules.deal_getting(get, give_in, table=table, spread_rate=spread, home="KES")
    except (rules.TooSmall, BadAmount):
        assume(False)
    assert deal.get == get
    assert worth(deal.give, table) >= worth(get, table)
    assert deal.cost.minor >= 0


@given(amounts, st.sampled_from(CODES), tables)
def test_the_spread_never_makes_a_better_price(give, to, table):
    assume(give.currency != to)
    assert dealt(give, to, table, Decimal("0.02")).get <= dealt(give, to, table, Decimal("0.01")).get


def test_a_price_as_a_person_would_work_it_out():
    table = {"KES": Decimal(1), "USD": Decimal("130"), "EUR": Decimal("143")}
    sold = rules.deal_giving(Money.of("100", "USD"), "KES", table=table, spread_rate=Decimal("0.015"), home="KES")
    assert (str(sold.get), str(sold.cost)) == ("KES 12,805.00", "KES 195.00")
    bought = rules.deal_getting(Money.of("100", "USD"), "KES", table=table, spread_rate=Decimal("0.015"), home="KES")
    assert (str(bought.give), str(bought.cost)) == ("KES 13,197.97", "KES 197.97")
    across = rules.deal_giving(Money.of("100", "EUR"), "USD", table=table, spread_rate=Decimal("0.015"), home="KES")
    assert (str(across.get), across.mid_rate) == ("USD 108.35", Decimal("1.1"))


def test_the_smallest_amounts_are_refused_or_cost_what_they_are_worth():
    table = {"KES": Decimal(1), "USD": Decimal("130")}
    with pytest.raises(rules.TooSmall):  # half-even alone would give a cent worth 1.30 for a shilling
        rules.deal_giving(Money.of("1", "KES"), "USD", table=table, spread_rate=Decimal("0.015"), home="KES")


def test_conversion_rounds_half_even():
    table = {"KES": Decimal(1), "USD": Decimal("2"), "UGX": Decimal("0.01")}
    assert str(rules.convert(Money(1, "KES"), "USD", table)) == "USD 0.00"
    assert str(rules.convert(Money(3, "KES"), "USD", table)) == "USD 0.02"
    assert str(rules.convert(Money.of("10", "USD"), "UGX", table)) == "UGX 2,000"


def test_an_amount_that_grows_past_every_payment_is_refused():
    table = {"KES": Decimal(1), "USD": Decimal("130"), "UGX": Decimal("0.001")}
    with pytest.raises(BadAmount):
        rules.convert(Money(10**15, "USD"), "KES", table)


def test_rates_are_said_the_way_people_say_them():
    assert rules.in_words("USD", "KES", Decimal("129.2")) == "1 USD = 129.2000 KES"
    assert rules.in_words("KES", "USD", Decimal("0.00773994")) == "1 USD = 129.2000 KES"


# ---- feeds ----


def body(**changes):
    said = {
        "result": "success",
        "time_last_update_unix": int(AT.timestamp()) - 600,
        "base_code": "USD",
        "conversion_rates": {"USD": 1, "KES": 129.25, "EUR": 0.9, "UGX": 3700, "XAU": "odd"},
    }
    return json.dumps({**said, **changes})


def table_of(text, at=AT):
    return rules.home_table(rules.read_feed(text), asked="USD", home="KES", wanted=["KES", *WANTED], at=at)


def test_a_sound_feed_becomes_home_units_for_one_of_each():
    assert table_of(body()) == {
        "USD": Decimal("129.2500000000"),
        "EUR": Decimal("143.6111111111"),
        "UGX": Decimal("0.0349324324"),
    }


def with_rate(code, raw):
    return body().replace(f'"{code}": ', f'"{code}": {raw}, "was_{code}": ')


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("<html><body>Service unavailable</body></html>", "NOT_JSON"),
        ("", "NOT_JSON"),
        ("[]", "NOT_JSON"),
        ("[" * 200_000, "NOT_JSON"),
        ('{"result": "success", "conversion_rates": {"USD": 1', "NOT_JSON"),
        (body(result="error", **{"error-type": "invalid-key"}), "ERROR"),
        (body(base_code="EUR"), "WRONG_BASE"),
        (body(base_code=7), "MISSING"),
        (with_rate("USD", "2"), "WRONG_BASE"),
        (body(conversion_rates={"USD": 1, "KES": 129.25, "EUR": 0.9}), "MISSING"),
        (body(conversion_rates={"USD": 1, "EUR": 0.9, "UGX": 3700}), "MISSING"),
        (body(conversion_rates=[1, 2]), "MISSING"),
        (with_rate("KES", "0"), "NOT_A_RATE"),
        (with_rate("EUR", "-0.9"), "NOT_A_RATE"),
        (with_rate("EUR", "NaN"), "NOT_A_RATE"),
        (with_rate("EUR", "Infinity"), "NOT_A_RATE"),
        (with_rate("EUR", "1e400"), "NOT_A_RATE"),
        (with_rate("EUR", "1e-30"), "NOT_A_RATE"),
        (with_rate("EUR", '"0.9"'), "NOT_A_RATE"),
        (with_rate("EUR", "true"), "NOT_A_RATE"),
        (with_rate("EUR", "null"), "NOT_A_RATE"),
        (body(time_last_update_unix=int(AT.timestamp()) - 80 * 3600), "OUTDATED"),
        (body(time_last_update_unix=int(AT.timestamp()) + 2 * 3600), "OUTDATED"),
        (body(time_last_update_unix=None), "OUTDATED"),
        (body(time_last_update_unix=10**30), "OUTDATED"),
        (body(time_last_update_unix=7).replace(": 7,", ": 1e999999999,"), "OUTDATED"),
    ],
)
def test_a_feed_that_is_odd_in_any_way_is_no_table(text, because):
    with pytest.raises(rules.BadFeed) as no:
        table_of(text)
    assert no.value.because == because


@given(st.text(max_size=60) | st.recursive(st.none() | st.floats() | st.text(max_size=5), st.lists).map(str))
def test_whatever_comes_is_a_bad_feed_and_never_another_error(text):
    with pytest.raises(rules.BadFeed):
        table_of(text)


def test_a_jump_up_or_down_is_refused_and_a_step_is_not():
    old = {"USD": Decimal("130")}
    for rate in ("143", "117"):
        rules.require_no_jump({"USD": Decimal(rate)}, old, most=Decimal("0.10"))
    for rate in ("143.01", "116.99", "1.30"):
        with pytest.raises(rules.BadFeed, match="USD"):
            rules.require_no_jump({"USD": Decimal(rate)}, old, most=Decimal("0.10"))
    rules.require_no_jump({"ZAR": Decimal("7")}, old, most=Decimal("0.10"))


def test_a_feed_of_the_day_before_yesterday_is_still_believed():
    table_of(body(time_last_update_unix=int((AT - timedelta(hours=71)).timestamp())))
