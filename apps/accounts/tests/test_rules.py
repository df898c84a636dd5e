"""Account numbers catch slips, statements add up, fees stay in bounds."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import rules
from apps.kernel.money import Money


@given(st.integers(0, 99_999_999))
def test_an_account_number_holds_together(serial):
    assert rules.is_account_number(rules.account_number("001", serial))


@given(st.integers(0, 99_999_999), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(serial, place, shift):
    number = rules.account_number("001", serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not rules.is_account_number(wrong)


@pytest.mark.parametrize("text", ["", "1", "00100000042", "0010000004270", "abcdefghijkl", "٠٠١٠٠٠٠٠٠٤٢٧"])
def test_what_is_no_account_number_is_none(text):
    assert not rules.is_account_number(text)


def test_no_phone_with_its_country_code_is_an_account_number():
    assert not any(rules.is_account_number(str(number)) for number in range(254712345900, 254712346000))
    with pytest.raises(ValueError, match="branch"):
        rules.account_number("254", 1)


def row(amount: int, balance: int) -> rules.Row:
    return rules.Row(date(2026, 1, 1), "x", "r", amount, balance)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-(10**6), 10**6).filter(bool), max_size=30))
def test_rows_that_run_on_add_up(opening, amounts):
    balance, rows = opening, []
    for amount in amounts:
        balance += amount
        rows.append(row(amount, balance))
    rules.check_rows(opening, rows, balance)
    with pytest.raises(rules.DoesNotAddUp):
        rules.check_rows(opening, rows, balance + 1)


def test_a_changed_row_is_caught():
    with pytest.raises(rules.DoesNotAddUp):
        rules.check_rows(0, [row(5, 5), row(5, 11)], 11)


def test_the_seal_changes_with_anything_a_statement_says():
    rows = [row(5, 5)]
    seal = rules.statement_seal("001", "KES", 0, 5, rows)
    assert seal == rules.statement_seal("001", "KES", 0, 5, rows)
    assert seal != rules.statement_seal("001", "KES", 0, 5, [row(5, 5), row(1, 6)])
    assert seal != rules.statement_seal("002", "KES", 0, 5, rows)


BANDS = [
    rules.Band(10_000, 0, Decimal(0)),
    rules.Band(100_000, 700, Decimal(0)),
    rules.Band(None, 1000, Decimal("0.01"), least_minor=2500, most_minor=15_000),
]


@pytest.mark.parametrize(
    ("amount", "fee"),
    [("100", "0"), ("100.01", "7"), ("1000", "7"), ("1000.01", "25"), ("2000", "30"), ("1000000", "150")],
)
def test_a_fee_is_what_the_band_of_the_amount_says(amount, fee):
    assert rules.fee(Money.of(amount, "KES"), BANDS) == Money.of(fee, "KES")


def test_above_the_last_band_there_is_no_fee_to_tell():
    assert rules.fee(Money.of("1001", "KES"), BANDS[:2]) is None


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_a_larger_amount_never_costs_less(one, other):
    low, high = (rules.fee(Money(minor, "KES"), BANDS) for minor in sorted([one, other]))
    assert low <= high


@pytest.mark.parametrize(
    "bands",
    [
        [],
        [rules.Band(None, 1, Decimal(0)), rules.Band(5, 1, Decimal(0))],
        [rules.Band(5, 1, Decimal(0)), rules.Band(5, 2, Decimal(0))],
        [rules.Band(0, 1, Decimal(0))],
        [rules.Band(5, -1, Decimal(0))],
        [rules.Band(5, 1, Decimal(1))],
        [rules.Band(5, 1, Decimal(0), least_minor=3, most_minor=2)],
    ],
)
def test_refuses_bands_that_do_not_hold_together(bands):
    with pytest.raises(rules.BadBands):
        rules.check_bands(bands)
