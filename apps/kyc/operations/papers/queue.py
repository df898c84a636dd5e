"""The officers' queue: taking a verification, taking the next one, giving it back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import Conflict, NotAllowed
from apps.kyc.models import BusinessPerson, VerificationWorkflow, WorkflowStatus
from apps.users.models import BusinessMember, User
from apps.users.policies import require_right, require_unconnected

RIGHT = "kyc.approve_kyc"


def require_uninvolved(who: User, workflow: VerificationWorkflow) -> None:
    """Nobody takes or decides papers of whom they are connected with, or of a business that names them. Raises
    Connected, NotAllowed.
    """
    require_unconnected(who, workflow.user)
    if BusinessPerson.objects.filter(business__party=workflow.user_id, who=who).exists():
        raise NotAllowed(_("This business names you. Another officer must decide. Nothing was changed."))


@transaction.atomic
def claim(*, workflow: VerificationWorkflow, by: User, at: datetime) -> VerificationWorkflow:
    """Take one: of two officers at once one has it. Raises NotAllowed, Conflict."""
    require_right(by, RIGHT)
    if by.pk == workflow.user_id:
        raise NotAllowed(_("Another officer must decide on your own papers."))
    require_uninvolved(by, workflow)
    free = VerificationWorkflow.objects.filter(
        pk=workflow.pk, status=WorkflowStatus.IN_REVIEW, assigned_to=None, waits_for_second=False
    )
    if free.update(assigned_to=by, claimed_at=at):
        audit_trail.record("kyc.verification.claimed", on=workflow, by=by, at=at)
    workflow.refresh_from_db()
    if workflow.assigned_to_id != by.pk or workflow.status != WorkflowStatus.IN_REVIEW:
        raise Conflict(_("A colleague has it, or it was decided. Nothing was changed. Take the next one."))
    return workflow


@transaction.atomic
def claim_next(*, by: User, at: datetime) -> VerificationWorkflow | None:
    """Take the one that is promised soonest; officers who ask at once get different ones. None when nothing waits."""
    require_right(by, RIGHT)
    rows = VerificationWorkflow.objects.waiting().filter(assigned_to=None).exclude(user=by)
    named = BusinessPerson.objects.filter(who=by).values("business__party")
    mine = BusinessMember.objects.filter(user=by, left_at=None).values("business__party")
    rows = rows.exclude(user__in=named).exclude(user__in=mine)
    row = rows.select_for_update(skip_locked=True).first()
    return claim(workflow=row, by=by, at=at) if row else None


@transaction.atomic
def release(*, workflow: VerificationWorkflow, by: User, at: datetime, reason: str) -> VerificationWorkflow:
    """Give it back to the queue, saying why. Raises NotAllowed, Conflict."""
    require_right(by, RIGHT)
    if not reason.strip():
        raise NotAllowed(_("Say why you give it back: the next officer reads it."))
    mine = VerificationWorkflow.objects.filter(
        pk=workflow.pk, status=WorkflowStatus.IN_REVIEW, assigned_to=by, waits_for_second=False
    )
    if not mine.update(assigned_to=None, claimed_at=None):
        raise Conflict(_("It is not yours, or it was decided. Nothing was changed."))
    audit_trail.record("kyc.verification.released", on=workflow, by=by, at=at, reason=reason)
    workflow.refresh_from_db()
    return workflow
