"""Deciding otherwise than the model: asked by one member of staff, allowed by another."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.policies import require_within_own_limit
from apps.audit_trail import operations as audit_trail
from apps.credit_scoring.models import Decision, Outcome
from apps.credit_scoring.operations.decide import decision_made
from apps.credit_scoring.policies import require_may_review
from apps.credit_scoring.states import DECISION, DecisionStatus
from apps.kernel import approvals, events
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval
from apps.users.models import User

OVERRIDE = "credit_scoring.override"


def override(*, decision: Decision, outcome: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask that a decision be APPROVED or REJECTED after all; a second person decides. Raises NotAllowed, Conflict."""
    require_may_review(by, decision.user)
    if outcome not in {Outcome.APPROVED, Outcome.REJECTED}:
        raise NotAllowed(_("An override approves or rejects. Nothing was changed."))
    if not reason.strip():
        raise NotAllowed(_("Say why: the person who decides reads your reason. Nothing was changed."))
    if decision.final_outcome == outcome or decision.status == DecisionStatus.OVERRIDDEN:
        raise Conflict(_("The decision says that already, or was overridden before. Nothing was changed."))
    return approvals.ask(
        kind=OVERRIDE,
        subject=f"credit_scoring/decisions/{decision.public_id}",
        payload={"decision": decision.pk, "outcome": outcome, "reason": reason.strip()[:300]},
        before={"outcome": decision.final_outcome, "score": decision.score.score, "reasons": decision.reasons},
        after={"outcome": outcome},
        amount=decision.amount,
        reason=reason.strip(),
        by=by,
        at=at,
    )


def may_decide_override(who: Any, approval: Approval) -> None:
    """Not about oneself; to approve, within one's own limit. Raises NotAllowed, Connected, RatesStale."""
    decision = Decision.objects.select_related("user").get(pk=approval.payload["decision"])
    require_may_review(who, decision.user)
    if approval.payload["outcome"] == Outcome.APPROVED:
        require_within_own_limit(who, approval)


@transaction.atomic
def run_override(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The allowed override. Raises IllegalMove when the decision was overridden meanwhile."""
    decision = Decision.objects.select_related("user").get(pk=payload["decision"])
    before = {"status": decision.status, "final_outcome": decision.final_outcome}
    DECISION.make(
        decision,
        DecisionStatus.OVERRIDDEN,
        final_outcome=payload["outcome"],
        reviewed_by=checker,
        reviewed_at=at,
        review_note=payload["reason"],
    )
    audit_trail.record(
        "credit_scoring.decision.overridden",
        on=decision,
        by=checker,
        at=at,
        before=before,
        after={"final_outcome": payload["outcome"], "asked_by": maker.pk},
        reason=payload["reason"],
        customer=decision.user,
    )
    events.publish(decision_made(decision, by_person=True))
    return {"decision": decision.pk, "outcome": payload["outcome"]}
