"""The human review of an automatic decline, which the law gives every customer (Data Protection Act 2019, s. 35)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring.errors import NotReviewable, ReviewedAlready
from apps.credit_scoring.models import Decision, Outcome
from apps.credit_scoring.operations.decide import decision_made
from apps.credit_scoring.policies import require_may_review
from apps.credit_scoring.states import DECISION, DecisionStatus
from apps.kernel import events
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.users.models import User


@transaction.atomic
def review(*, decision: Decision, by: User, uphold: bool, note: str, at: datetime) -> Decision:
    """A member of staff looks at an automatic decline, once: it stands, or falls and a loan officer decides.

    An overturned decline is REFERRED, not approved: nobody lends alone what the model would not. Raises NotAllowed,
    NotReviewable, ReviewedAlready.
    """
    require_may_review(by, decision.user)
    if not note.strip():
        raise NotAllowed(_("Say why: the customer and the auditor read it. Nothing was changed."))
    to = DecisionStatus.UPHELD if uphold else DecisionStatus.OVERTURNED
    final = Outcome.REJECTED if uphold else Outcome.REFERRED
    try:
        DECISION.make(
            decision,
            to,
            final_outcome=final,
            reviewed_by=by,
            reviewed_at=at,
            review_note=note.strip()[:300],
        )
    except IllegalMove as no:
        kind = NotReviewable if decision.outcome != Outcome.REJECTED else ReviewedAlready
        raise kind(_("No review of this decision is open. Nothing was changed. Look at it again.")) from no
    told = {"status": to, "final_outcome": final}
    audit_trail.record(
        "credit_scoring.decision.reviewed", on=decision, by=by, at=at, after=told, reason=note, customer=decision.user
    )
    events.publish(decision_made(decision, by_person=True))
    return decision
