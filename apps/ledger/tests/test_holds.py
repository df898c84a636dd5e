"""Money set aside: authorise, capture, release, expire."""

from datetime import timedelta

import pytest

from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import (
    AccountClosedForPosting,
    AccountNotEmpty,
    BelowFloor,
    BrokenBooks,
    HoldExceeded,
    HoldNotOpen,
    InsufficientFunds,
    ReferenceReused,
)
from apps.ledger.models import Hold
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in
from apps.ledger.tests.test_post import refused

pytestmark = pytest.mark.django_db


def hold(wallet, amount, reference="holds/1", **more):
    return ledger.hold(reference=reference, account=wallet, amount=amount, at=NOON, **more)


def capture(held, reference="captures/1", **more):
    return ledger.capture(held, reference=reference, at=NOON, **more)


def in_wallet(wallet):
    found = books.balance(wallet.id)
    return found.posted, found.held, found.available


def test_sets_money_aside_and_leaves_it_there():
    wallet = open_wallet(100)
    held = hold(wallet, kes(70))
    assert in_wallet(wallet) == (kes(100), kes(70), kes(30))
    assert [(one.id, one.left) for one in books.open_holds([wallet.id])] == [(held.id, kes(70))]
    assert_books_balance()


def test_six_holds_of_1000_do_not_fit_in_5000():
    wallet = open_wallet(5000)
    for nth in range(5):
        hold(wallet, kes(1000), f"h/{nth}")
    no = refused(InsufficientFunds, lambda: hold(wallet, kes(1000), "h/5"))
    assert no.facts["available"]["amount"] == "0.00"


def test_does_not_let_held_money_leave():
    wallet, payee = open_wallet(100), open_wallet()
    hold(wallet, kes(70))
    no = refused(InsufficientFunds, lambda: pay(wallet, payee, kes(31)))
    assert no.facts["available"]["amount"] == "30.00"
    postings = [
        ledger.Posting(
            reference="b", kind="X", narrative="", legs=[ledger.debit(wallet, kes(31)), ledger.credit(payee, kes(31))]
        )
    ]
    refused(InsufficientFunds, lambda: ledger.post_many(postings, at=NOON))
    pay(wallet, payee, kes(30))


def test_holds_once_per_reference():
    wallet = open_wallet(100)
    held = hold(wallet, kes(70))
    again = hold(wallet, kes(70), expires_at=NOON)
    assert (again.id, again.is_replay, held.is_replay) == (held.id, True, False)
    refused(ReferenceReused, lambda: hold(wallet, kes(10)))
    refused(ReferenceReused, lambda: hold(open_wallet(100, code="other"), kes(70)))
    assert in_wallet(wallet)[1] == kes(70)


def test_gives_a_hold_back_that_no_longer_fits():
    wallet = open_wallet(100)
    held = hold(wallet, kes(100))
    assert hold(wallet, kes(100)).id == held.id


def test_captures_it_all_by_default():
    wallet, shop = open_wallet(100), open_wallet()
    held = hold(wallet, kes(70))
    posted = capture(held, to=shop, kind="CARD", narrative="Shop")
    assert in_wallet(wallet) == (kes(30), kes(0), kes(30))
    assert posted_in(shop) == kes(70)
    assert Hold.objects.get().status == "CAPTURED"
    again = capture(held, to=shop, kind="CARD", narrative="Shop")
    assert (again.is_replay, again.transfer_id, again.entries) == (True, posted.transfer_id, posted.entries)
    assert_books_balance()


def test_captures_a_part_and_releases_the_rest():
    wallet, shop = open_wallet(100), open_wallet()
    capture(hold(wallet, kes(70)), to=shop, amount=kes(20))
    assert in_wallet(wallet) == (kes(80), kes(0), kes(80))
    row = Hold.objects.get()
    assert (row.status, row.captured, row.ended_at) == ("CAPTURED", kes(20), NOON)
    assert_books_balance()


def test_captures_in_several_parts():
    wallet, shop = open_wallet(100), open_wallet()
    held = hold(wallet, kes(70))
    capture(held, "c/1", to=shop, amount=kes(20), final=False)
    assert in_wallet(wallet) == (kes(80), kes(50), kes(30))
    assert capture(held, "c/1", to=shop, amount=kes(20), final=False).is_replay
    assert_books_balance()
    no = refused(HoldExceeded, lambda: capture(held, "c/2", to=shop, amount=kes(51)))
    assert (no.status, no.facts["left"]["amount"]) == (422, "50.00")
    capture(held, "c/2", to=shop, amount=kes(50), final=False)
    assert Hold.objects.get().status == "CAPTURED"
    assert_books_balance()


def test_captures_with_a_fee_out_of_the_hold():
    wallet, shop = open_wallet(100), open_wallet()
    held = hold(wallet, kes(100))
    legs = [ledger.debit(wallet, kes(100)), ledger.credit(shop, kes(97)), ledger.credit("fees:card", kes(3))]
    posted = capture(held, legs=legs)
    assert len(posted.entries) == 3
    assert in_wallet(wallet) == (kes(0), kes(0), kes(0))
    assert_books_balance()


def test_takes_what_is_over_the_hold_from_what_is_available():
    wallet, shop = open_wallet(100), open_wallet()
    held = hold(wallet, kes(70))
    legs = [ledger.debit(wallet, kes(80)), ledger.credit(shop, kes(80))]
    capture(held, legs=legs, amount=kes(70))
    assert in_wallet(wallet) == (kes(20), kes(0), kes(20))
    assert_books_balance()


def test_refuses_legs_over_the_hold_that_the_rest_does_not_cover():
    wallet, shop = open_wallet(100), open_wallet()
    held = hold(wallet, kes(70))
    hold(wallet, kes(25), "other")
    legs = [ledger.debit(wallet, kes(80)), ledger.credit(shop, kes(80))]
    refused(InsufficientFunds, lambda: capture(held, legs=legs, amount=kes(70)))
    assert Hold.objects.get(pk=held.id).status == "OPEN"


def test_refuses_a_capture_under_a_used_reference():
    wallet, shop = open_wallet(100), open_wallet()
    pay(wallet, shop, kes(1), reference="taken")
    held = hold(wallet, kes(50))
    refused(ReferenceReused, lambda: capture(held, "taken", to=shop))


def test_releases_once_and_does_not_mind_twice():
    wallet = open_wallet(100)
    held = hold(wallet, kes(70))
    assert ledger.release(held, at=NOON)
    assert not ledger.release(held, at=NOON)
    assert in_wallet(wallet) == (kes(100), kes(0), kes(100))
    refused(HoldNotOpen, lambda: capture(held, to=open_wallet(code="s")))
    assert_books_balance()


def test_does_not_release_what_was_captured():
    wallet, shop = open_wallet(100), open_wallet()
    held = hold(wallet, kes(70))
    capture(held, to=shop)
    no = refused(HoldNotOpen, lambda: ledger.release(held, at=NOON))
    assert (no.status, no.facts["hold_status"]) == (409, "CAPTURED")
    refused(HoldNotOpen, lambda: capture(held, "c/2", to=shop))


def test_expires_what_is_due_and_only_that():
    wallet, shop = open_wallet(1000), open_wallet()
    due = [hold(wallet, kes(10), f"due/{nth}", expires_at=NOON) for nth in range(5)]
    hold(wallet, kes(100), "later", expires_at=NOON + timedelta(seconds=1))
    hold(wallet, kes(200), "never")
    capture(due[0], "part", to=shop, amount=kes(4), final=False)
    assert ledger.expire_holds(at=NOON - timedelta(seconds=1)) == []
    assert set(ledger.expire_holds(at=NOON)) == {one.id for one in due}
    assert in_wallet(wallet) == (kes(996), kes(300), kes(696))
    refused(HoldNotOpen, lambda: capture(due[0], to=shop))
    assert not ledger.release(due[0], at=NOON)
    assert_books_balance()


def test_expires_a_limited_number_at_a_time():
    wallet = open_wallet(1000)
    for nth in range(5):
        hold(wallet, kes(10), f"due/{nth}", expires_at=NOON)
    assert [len(ledger.expire_holds(at=NOON, limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_holds_money_of_a_till_as_well():
    till = ledger.open_account(code="till/9", name="T", kind="ASSET", currency="KES", parent_code="1020-KES", at=NOON)
    wallet = open_wallet(50)
    legs = [ledger.debit(till, kes(30)), ledger.credit(wallet, kes(30))]
    ledger.post(reference="in", kind="CASH", narrative="", legs=legs, at=NOON)
    held = hold(till, kes(30))
    refused(InsufficientFunds, lambda: hold(till, kes(1), "h/2"))
    ledger.release(held, at=NOON)
    held = hold(till, kes(30), "h/3")
    capture(held, to=wallet)
    assert posted_in(till) == kes(0)
    assert posted_in(wallet) == kes(50)
    assert_books_balance()


def test_refuses_accounts_that_cannot_hold():
    refused(BrokenBooks, lambda: hold("1040-KES", kes(1)))
    refused(BrokenBooks, lambda: hold(10**15, kes(1)))
    wallet = open_wallet(10)
    with pytest.raises(ledger.Unbalanced):
        hold(wallet, kes(0))
    ledger.block_account(wallet, at=NOON)
    refused(AccountClosedForPosting, lambda: hold(wallet, kes(1)))


def test_keeps_an_account_open_while_money_is_in_it():
    wallet, payee = open_wallet(10), open_wallet()
    refused(AccountNotEmpty, lambda: ledger.close_account(wallet, at=NOON))
    held = hold(wallet, kes(10))
    pay(open_wallet(5), wallet, kes(5))
    refused(BelowFloor, lambda: ledger.set_floor(wallet, kes(6), at=NOON))
    capture(held, to=payee)
    pay(wallet, payee, kes(5))
    ledger.close_account(wallet, at=NOON)
    ledger.close_account(wallet, at=NOON)
    refused(AccountClosedForPosting, lambda: pay(payee, wallet, kes(1)))
    refused(AccountClosedForPosting, lambda: ledger.unblock_account(wallet, at=NOON))


def test_closes_an_empty_account_of_the_bank():
    account = ledger.open_account(
        code="4990-KES", name="Raffle", kind="INCOME", currency="KES", mode="DERIVED", parent_code="4000-KES", at=NOON
    )
    assert account.id == 4_044_990
    wallet = open_wallet(10)
    pay(wallet, account, kes(1))
    refused(AccountNotEmpty, lambda: ledger.close_account(account, at=NOON))
    ledger.post(
        reference="back",
        kind="X",
        narrative="",
        legs=[ledger.debit(account, kes(1)), ledger.credit(wallet, kes(1))],
        at=NOON,
    )
    ledger.close_account(account, at=NOON)
    refused(AccountClosedForPosting, lambda: pay(wallet, account, kes(1)))
