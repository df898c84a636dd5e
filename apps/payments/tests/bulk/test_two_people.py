"""Two people for a file of payments, proofs bound to what it pays, and rows that nobody changes any more."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts import operations as accounts
from apps.accounts.errors import LimitExceeded
from apps.accounts.models import LimitUse
from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.payments.errors import (
    RowsChanged,
    SecondPersonNeeded,
)
from apps.payments.models import BulkPayment, BulkRow
from apps.payments.testing import approve, bring, carried_on, proved, raise_tier, submit
from apps.payments.tests.bulk.firm import Firm, bulk_ops, make_business_sole, people_paid, states
from apps.users.errors import StepUpRequired
from apps.users.testing import make_business, make_customer, make_member


def test_members_may_do_what_their_role_allows_and_strangers_see_nothing(firm):
    _payees, rows = people_paid(1)
    viewer, stranger = make_member(firm.business, "VIEWER"), make_customer()
    with pytest.raises(NotAllowed):
        firm.bring(rows, by=viewer)
    with pytest.raises(NotFound):
        firm.bring(rows, by=stranger)
    with pytest.raises(NotFound):
        bring(make_account(stranger), rows, business=firm.business, by=firm.owner)
    with pytest.raises(NotFound):
        bring(firm.account, rows, by=firm.signatory)
    bulk = firm.waiting(rows)
    with pytest.raises(NotAllowed):
        bulk_ops.challenge(bulk=bulk, act="approve", by=viewer, at=now())
    with pytest.raises(NotFound):
        bulk_ops.approve(bulk=bulk, challenge_id=None, by=stranger, at=now())
    with pytest.raises(NotAllowed):
        bulk_ops.approve(bulk=bulk, challenge_id=None, by=firm.owner, at=now())
    assert set(BulkPayment.objects.visible_to(viewer)) == {bulk}
    assert not BulkPayment.objects.visible_to(stranger)
    assert balance_of(firm.account) == "100000.00"


def test_the_holder_of_the_account_is_always_one_of_the_two(firm):
    _payees, rows = people_paid(1)
    third = make_member(firm.business, "SIGNATORY")
    bulk = firm.bring(rows, by=firm.signatory)
    bulk = submit(bulk, by=firm.signatory)
    with pytest.raises(NotAllowed):
        bulk_ops.challenge(bulk=bulk, act="approve", by=third, at=now())
    assert approve(bulk, firm.owner).status == "RUNNING"


def test_the_database_keeps_a_maker_from_deciding(firm):
    bulk = firm.waiting(people_paid(1)[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkPayment.objects.filter(pk=bulk.pk).update(decided_by=firm.owner)


def test_proof_is_bound_to_the_batch_and_what_it_pays(firm):
    rows = people_paid(1)[1]
    one, other = firm.bring(rows), firm.bring(people_paid(1)[1])
    for challenge in (None, proved(other, "submit", firm.owner)):
        with pytest.raises(StepUpRequired):
            bulk_ops.submit(bulk=one, challenge_id=challenge, by=firm.owner, at=now())
    one.refresh_from_db()
    assert one.status == "CHECKED"


@pytest.mark.django_db
def test_a_company_with_one_signer_needs_another_and_a_sole_trader_pays_alone():
    owner = raise_tier(make_customer(), "TIER_2")
    account = make_account(owner, balance="5000")
    payees, rows = people_paid(1)
    with pytest.raises(SecondPersonNeeded):
        submit(bring(account, rows, business=make_business(owner)))
    sole = make_business_sole(owner)
    bulk = submit(bring(account, rows, business=sole))
    assert (bulk.eyes, bulk.status, bulk.decided_by) == ("OWN", "RUNNING", None)
    assert carried_on(bulk).status == "DONE"
    assert balance_of(payees[0]) == "1000.00"
    assert LimitUse.objects.get(user=owner).used_minor == 100_000
    assert_books_balance()


@pytest.mark.django_db
def test_alone_the_limits_of_the_tier_hold_for_each_and_for_all():
    payer = make_account(balance="200000")
    bulk = bring(payer, people_paid(1, "50000.01")[1])
    assert states(bulk) == [("BAD", "OVER_SINGLE_LIMIT")]
    bulk = bring(payer, people_paid(3, "40000")[1])
    with pytest.raises(LimitExceeded):
        submit(bulk)
    bulk.refresh_from_db()
    assert (bulk.status, balance_of(payer)) == ("CHECKED", "200000.00")
    assert not LimitUse.objects.exists()
    assert_books_balance()


@pytest.mark.django_db
def test_alone_what_comes_back_counts_on_the_days_limit_no_more():
    payer = make_account(balance="10000")
    payees, rows = people_paid(2)
    bulk = submit(bring(payer, rows))
    assert LimitUse.objects.get(user=payer.owner).used_minor == 200_000
    accounts.close(account=payees[0], by=payees[0].owner, at=now())
    assert carried_on(bulk).status == "PARTLY_FAILED"
    assert (balance_of(payer), LimitUse.objects.get(user=payer.owner).used_minor) == ("9000.00", 100_000)
    assert_books_balance()


def test_rows_of_a_submitted_batch_cannot_be_changed_added_or_taken_away(firm):
    bulk = firm.waiting(people_paid(1)[1])
    row = bulk.rows.get()
    other = make_account()
    for act in (
        lambda: BulkRow.objects.filter(pk=row.pk).update(amount_minor=1),
        lambda: BulkRow.objects.filter(pk=row.pk).update(to_account=other),
        lambda: BulkRow.objects.filter(pk=row.pk).delete(),
        lambda: BulkRow.objects.create(bulk=bulk, number=99, currency="KES", error="PAYEE_MISSING"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_what_was_tampered_with_behind_the_database_does_not_run(firm):
    bulk = firm.waiting(people_paid(1)[1])
    proof = proved(bulk, "approve", firm.signatory)
    other = make_account()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE payments_bulkrow DISABLE TRIGGER USER")  # as whoever owns the table could
        cursor.execute("UPDATE payments_bulkrow SET to_account_id = %s WHERE bulk_id = %s", [other.pk, bulk.pk])
        cursor.execute("ALTER TABLE payments_bulkrow ENABLE TRIGGER USER")
    with pytest.raises(RowsChanged):
        bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now())
    assert balance_of(firm.account) == "100000.00"


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_approve_it_once_and_many_workers_pay_it_once(settings):
    settings.BULK_CHUNK = 1
    firm = Firm()
    third = make_member(firm.business, "OWNER")
    payees, rows = people_paid(4)
    bulk = firm.waiting(rows)
    proofs = {one: proved(bulk, "approve", one) for one in (firm.signatory, third)}
    results = at_once(
        *(
            lambda who=who, proof=proof: bulk_ops.approve(bulk=bulk, challenge_id=proof, by=who, at=now())
            for who, proof in proofs.items()
        )
    )
    assert [type(one) for one in refusals(results)] == [IllegalMove]
    assert balance_of(firm.account) == "96000.00"
    at_once(*[lambda: bulk_ops.carry_on(bulk_id=bulk.pk, at=now())] * 4)
    bulk.refresh_from_db()
    assert (bulk.status, [balance_of(one) for one in payees]) == ("DONE", ["1000.00"] * 4)
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_cancelled_or_approved_never_both():
    firm = Firm()
    bulk = firm.waiting(people_paid(1)[1])
    proof = proved(bulk, "approve", firm.signatory)
    at_once(
        lambda: bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now()),
        lambda: bulk_ops.cancel(bulk=bulk, by=firm.owner, at=now()),
    )
    bulk.refresh_from_db()
    left = {"RUNNING": "99000.00", "CANCELLED": "100000.00"}
    assert balance_of(firm.account) == left[bulk.status]
    assert_books_balance()


def test_can_be_rejected_with_a_reason_or_cancelled_and_then_nothing_happens(firm):
    bulk, other = firm.waiting(people_paid(1)[1]), firm.waiting(people_paid(1)[1])
    with pytest.raises(NotAllowed):
        bulk_ops.reject(bulk=bulk, reason=" ", by=firm.signatory, at=now())
    bulk_ops.reject(bulk=bulk, reason="Wrong month", by=firm.signatory, at=now())
    bulk_ops.cancel(bulk=other, by=firm.owner, at=now())
    for one, status in ((bulk, "REJECTED"), (other, "CANCELLED")):
        one.refresh_from_db()
        assert one.status == status
        with pytest.raises(IllegalMove):
            bulk_ops.approve(bulk=one, challenge_id=None, by=firm.signatory, at=now())
    assert balance_of(firm.account) == "100000.00"
