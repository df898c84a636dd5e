"""Decisions: what a machine may say, that all of it is kept, and that people have the last word."""

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.testing import kes, make_account
from apps.audit_trail.models import AuditLog
from apps.credit_scoring import operations
from apps.credit_scoring.errors import NotReviewable, ReviewedAlready
from apps.credit_scoring.models import Decision
from apps.credit_scoring.testing import BAD_LOANS, GOOD_LOANS, Lender, lending_by, make_earner, make_struggler
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval, OutboxEvent
from apps.kernel.money import BadAmount
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
AT = now().replace(microsecond=0)


def decided(person, *, loans=0, reference="", amount="3000"):
    return operations.decide(
        user=person,
        product="INSTANT",
        amount=kes(amount),
        active_loans=loans,
        at=AT,
        by=person,
        loan_reference=reference,
    )


@pytest.fixture
def declined(db):
    person = make_struggler(at=AT)
    with lending_by(Lender({person.pk: BAD_LOANS})):
        yield decided(person, reference="loans/1")


def test_approves_who_scores_above_the_line_and_keeps_everything_it_went_by():
    person = make_customer()
    make_account(person, balance="5000", at=AT)
    row = decided(person, reference="loans/7")
    assert (row.outcome, row.final_outcome, row.status) == ("APPROVED", "APPROVED", "MADE")
    assert row.reasons
    assert all(code.endswith(".UP") for code in row.reasons)
    assert row.inputs["measured"]["deposit_average_90d_minor"] == 5_000_00
    assert row.inputs["factors"] == row.score.factors
    assert row.model_version == row.score.model_version
    assert AuditLog.objects.filter(action="credit_scoring.decision.made", customer=person).count() == 1
    told = OutboxEvent.objects.get(name="credit_scoring.decision.made").payload
    assert (told["outcome"], told["loan_reference"], told["by_person"]) == ("APPROVED", "loans/7", False)
    assert_books_balance()


def test_a_second_loan_is_for_a_person_to_allow():
    person = make_earner(at=AT)
    with lending_by(Lender({person.pk: GOOD_LOANS})):
        row = decided(person, loans=1)
    assert (row.outcome, row.reasons) == ("REFERRED", ["ACTIVE_LOAN"])


def test_a_stranger_is_referred_never_rejected():
    assert decided(make_customer()).outcome == "REFERRED"


def test_a_decline_opens_a_review_at_once(declined):
    assert (declined.outcome, declined.status) == ("REJECTED", "REVIEW_OPEN")
    assert "SCORE_LOW" in declined.reasons
    assert len(declined.reasons) > 1
    assert list(Decision.objects.awaiting_review()) == [declined]


def test_the_same_loan_is_decided_once():
    person = make_customer()
    first = decided(person, reference="loans/9")
    assert decided(person, reference="loans/9") == first
    with pytest.raises(Conflict):
        decided(person, reference="loans/9", amount="3001")
    with pytest.raises(BadAmount):
        decided(person, amount="0")
    assert Decision.objects.count() == 1


def test_a_person_may_uphold_a_decline_once(declined):
    officer = make_staff("LOAN_OFFICER")
    done = operations.review(decision=declined, by=officer, uphold=True, note="Six instalments unpaid", at=AT)
    assert (done.status, done.final_outcome, done.outcome) == ("UPHELD", "REJECTED", "REJECTED")
    with pytest.raises(ReviewedAlready):
        operations.review(decision=declined, by=officer, uphold=False, note="No", at=AT)
    assert Decision.objects.get().final_outcome == "REJECTED"


def test_an_overturned_decline_goes_to_a_loan_officer(declined):
    officer = make_staff("BRANCH_MANAGER")
    done = operations.review(decision=declined, by=officer, uphold=False, note="Paid at the counter", at=AT)
    assert (done.status, done.final_outcome) == ("OVERTURNED", "REFERRED")
    told = OutboxEvent.objects.filter(name="credit_scoring.decision.made").latest("pk").payload
    assert (told["outcome"], told["by_person"]) == ("REFERRED", True)


def test_only_staff_review_and_never_themselves(declined):
    for who in (make_staff("TELLER"), make_customer(), declined.user):
        with pytest.raises(NotAllowed):
            operations.review(decision=declined, by=who, uphold=False, note="Please", at=AT)
    with pytest.raises(NotAllowed):
        operations.review(decision=declined, by=make_staff("LOAN_OFFICER"), uphold=True, note="  ", at=AT)
    officer = make_staff("LOAN_OFFICER")
    own = decided(officer)
    with pytest.raises(NotAllowed):
        operations.review(decision=own, by=officer, uphold=False, note="Mine", at=AT)
    declined.refresh_from_db()
    assert declined.status == "REVIEW_OPEN"


def test_what_was_not_declined_has_no_review():
    row = decided(make_customer())
    with pytest.raises(NotReviewable):
        operations.review(decision=row, by=make_staff("LOAN_OFFICER"), uphold=True, note="x", at=AT)


def test_an_override_takes_two(declined):
    one, other = make_staff("LOAN_OFFICER"), make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)
    asked = operations.override(decision=declined, outcome="APPROVED", reason="Guaranteed", by=one, at=AT)
    declined.refresh_from_db()
    assert declined.final_outcome == "REJECTED"
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=one, at=AT)
    approvals.approve(approval=asked, by=other, at=AT)
    declined.refresh_from_db()
    assert (declined.status, declined.final_outcome, declined.reviewed_by) == ("OVERRIDDEN", "APPROVED", other)
    assert declined.outcome == "REJECTED"
    with pytest.raises(Conflict):
        operations.override(decision=declined, outcome="REJECTED", reason="Again", by=one, at=AT)
    with pytest.raises(NotAllowed):
        operations.override(decision=declined, outcome="REFERRED", reason="x", by=one, at=AT)


def test_an_override_that_approves_is_within_the_second_persons_own_limit(declined):
    low = make_staff("BRANCH_MANAGER", limit_minor=declined.amount.minor - 1)
    asked = operations.override(
        decision=declined, outcome="APPROVED", reason="Guaranteed", by=make_staff("LOAN_OFFICER"), at=AT
    )
    with pytest.raises(NotAllowed, match="own approval limit"):
        approvals.approve(approval=asked, by=low, at=AT)
    declined.refresh_from_db()
    assert declined.final_outcome == "REJECTED"


def test_nobody_allows_an_override_about_themselves(declined):
    officer = make_staff("LOAN_OFFICER")
    own = decided(officer)
    asked = operations.override(
        decision=own, outcome="APPROVED", reason="A colleague", by=make_staff("LOAN_OFFICER"), at=AT
    )
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=AT)
    assert Approval.objects.get(pk=asked.pk).status == "PENDING"


def test_what_was_decided_cannot_be_rewritten(declined):
    for change in ({"outcome": "APPROVED"}, {"reasons": ["x"]}, {"inputs": {}}, {"amount_minor": 1}):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            Decision.objects.filter(pk=declined.pk).update(**change)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        Decision.objects.filter(pk=declined.pk).delete()
    with pytest.raises(IntegrityError, match="what_holds_follows"), transaction.atomic():
        Decision.objects.filter(pk=declined.pk).update(final_outcome="APPROVED")
    with pytest.raises(IntegrityError, match="looked_at_by_a_person"), transaction.atomic():
        Decision.objects.filter(pk=declined.pk).update(status="MADE")


@pytest.mark.django_db(transaction=True)
def test_a_loan_asked_for_twice_at_once_is_decided_once():
    person = make_customer()
    found = at_once(*(lambda: decided(person, reference="loans/3") for _ in range(3)))
    assert not refusals(found)
    assert len({row.pk for row in found}) == 1
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_review_at_once_review_once():
    person = make_struggler(at=AT)
    with lending_by(Lender({person.pk: BAD_LOANS})):
        row = decided(person)
    assert row.status == "REVIEW_OPEN"
    one, other = make_staff("LOAN_OFFICER"), make_staff("LOAN_OFFICER")
    tried = at_once(
        lambda: operations.review(
            decision=Decision.objects.select_related("user").get(), by=one, uphold=True, note="no", at=AT
        ),
        lambda: operations.review(
            decision=Decision.objects.select_related("user").get(), by=other, uphold=False, note="yes", at=AT
        ),
    )
    assert [type(no) for no in refusals(tried)] in ([ReviewedAlready], [IllegalMove])
