"""What becomes of an application that a machine decided once a person decided otherwise."""

from datetime import datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring.models import Outcome
from apps.kernel import events
from apps.lending.events import LoanApplied, LoanRejected
from apps.lending.models import OPEN, Loan, LoanStatus
from apps.lending.states import LOAN
from apps.users.models import User
from apps.users.queries import system_user

BY_SCORE = "SCORE"


@transaction.atomic
def reconsider(*, loan_id: int, outcome: str, at: datetime) -> bool:
    """An application declined by its score waits for an officer when the decline fell; an offer of the machine that was
    not paid out is taken back when its approval did. Whether anything changed; safe to call again.

    A loan that officers decided on, one that was paid out, and one whose borrower has asked anew stay as they are.
    """
    borrower = User.objects.select_for_update(no_key=True).get(loans=loan_id)  # as applying locks them
    loan = Loan.objects.shown().select_for_update(of=("self",), no_key=True).get(pk=loan_id)
    if loan.decided_by_id:
        return False
    if loan.status == LoanStatus.REJECTED and loan.because == BY_SCORE and outcome != Outcome.REJECTED:
        return _waits_again(loan, borrower, at)
    if loan.status == LoanStatus.APPROVED and outcome == Outcome.REJECTED:
        LOAN.make(loan, LoanStatus.REJECTED, over_at=at, because=BY_SCORE)
        audit_trail.record("lending.loan.rejected", on=loan, by=system_user(), at=at, after={"decision": "OVERRIDDEN"})
        events.publish(LoanRejected(loan_id=loan.pk, borrower_id=borrower.pk, because=BY_SCORE))
        return True
    return False


def _waits_again(loan: Loan, borrower: User, at: datetime) -> bool:
    if Loan.objects.owned_by(borrower).filter(product=loan.product_id, status__in=[*OPEN, LoanStatus.ACTIVE]).exists():
        return False
    LOAN.make(loan, LoanStatus.APPLIED, over_at=None, decided_at=None, because="")
    audit_trail.record("lending.loan.reopened", on=loan, by=system_user(), at=at, customer=borrower)
    events.publish(
        LoanApplied(loan_id=loan.pk, borrower_id=borrower.pk, minor=loan.principal_minor, currency=loan.currency)
    )
    return True
