"""Opening the file of a paper: the owner, or an officer with a reason; each look is written down before it is shown."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import NotAllowed, NotFound
from apps.kyc.models import DocumentFile, KycDocument, WorkflowStatus
from apps.kyc.operations.papers import files
from apps.kyc.operations.papers.queue import RIGHT
from apps.users.models import User


@transaction.atomic
def look_at_paper(*, document: KycDocument, by: User, at: datetime, reason: str = "") -> bytes:
    """The bytes of a paper. An officer who works on it needs no other reason; anybody else who may look says why.

    Raises NotFound (also for those who may not know of it), NotAllowed.
    """
    if by.pk != document.user_id and not (by.is_active and by.has_perm(RIGHT)):
        raise NotFound(_("There is no such paper, or it is not yours."))
    if not DocumentFile.objects.filter(document=document).exists():
        raise NotFound(_("The picture was deleted when its time had come."))
    audit_trail.record("kyc.document.viewed", on=document, by=by, at=at, reason=_why(document, by, reason))
    return files.opened(document)


def _why(document: KycDocument, by: User, reason: str) -> str:
    if by.pk == document.user_id:
        return "Own paper"
    workflow = document.workflow
    if workflow.status == WorkflowStatus.IN_REVIEW and workflow.assigned_to_id == by.pk:
        return f"Queue: verification {workflow.pk}"
    if not reason.strip():
        raise NotAllowed(_("Say why you look at this paper, or take the verification first. Nothing was shown."))
    return reason.strip()[:200]
