"""Transfers of more than two legs: an account that comes twice, an account with itself, two currencies."""

import pytest

from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in

pytestmark = pytest.mark.django_db


def test_takes_many_legs_and_the_same_account_twice():
    payer, payee = open_wallet(100), open_wallet()
    legs = [
        ledger.debit(payer, kes(100)),
        ledger.credit(payee, kes(120)),
        ledger.credit("fees:transfer", kes(5)),
        ledger.debit(payee, kes(30)),
        ledger.credit("fees:transfer", kes(2)),
        ledger.credit("tax:excise", kes(3)),
    ]
    posted = ledger.post(reference="many", kind="X", narrative="", legs=legs, at=NOON)
    by_leg = {one.leg: one for one in posted.entries}
    assert (by_leg[2].balance_after, by_leg[2].seq) == (12000, 1)
    assert (by_leg[4].balance_after, by_leg[4].seq) == (9000, 2)
    assert by_leg[3].balance_after is None
    assert posted_in(payee) == kes(90)
    assert posted_in(ledger.gl("fees:transfer", "KES").id) == kes(7)
    assert_books_balance()


def test_asks_of_an_account_that_comes_twice_only_the_difference():
    payer, payee = open_wallet(10), open_wallet()
    legs = [
        ledger.debit(payer, kes(100)),
        ledger.credit(payee, kes(5)),
        ledger.credit(payer, kes(95)),
    ]
    posted = ledger.post(reference="net", kind="X", narrative="", legs=legs, at=NOON)
    assert [one.balance_after for one in posted.entries] == [-9000, 500, 500]
    assert posted_in(payer) == kes(5)
    assert_books_balance()


def test_gives_the_stored_result_of_an_account_that_comes_twice():
    payer, payee, other = open_wallet(10), open_wallet(), open_wallet(1)
    legs = [
        ledger.credit(payee, kes(7)),
        ledger.debit(payer, kes(12)),
        ledger.credit(other, kes(1)),
        ledger.credit(payer, kes(4)),
    ]

    def post():
        return ledger.post(reference="twice", kind="X", narrative="", legs=legs, at=NOON)

    first = post()
    assert [one.balance_after for one in first.entries] == [700, -200, 200, 200]
    assert [one.seq for one in first.entries] == [1, 2, 2, 3]
    pay(payer, payee, kes(2))  # now the account no longer covers it
    again = post()
    assert (again.is_replay, again.entries) == (True, first.entries)
    assert (posted_in(payer), posted_in(payee), posted_in(other)) == (kes(0), kes(9), kes(2))
    assert_books_balance()


def test_moves_money_from_an_account_to_itself():
    wallet = open_wallet(10)
    posted = pay(wallet, wallet, kes(4))
    assert [(one.balance_after, one.seq) for one in posted.entries] == [(600, 2), (1000, 3)]
    assert_books_balance()


def test_changes_currencies_through_positions():
    shillings, dollars = open_wallet(13_000), open_wallet(currency="USD")
    usd = Money.of(100, "USD")
    ledger.post(
        reference="fx/1",
        kind="CONVERSION",
        narrative="KES to USD",
        legs=[
            ledger.debit(shillings, kes(13_000)),
            ledger.credit("fx:equivalent:USD", kes(12_800)),
            ledger.credit("fx:spread", kes(200)),
            ledger.debit("fx:position", usd),
            ledger.credit(dollars, usd),
        ],
        details={"rate": "128.00", "spread_rate": "0.0156"},
        at=NOON,
    )
    assert (posted_in(shillings), posted_in(dollars)) == (kes(0), usd)
    assert posted_in(ledger.gl("fx:equivalent:USD", "KES").id) == -kes(12_800)
    assert posted_in(ledger.gl("fx:position", "USD").id) == usd
    assert_books_balance()
