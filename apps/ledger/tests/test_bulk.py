"""Posting many at once: the same rules and results as one by one."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
