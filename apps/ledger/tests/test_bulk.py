"""Posting many at once: the same rules and results as one by one."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.errors import AccountClosedForPosting, BrokenBooks, InsufficientFunds, PeriodClosed, ReferenceReused
from apps.ledger.models import Period, Transfer
from apps.ledger.operations import Posting
from apps.ledger.rules.legs import Leg
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in
from apps.ledger.tests.test_post import refused

pytestmark = pytest.mark.django_db


def payment(reference, payer, payee, amount, **more):
    legs = [ledger.debit(payer, amount), ledger.credit(payee, amount)]
    return Posting(reference=reference, kind="SALARY", narrative="Salary", legs=legs, **more)


def test_pays_many_in_their_order():
    employer, staff = open_wallet(100), [open_wallet() for _ in range(4)]
    posted = ledger.post_many(
        [payment(f"salary/{nth}", employer, one, kes(10)) for nth, one in enumerate(staff)], at=NOON
    )
    assert [one.entries[0].balance_after for one in posted] == [9000, 8000, 7000, 6000]
    assert [one.entries[0].seq for one in posted] == [2, 3, 4, 5]
    assert [one.transfer_id for one in posted] == sorted(one.transfer_id for one in posted)
    assert [posted_in(one) for one in staff] == [kes(10)] * 4
    assert_books_balance()


def test_costs_the_same_queries_for_two_as_for_a_thousand(django_assert_num_queries):
    employer, staff = open_wallet(10_000), [open_wallet() for _ in range(10)]
    for count in (2, 1000):
        postings = [payment(f"s/{count}/{nth}", employer, staff[nth % 10], kes(1)) for nth in range(count)]
        with django_assert_num_queries(5):  # BEGIN or SAVEPOINT twice and back, one call
            ledger.post_many(postings, at=NOON)
    assert_books_balance()


def test_takes_nothing_for_an_empty_list():
    assert ledger.post_many([], at=NOON) == []


def test_pays_out_of_what_came_in_earlier_in_the_list():
    source, middle, end = open_wallet(10), open_wallet(), open_wallet()
    ledger.post_many([payment("1", source, middle, kes(10)), payment("2", middle, end, kes(10))], at=NOON)
    assert posted_in(end) == kes(10)
    assert_books_balance()


def test_refuses_them_all_when_one_on_the_way_is_short():
    source, middle, end = open_wallet(10), open_wallet(), open_wallet()
    postings = [payment("1", middle, end, kes(10)), payment("2", source, middle, kes(10))]
    no = refused(InsufficientFunds, lambda: ledger.post_many(postings, at=NOON))
    assert no.facts == {
        "available": {"amount": "0.00", "currency": "KES"},
        "needed": {"amount": "10.00", "currency": "KES"},
        "reference": "1",
    }


def test_refuses_across_chunks():
    employer, staff = open_wallet(25), [open_wallet() for _ in range(3)]
    postings = [payment(f"s/{nth}", employer, one, kes(10)) for nth, one in enumerate(staff)]
    no = refused(InsufficientFunds, lambda: ledger.post_many(postings, at=NOON, chunk=2))
    assert no.facts["reference"] == "s/2"


def test_replays_what_is_there_and_posts_the_rest():
    employer, staff = open_wallet(100), [open_wallet() for _ in range(3)]
    first = pay(employer, staff[0], kes(10), reference="s/0")
    legs = [ledger.debit(employer, kes(10)), ledger.credit(staff[0], kes(10))]
    there = Posting(reference="s/0", kind="TEST_PAYMENT", narrative="", legs=legs)
    rest = [payment(f"s/{nth}", employer, staff[nth], kes(10)) for nth in (1, 2)]
    posted = ledger.post_many([there, *rest], at=NOON)
    assert [one.is_replay for one in posted] == [True, False, False]
    assert (posted[0].transfer_id, posted[0].entries) == (first.transfer_id, first.entries)
    again = ledger.post_many([there, *rest], at=NOON)
    assert [one.is_replay for one in again] == [True] * 3
    assert posted_in(employer) == kes(70)
    assert_books_balance()


def test_a_reference_that_comes_twice_posts_once():
    employer, one = open_wallet(100), open_wallet()
    posting = payment("s/1", employer, one, kes(10))
    posted = ledger.post_many([posting, posting], at=NOON)
    assert [result.is_replay for result in posted] == [False, True]
    assert posted_in(one) == kes(10)
    other = payment("s/1", employer, one, kes(11))
    refused(ReferenceReused, lambda: ledger.post_many([posting, other], at=NOON))
    refused(ReferenceReused, lambda: ledger.post_many([other], at=NOON))


def test_keeps_to_blocks_and_periods():
    employer, one = open_wallet(100), open_wallet()
    ledger.block_account(one, at=NOON)
    refused(AccountClosedForPosting, lambda: ledger.post_many([payment("s/1", employer, one, kes(1))], at=NOON))
    ledger.unblock_account(one, at=NOON)
    Period.objects.create(name="2026-02", first_on=date(2026, 2, 1), last_on=date(2026, 2, 28), status="CLOSED")
    late = payment("s/2", employer, one, kes(1), booked_on=date(2026, 2, 28))
    refused(PeriodClosed, lambda: ledger.post_many([late], at=NOON))
    ledger.post_many([payment("s/3", employer, one, kes(1), at=NOON + timedelta(days=1))], at=NOON)
    assert Transfer.objects.get(reference="s/3").booked_on == date(2026, 3, 3)


def test_crashes_on_an_account_of_another_currency():
    payer, payee = open_wallet(100), open_wallet(currency="USD")
    legs = [ledger.debit(payer, kes(1)), Leg(payee.id, -100, "KES")]
    posting = Posting(reference="x", kind="X", narrative="", legs=legs)
    refused(BrokenBooks, lambda: ledger.post_many([posting], at=NOON))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 6000)), min_size=1, max_size=3),
        min_size=1,
        max_size=8,
    )
)
def test_does_what_posting_one_by_one_does(payments):
    def tried(name, post):
        """What came of it: the balances after each leg, or which reference was refused."""
        wallets = [open_wallet(50) for _ in range(3)]
        accounts = [*(wallet.id for wallet in wallets), ledger.gl("fees:transfer", "KES").id]
        postings = [
            Posting(
                reference=f"{name}/{wallets[0].id}/{nth}",
                kind="X",
                narrative="",
                legs=[
                    leg
                    for payer, payee, minor in moves
                    for leg in (Leg(accounts[payer], minor, "KES"), Leg(accounts[payee], -minor, "KES"))
                ],
            )
            for nth, moves in enumerate(payments)
        ]
        try:
            with transaction.atomic():
                posted = post(postings)
        except InsufficientFunds as no:
            return "refused", no.facts["available"], no.facts["needed"], accounts.index(no.account_id)
        return [[(one.balance_after, one.seq, one.leg) for one in result.entries] for result in posted]

    def singly(postings):
        return [
            ledger.post(reference=one.reference, kind=one.kind, narrative="", legs=one.legs, at=NOON)
            for one in postings
        ]

    alone = tried("single", singly)
    together = tried("bulk", lambda postings: ledger.post_many(postings, at=NOON))
    if alone[0] == "refused":
        assert together[0] == "refused"
    else:
        assert together == alone
    assert_books_balance()


AWKWARD = ['"', "\\", "NULL", "{}", "a,b", "", " ", "'", "ñ ✓", "\n\t", 'x"y\\"z']


def test_writes_every_text_down_as_it_is():
    payer, payee = open_wallet(1000), open_wallet()
    postings = [
        Posting(
            reference=f"ref {text} {nth}",
            kind="X",
            narrative=text,
            legs=[ledger.debit(payer, kes(1)), ledger.credit(payee, kes(1))],
            details={"said": text} if nth % 2 else None,
        )
        for nth, text in enumerate(AWKWARD)
    ]
    posted = ledger.post_many(postings, at=NOON)
    for posting, result in zip(postings, posted, strict=True):
        row = Transfer.objects.get(pk=result.transfer_id)
        assert (row.reference, row.narrative, row.details) == (posting.reference, posting.narrative, posting.details)
    assert all(result.is_replay for result in ledger.post_many(postings, at=NOON))
    assert_books_balance()


def interest(wallets, minor=7, **more):
    asked = {"reference": "interest/1", "kind": "INTEREST", "narrative": "Interest", "against": "interest:deposits"}
    return ledger.credit_each({one.id: minor for one in wallets}, **{**asked, "currency": "KES", "at": NOON, **more})


def test_credits_each_of_many_in_a_transfer_of_its_own(django_assert_num_queries):
    wallets = [open_wallet(nth) for nth in range(1, 21)]
    ledger.gl("interest:deposits", "KES")
    with django_assert_num_queries(5):
        paid = interest(wallets, details={"rate": "0.07"})
    assert [(one.account_id, one.amount_minor) for one in paid] == [(wallet.id, -7) for wallet in wallets]
    assert [one.balance_after for one in paid] == [nth * 100 + 7 for nth in range(1, 21)]
    transfer = Transfer.objects.get(reference=f"interest/1/{wallets[3].id}")
    assert transfer.pk == paid[3].transfer_id
    assert (transfer.kind, transfer.narrative, transfer.details) == ("INTEREST", "Interest", {"rate": "0.07"})
    assert posted_in(ledger.gl("interest:deposits", "KES").id).minor == 140
    assert_books_balance()


def test_debits_each_and_refuses_all_when_one_is_short():
    wallets = [open_wallet(1) for _ in range(5)]
    asked = {"kind": "FEE", "narrative": "", "against": "fees:maintenance", "currency": "KES", "at": NOON}
    minors = {wallet.id: 100 for wallet in wallets}
    no = refused(
        InsufficientFunds, lambda: ledger.debit_each({**minors, wallets[2].id: 101}, reference="fee/1", **asked)
    )
    assert no.facts["reference"] == f"fee/1/{wallets[2].id}"
    assert len(ledger.debit_each(minors, reference="fee/1", **asked, chunk=2)) == 5
    assert posted_in(ledger.gl("fees:maintenance", "KES").id) == kes(5)
    assert_books_balance()


def test_pays_each_once_and_those_who_were_missing():
    wallets = [open_wallet() for _ in range(6)]
    assert len(interest(wallets[:3])) == 3
    assert [one.account_id for one in interest(wallets, chunk=4)] == [wallet.id for wallet in wallets[3:]]
    assert interest(wallets) == []
    refused(ReferenceReused, lambda: interest(wallets, minor=8))
    assert {posted_in(wallet).minor for wallet in wallets} == {7}


def test_credits_each_against_a_locked_account_and_a_derived_one_among_them():
    """What is not the usual case goes the long way, with the same answer."""
    payer, wallets = open_wallet(1), [open_wallet(nth) for nth in (3, 1, 2)]
    paid = interest(wallets, against=payer)
    assert [(one.account_id, one.balance_after, one.seq) for one in paid] == [
        (wallet.id, nth * 100 + 7, 2) for wallet, nth in zip(wallets, (3, 1, 2), strict=True)
    ]
    assert posted_in(payer).minor == 100 - 3 * 7
    fees = ledger.gl("fees:transfer", "KES")
    paid = interest([*reversed(wallets), fees], reference="interest/2")
    assert [one.balance_after for one in paid] == [214, 114, 314, None]
    assert_books_balance()


def test_answers_in_the_order_asked_whatever_the_accounts():
    wallets = [open_wallet(nth) for nth in range(1, 6)]
    asked = [wallets[nth] for nth in (4, 0, 3, 1, 2)]
    paid = interest(asked)
    assert [one.balance_after for one in paid] == [507, 107, 407, 207, 307]
    assert [one.transfer_id for one in paid] == sorted(one.transfer_id for one in paid)
    for one in paid:
        assert Transfer.objects.get(pk=one.transfer_id).reference == f"interest/1/{one.account_id}"


def test_refuses_each_when_one_is_blocked_or_the_day_is_closed():
    wallets = [open_wallet(1) for _ in range(3)]
    ledger.block_account(wallets[1], at=NOON)
    refused(AccountClosedForPosting, lambda: interest(wallets))
    ledger.unblock_account(wallets[1], at=NOON)
    Period.objects.create(name="2026-02", first_on=date(2026, 2, 1), last_on=date(2026, 2, 28), status="CLOSED")
    refused(PeriodClosed, lambda: interest(wallets, booked_on=date(2026, 2, 28)))
    assert {posted_in(wallet).minor for wallet in wallets} == {100}
    assert_books_balance()


@pytest.mark.parametrize("booked_on", [None, date(2026, 2, 28)])
def test_is_the_same_posting_as_one_by_one(booked_on):
    wallets = [open_wallet() for _ in range(2)]
    paid = interest(wallets, booked_on=booked_on)
    for wallet, each in zip(wallets, paid, strict=True):
        legs = [ledger.credit(wallet, Money(7, "KES")), ledger.debit("interest:deposits", Money(7, "KES"))]
        again = ledger.post(
            reference=f"interest/1/{wallet.id}", kind="INTEREST", narrative="", legs=legs, booked_on=booked_on, at=NOON
        )
        assert (again.is_replay, again.transfer_id) == (True, each.transfer_id)


def test_takes_no_amounts_of_nothing_or_of_two_signs():
    wallets = [open_wallet(1) for _ in range(2)]
    assert (
        ledger.credit_each({}, reference="x", kind="X", narrative="", against="1040-KES", currency="KES", at=NOON) == []
    )
    for minors in ((0, 5), (5, -5)):
        with pytest.raises(ledger.Unbalanced):
            ledger.debit_each(
                dict(zip([one.id for one in wallets], minors, strict=True)),
                reference="x",
                kind="X",
                narrative="",
                against="1040-KES",
                currency="KES",
                at=NOON,
            )
