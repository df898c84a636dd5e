"""An amount is read as people write it, and what is not one is refused, never guessed at."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.money import LARGEST, BadAmount, Money
from apps.portals.amounts import read_amount, typed

AMOUNTS = st.integers(min_value=0, max_value=LARGEST).map(lambda minor: Money(minor, "KES"))


@given(AMOUNTS)
def test_reads_back_what_it_shows(amount):
    assert read_amount(typed(amount)) == amount


@given(AMOUNTS, st.sampled_from(["{}", "KES {}", "kes{}", "Ksh {}", "KSh. {}", "{}/=", " {} ", "KES\u00a0{}"]))
def test_minds_neither_the_currency_nor_spaces_around(amount, how):
    assert read_amount(how.format(f"{amount.amount:f}")) == amount


@given(st.integers(min_value=1, max_value=10**9))
def test_thousands_may_be_grouped_or_not(shillings):
    wanted = Money(shillings * 100, "KES")
    assert {
        read_amount(f"{shillings:,}"),
        read_amount(str(shillings)),
        read_amount(f"{shillings:,}".replace(",", " ")),
    } == {wanted}


@given(st.integers(min_value=1, max_value=10**7))
def test_k_is_a_thousand(tenths):
    assert read_amount(f"{Decimal(tenths) / 10}k") == Money(tenths * 10_000, "KES")


@given(st.text(max_size=20))
def test_anything_else_is_an_amount_or_a_refusal_never_a_crash(text):
    with suppress(BadAmount):
        assert read_amount(text).minor >= 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-5",
        "+5",
        "1,50",
        "1.500,00",
        "1,2,3",
        "12.345",
        "1..5",
        "5e3",
        "٥٠٠",
        "½",
        "NaN",
        "1.234567k",
        "k",
        ".",
        "1,500.",
        "0x10",
        "1 00",
    ],
)
def test_refuses(text):
    with pytest.raises(BadAmount):
        read_amount(text)


def test_refuses_decimals_that_the_currency_lacks():
    with pytest.raises(BadAmount):
        read_amount("10.5", "UGX")
    assert read_amount("1.5k", "UGX") == Money(1500, "UGX")
