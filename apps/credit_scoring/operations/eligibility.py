"""Whether a customer could borrow, asked before they apply."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import queries
from apps.credit_scoring.loan_facts import LoanFacts, loan_facts
from apps.credit_scoring.models import CreditScore, LoanEligibility
from apps.credit_scoring.operations.score import score
from apps.kernel.clock import local_date
from apps.kernel.money import BadAmount, Money
from apps.users.models import User

HOLDS = timedelta(days=7)


@transaction.atomic
def check_eligibility(
    *, user: User, product: str, by: User, at: datetime, amount: Money | None = None
) -> LoanEligibility:
    """Score a customer and say whether, and up to how much, they could borrow; for `amount` where it is named.

    It promises nothing: the decision is made when they apply. Raises NotAllowed, BadAmount.
    """
    if amount is not None and amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    found = score(user=user, at=at, by=by)
    active = loan_facts().facts([user.pk], at=at).get(user.pk, LoanFacts()).active_loans
    reasons = _against(found, active, amount, reject_upto=queries.lines_on(local_date(at)).reject_upto)
    return record_eligibility(
        user=user,
        product=product,
        is_eligible=not reasons,
        limit=found.max_loan_amount if not reasons or reasons == ["ABOVE_LIMIT"] else Money.zero(found.currency),
        reasons=reasons or [f"{row['code']}.UP" for row in found.factors if row["direction"] == "UP"][:3],
        by=by,
        at=at,
        score=found,
    )


def _against(found: CreditScore, active: int, amount: Money | None, *, reject_upto: int) -> list[str]:
    reasons = ["ACTIVE_LOAN"] if active else []
    if found.decision_score <= reject_upto and not found.is_thin_file:
        reasons += ["SCORE_LOW", *(f"{row['code']}.DOWN" for row in found.factors if row["direction"] == "DOWN")][:4]
    if amount is not None and amount > found.max_loan_amount:
        reasons.append("ABOVE_LIMIT")
    return reasons


@transaction.atomic
def record_eligibility(
    *,
    user: User,
    product: str,
    is_eligible: bool,
    limit: Money,
    reasons: Sequence[str],
    by: User,
    at: datetime,
    expires_at: datetime | None = None,
    loan_reference: str = "",
    score: CreditScore | None = None,
) -> LoanEligibility:
    """Write down an answer that was given, ours or the lender's own; a week unless told otherwise."""
    row = LoanEligibility.objects.create(
        user=user,
        score=score,
        product=product,
        is_eligible=is_eligible,
        limit_minor=limit.minor,
        currency=limit.currency,
        reasons=list(reasons),
        loan_reference=loan_reference,
        created_at=at,
        expires_at=expires_at or at + HOLDS,
    )
    told = {"is_eligible": is_eligible, "limit": limit, "reasons": row.reasons}
    audit_trail.record("credit_scoring.eligibility.told", on=row, by=by, at=at, after=told, customer=user)
    return row
