"""Deciding about credit by machine, with everything it went by written down once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import queries
from apps.credit_scoring.events import DecisionMade
from apps.credit_scoring.models import CreditScore, Decision, Outcome
from apps.credit_scoring.operations.score import score
from apps.credit_scoring.rules import deciding
from apps.credit_scoring.rules.factors import Reason
from apps.credit_scoring.states import DecisionStatus
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict
from apps.kernel.money import BadAmount, Money
from apps.users.models import User


@transaction.atomic
def decide(
    *,
    user: User,
    product: str,
    amount: Money,
    active_loans: int,
    at: datetime,
    by: User,
    loan_reference: str = "",
) -> Decision:
    """APPROVED, REFERRED to a person, or REJECTED with a human review open at once. Moves no money.

    A machine approves only above a decision score of 600 and with no active loan; nobody is rejected for being little
    known or for their age alone. Whether `amount` is within the limits of a product is the lender's to ask first. The
    same `loan_reference` gets its first decision again. Raises NotAllowed, BadAmount, Conflict when the reference
    was decided for something else.
    """
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    earlier = _earlier(loan_reference)
    if earlier:
        return _same(earlier, user, product, amount)
    found = score(user=user, at=at, by=by)
    ruling = _rule(found, active_loans, at)
    rejected = ruling.outcome == Outcome.REJECTED
    row = Decision(
        user=user,
        score=found,
        product=product,
        amount_minor=amount.minor,
        currency=amount.currency,
        active_loans=active_loans,
        loan_reference=loan_reference,
        inputs=_inputs(found),
        model_version=found.model_version,
        outcome=ruling.outcome,
        reasons=list(ruling.reasons),
        decided_by=by,
        decided_at=at,
        status=DecisionStatus.REVIEW_OPEN if rejected else DecisionStatus.MADE,
        final_outcome=ruling.outcome,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        earlier = _earlier(loan_reference)
        if earlier is None:
            raise
        return _same(earlier, user, product, amount)
    told = {"outcome": row.outcome, "reasons": row.reasons, "model_version": row.model_version, "amount": amount}
    audit_trail.record("credit_scoring.decision.made", on=row, by=by, at=at, after=told, customer=user)
    events.publish(decision_made(row))
    return row


def _earlier(reference: str) -> Decision | None:
    return Decision.objects.filter(loan_reference=reference).first() if reference else None


def _same(earlier: Decision, user: User, product: str, amount: Money) -> Decision:
    if (earlier.user_id, earlier.product, earlier.amount) != (user.pk, product, amount):
        raise Conflict(_("That loan was decided before with other figures. Nothing was changed; start a new one."))
    return earlier


def _rule(found: CreditScore, active_loans: int, at: datetime) -> deciding.Ruling:
    return deciding.rule(
        decision_score=found.decision_score,
        without_age=found.without_age,
        active_loans=active_loans,
        is_thin=found.is_thin_file,
        factors=[Reason(row["code"], row["direction"], row["points"]) for row in found.factors],
        lines=queries.lines_on(local_date(at)),
    )


def _inputs(found: CreditScore) -> dict[str, object]:
    """Everything the score went by, so that the decision explains itself when the rest is gone."""
    snapshot = found.snapshot
    return {
        "as_of": snapshot.as_of.isoformat(),
        "measured": snapshot.measured,
        "declared": snapshot.declared,
        "probability_of_default": str(found.probability_of_default),
        "decision_score": found.decision_score,
        "factors": found.factors,
        "notes": found.notes,
    }


def decision_made(row: Decision, *, by_person: bool = False) -> DecisionMade:
    """The event of a decision, or of what a person made of it."""
    return DecisionMade(
        decision_id=row.pk,
        user_id=row.user_id,
        outcome=row.final_outcome,
        product=row.product,
        loan_reference=row.loan_reference,
        by_person=by_person,
    )
