"""Opening the file of a paper: the owner, or an officer with a reason; each look is written down before it is shown."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import NotAllowed, NotFound
from apps.kyc.models import DocumentFile, KycDocument, WorkflowStatus
from apps.kyc.operations.papers import files
from apps.kyc.operations.papers.queue import RIGHT
from apps.users.models import BusinessRole, User
from apps.users.policies import role_in
from apps.users.queries import business_of


@transaction.atomic
def look_at_paper(*, document: KycDocument, by: User, at: datetime, reason: str = "") -> bytes:
    """The bytes of a paper. An officer who works on it needs no other reason; anybody else who may look says why.

    Raises NotFound (also for those who may not know of it), NotAllowed.
    """
    if not _is_own(document, by) and not (by.is_active and by.has_perm(RIGHT)):
        raise NotFound(_("There is no such paper, or it is not yours."))
    if not DocumentFile.objects.filter(document=document).exists():
        raise NotFound(_("The picture was deleted when its time had come."))
    audit_trail.record("kyc.document.viewed", on=document, by=by, at=at, reason=_why(document, by, reason))
    return files.opened(document)


def _is_own(document: KycDocument, by: User) -> bool:
    """Their own, or of a business they own."""
    business = business_of(document.user)
    return by.pk == document.user_id or (business is not None and role_in(by, business) == BusinessRole.OWNER)


def _why(document: KycDocument, by: User, reason: str) -> str:
    if _is_own(document, by):
        return "Own paper"
    workflow = document.workflow
    if workflow.status == WorkflowStatus.IN_REVIEW and workflow.assigned_to_id == by.pk:
        return f"Queue: verification {workflow.pk}"
    if not reason.strip():
        raise NotAllowed(_("Say why you look at this paper, or take the verification first. Nothing was shown."))
    return reason.strip()[:200]
