"""Corrections: a mirror, once, with a reason."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit_trail.models import AuditLog
from apps.ledger import operations as ledger
from apps.ledger.errors import (
    AccountClosedForPosting,
    AlreadyReversed,
    BrokenBooks,
    InsufficientFunds,
    PeriodClosed,
    ReferenceReused,
)
from apps.ledger.models import Entry, Period, Transfer
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in
from apps.ledger.tests.test_post import refused
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid():
    payer, payee = open_wallet(100), open_wallet()
    return payer, payee, pay(payer, payee, kes(60), reference="payments/1")


def reverse(transfer_id, **more):
    return ledger.reverse(**{"transfer_id": transfer_id, "reason": "Sent twice", "by": None, "at": NOON, **more})


def test_posts_the_mirror_and_links_it(paid):
    payer, payee, posted = paid
    officer = make_staff("BRANCH_MANAGER")
    back = reverse(posted.transfer_id, by=officer)
    assert (posted_in(payer), posted_in(payee)) == (kes(100), kes(0))
    transfer = Transfer.objects.get(pk=back.transfer_id)
    assert (transfer.reverses_id, transfer.kind, transfer.narrative) == (posted.transfer_id, "REVERSAL", "Sent twice")
    assert transfer.details == {"reason": "Sent twice", "by": officer.pk}
    record = AuditLog.objects.get(action="ledger.transfer.reversed")
    assert (record.actor_id, record.reason) == (officer.pk, "Sent twice")
    assert_books_balance()


def test_does_so_once(paid):
    _payer, _payee, posted = paid
    back = reverse(posted.transfer_id)
    assert reverse(posted.transfer_id).is_replay
    no = refused(AlreadyReversed, lambda: reverse(posted.transfer_id, reference="again"))
    assert (no.status, no.facts["reversed_by"]) == (409, back.transfer_id)
    assert AuditLog.objects.filter(action="ledger.transfer.reversed").count() == 1


def test_does_not_reverse_a_reversal(paid):
    _payer, _payee, posted = paid
    back = reverse(posted.transfer_id)
    no = refused(AlreadyReversed, lambda: reverse(back.transfer_id))
    assert no.facts["reverses"] == posted.transfer_id


def test_refuses_when_the_receiver_has_spent_it(paid):
    payer, payee, posted = paid
    pay(payee, payer, kes(1))
    refused(InsufficientFunds, lambda: reverse(posted.transfer_id))
    assert not AuditLog.objects.filter(action="ledger.transfer.reversed").exists()


def test_refuses_a_used_reference(paid):
    payer, payee, posted = paid
    pay(payer, payee, kes(1), reference="taken")
    refused(ReferenceReused, lambda: reverse(posted.transfer_id, reference="taken"))


def test_keeps_to_blocks_and_periods(paid):
    _payer, payee, posted = paid
    Period.objects.create(name="2026-02", first_on=date(2026, 2, 1), last_on=date(2026, 2, 28), status="CLOSED")
    refused(PeriodClosed, lambda: reverse(posted.transfer_id, booked_on=date(2026, 2, 10)))
    ledger.block_account(payee, at=NOON)
    refused(AccountClosedForPosting, lambda: reverse(posted.transfer_id))


def test_needs_a_transfer_and_a_reason(paid):
    _payer, _payee, posted = paid
    refused(ValueError, lambda: reverse(posted.transfer_id, reason=" "))
    refused(BrokenBooks, lambda: reverse(10**12))


def test_reverses_every_leg_and_currency():
    payer = open_wallet(100)
    legs = [ledger.debit(payer, kes(10)), ledger.credit("fees:transfer", kes(8)), ledger.credit("tax:excise", kes(2))]
    posted = ledger.post(reference="f", kind="FEE", narrative="", legs=legs, at=NOON)
    reverse(posted.transfer_id)
    assert posted_in(payer) == kes(100)
    assert posted_in(ledger.gl("tax:excise", "KES").id) == kes(0)
    assert_books_balance()


def posted_as_reversal(of, amounts, accounts, reference="forged"):
    """Calls the posting function itself, as anyone with the bank's role may."""
    sql = """SELECT transfer_id FROM ledger_post(%s, '\\x00'::bytea, 'REVERSAL', '', '{}'::jsonb, '2026-03-02'::date,
                 now(), %s::bigint[], %s::bigint[], '{KES,KES}'::text[], %s::bigint)"""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [reference, accounts, amounts, of])
        return cursor.fetchone()[0]


def test_lets_nothing_but_the_mirror_call_itself_a_reversal(paid):
    payer, payee, posted = paid
    legs = list(Entry.objects.filter(transfer_id=posted.transfer_id).order_by("leg"))
    accounts, amounts = [leg.account_id for leg in legs], [-leg.amount_minor for leg in legs]
    for wrong in ([amount // 2 for amount in amounts], [-amount // 3 for amount in amounts]):
        with pytest.raises(DatabaseError) as no:
            posted_as_reversal(posted.transfer_id, wrong, accounts)
        assert no.value.__cause__.sqlstate == "KB012"
    back = posted_as_reversal(posted.transfer_id, amounts, accounts)
    with pytest.raises(DatabaseError) as no:
        posted_as_reversal(back, [-amount for amount in amounts], accounts, "of a reversal")
    assert no.value.__cause__.sqlstate == "KB012"
    assert (posted_in(payer), posted_in(payee)) == (kes(100), kes(0))
    assert_books_balance()
