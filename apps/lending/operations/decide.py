"""An application on its way: looked at, approved, declined, taken back, accepted."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.lending import offers, policies, renewals
from apps.lending.errors import OfferOver
from apps.lending.events import LoanApproved, LoanCancelled, LoanRejected
from apps.lending.models import Loan, LoanStatus
from apps.lending.operations.collateral import require_pledged
from apps.lending.operations.disburse import PAID_OUT, pay_out
from apps.lending.operations.guarantee import require_covered
from apps.lending.states import LOAN
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User

OPERATION = "lending.accept"


@transaction.atomic
def review(*, loan: Loan, recommends: bool, note: str, by: User, at: datetime) -> Loan:
    """A first officer looks at an application and says what they think. Raises NotAllowed, IllegalMove."""
    policies.require_may_look(by, loan)
    if loan.made_by_id == by.pk:
        raise NotAllowed(_("Another officer must look at an application that you brought."))
    if not note.strip():
        raise NotAllowed(_("Say why: the officer who decides reads your note."))
    word = "RECOMMENDED" if recommends else "ADVISED_AGAINST"
    LOAN.make(loan, LoanStatus.UNDER_REVIEW, reviewed_by=by, reviewed_at=at, review=f"{word}: {note.strip()[:1900]}")
    audit_trail.record("lending.loan.reviewed", on=loan, by=by, at=at, after={"recommends": recommends}, reason=note)
    return loan


@transaction.atomic
def approve(*, loan: Loan, by: User, at: datetime, note: str = "") -> Loan:
    """Offer the loan to its borrower. Raises NotAllowed, AboveOwnLimit, IllegalMove."""
    policies.require_may_decide(by, loan)
    require_covered(loan)
    require_pledged(loan, local_date(at))
    until = at + timedelta(days=loan.terms.offer_days)
    LOAN.make(loan, LoanStatus.APPROVED, decided_by=by, decided_at=at, offer_until=until)
    audit_trail.record("lending.loan.approved", on=loan, by=by, at=at, reason=note)
    events.publish(LoanApproved(loan_id=loan.pk, borrower_id=loan.borrower_id))
    return loan


@transaction.atomic
def reject(*, loan: Loan, because: str, by: User, at: datetime) -> Loan:
    """Decline an application or take an offer back, with the reason the borrower reads.

    Raises NotAllowed, IllegalMove.
    """
    policies.require_may_look(by, loan)
    if not because.strip():
        raise NotAllowed(_("Say why: the borrower reads your reason."))
    LOAN.make(loan, LoanStatus.REJECTED, decided_by=by, decided_at=at, over_at=at, because=because.strip()[:500])
    audit_trail.record("lending.loan.rejected", on=loan, by=by, at=at, reason=because)
    events.publish(LoanRejected(loan_id=loan.pk, borrower_id=loan.borrower_id, because=because.strip()[:500]))
    return loan


@transaction.atomic
def cancel(*, loan: Loan, by: User, at: datetime) -> Loan:
    """The borrower takes an application back, or declines an offer. Raises NotFound, IllegalMove."""
    policies.require_theirs(by, loan)
    LOAN.make(loan, LoanStatus.CANCELLED, over_at=at, because="BORROWER")
    audit_trail.record("lending.loan.cancelled", on=loan, by=by, at=at)
    events.publish(LoanCancelled(loan_id=loan.pk, borrower_id=loan.borrower_id))
    return loan


def shown_today(loan: Loan, at: datetime) -> offers.Offer:
    """The offer as it is shown and signed on a day: its dates, and with daily interest its cost, count from there."""
    return offers.of_loan(loan, local_date(at))


def bound_to(loan: Loan, shown: offers.Offer, at: datetime) -> dict[str, Any]:
    """What a proof of acceptance is bound to: the loan, all that it takes to pay it back with its charges, and what it
    pays off.
    """
    subject = f"loans/{loan.public_id}"
    if loan.replaces:
        subject += f"/pays-off/{loan.replaces.reference}/{renewals.payoff_of(loan.replaces, at).total.minor}"
    total = shown.principal + shown.cost
    return {"operation": OPERATION, "subject": subject, "amount": total, "payee": loan.reference}


def challenge(*, loan: Loan, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the borrower to prove that it is them who signs. Raises NotFound, IllegalMove, OfferOver, TooSoon."""
    policies.require_theirs(by, loan)
    _require_offer(loan, at)
    return people.challenge(user=by, at=at, method=method, **bound_to(loan, shown_today(loan, at), at))


@transaction.atomic
def accept(*, loan: Loan, challenge_id: Any, by: User, at: datetime) -> Loan:
    """Sign the offer, with proof bound to it. A product that decides itself pays out at once; others wait for staff.

    A loan that was accepted before is returned as it is. Raises NotFound, StepUpRequired, OfferOver, IllegalMove,
    ActiveLoan, NotEligible.
    """
    policies.require_theirs(by, loan)
    User.objects.select_for_update(no_key=True).get(pk=loan.borrower_id)  # and the account before the loan, as when it
    Account.objects.select_for_update(no_key=True).get(pk=loan.account_id)  # is paid out
    loan = Loan.objects.shown().select_for_update(of=("self",)).get(pk=loan.pk)
    if loan.status in PAID_OUT or (loan.status == LoanStatus.APPROVED and loan.accepted_at):
        return loan
    _require_offer(loan, at)
    shown = shown_today(loan, at)
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(loan, shown, at))
    changes = {"accepted_at": at, "cost_minor": shown.cost.minor, "apr_pct": shown.apr_pct}
    Loan.objects.filter(pk=loan.pk).update(**changes)
    for name, value in changes.items():
        setattr(loan, name, value)
    facts = {"repaid": str(shown.repaid), "cost": str(shown.cost), "apr_pct": str(shown.apr_pct)}
    audit_trail.record("lending.loan.accepted", on=loan, by=by, at=at, after=facts)
    return pay_out(loan=loan, by=by, at=at) if loan.terms.decides_itself else loan


@transaction.atomic
def expire_offers(*, at: datetime) -> int:
    """Offers whose time is over and that were not paid out come to an end. Safe to run twice."""
    over = Loan.objects.filter(status=LoanStatus.APPROVED, offer_until__lte=at)
    ended = dict(over.select_for_update(skip_locked=True).values_list("pk", "borrower_id"))
    Loan.objects.filter(pk__in=ended).update(status=LoanStatus.CANCELLED, over_at=at, because="EXPIRED")
    for loan, borrower in ended.items():
        events.publish(LoanCancelled(loan_id=loan, borrower_id=borrower))
    return len(ended)


def _require_offer(loan: Loan, at: datetime) -> None:
    if loan.status != LoanStatus.APPROVED:
        raise IllegalMove(_("There is no offer to accept. Nothing was done. Look at your loans again."))
    if loan.offer_until and loan.offer_until <= at:
        raise OfferOver(_("The offer has run out. No money moved. Ask for the loan again."))
