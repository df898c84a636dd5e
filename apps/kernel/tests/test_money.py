"""Money never loses a minor unit, and nothing but money becomes money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.money import DECIMALS, LARGEST, BadAmount, CurrencyMismatch, Money, UnknownCurrency, total

minors = st.integers(-LARGEST, LARGEST)
currencies = st.sampled_from(sorted(DECIMALS))


@given(minors, currencies, st.integers(1, 500))
def test_splitting_keeps_every_minor_unit_and_differs_by_at_most_one(minor, currency, parts):
    shares = Money(minor, currency).split(parts)
    assert total(shares, currency) == Money(minor, currency)
    assert max(shares).minor - min(shares).minor <= 1


@given(minors, currencies)
def test_reads_back_what_it_writes(minor, currency):
    money = Money(minor, currency)
    assert Money.of(f"{money.amount:f}", currency) == money


@given(minors, minors, currencies)
def test_adds_and_subtracts_like_whole_numbers(one, other, currency):
    assert (Money(one, currency) + Money(other, currency) - Money(other, currency)).minor == one


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1,500",
        "1.234",
        "1e30",
        "1E2",
        "NaN",
        "Infinity",
        "-Infinity",
        "٣٤٥",
        "１２",
        "1_000",
        "0x10",
        "1 000",
        "--1",
        "1.",
        ".5",
        "1.5.5",
        "9" * 19,
        "5\u0000",
        "5\n",
        "\u202e5",
        "5️⃣",
        "KES 5",
    ],
)
def test_refuses_what_is_not_an_amount(text):
    with pytest.raises(BadAmount):
        Money.of(text, "KES")


@pytest.mark.parametrize("given_", [1.5, float("nan"), True, None, [], b"5"])
def test_refuses_floats_and_other_things(given_):
    with pytest.raises(TypeError):
        Money.of(given_, "KES")


def test_refuses_a_float_of_minor_units():
    with pytest.raises(TypeError):
        Money(1.0, "KES")


def test_refuses_three_decimals_of_shillings_and_takes_eight_of_bitcoin():
    with pytest.raises(BadAmount):
        Money.of("0.001", "KES")
    assert Money.of("0.00000001", "BTC").minor == 1


def test_refuses_an_amount_no_book_could_hold():
    with pytest.raises(BadAmount):
        Money.of(str(LARGEST), "KES")


def test_refuses_unknown_currencies_and_mixing_them():
    with pytest.raises(UnknownCurrency):
        Money.of("1", "XXX")
    with pytest.raises(CurrencyMismatch):
        Money.of("1", "KES") + Money.of("1", "USD")
    with pytest.raises(CurrencyMismatch):
        Money.of("1", "KES") < Money.of("1", "USD")  # noqa: B015 the comparison itself is refused


@pytest.mark.parametrize(
    ("minor", "rate", "expected"), [(5, "0.5", 2), (15, "0.5", 8), (25, "0.1", 2), (-5, "0.5", -2)]
)
def test_rounds_half_to_even(minor, rate, expected):
    assert Money(minor, "KES").times(Decimal(rate)).minor == expected
