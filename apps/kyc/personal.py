"""What kyc holds of a person, their papers as files; what would tell of a watch list stays out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from apps.kernel import personal
from apps.kernel.personal import Part, Step
from apps.kyc.models import DocumentFile, HeldNumber, KycDocument, ScreenedPerson
from apps.kyc.operations.papers import files


def _papers(user_id: int) -> Iterator[tuple[str, bytes]]:
    kept = KycDocument.objects.filter(user_id=user_id, file__isnull=False).order_by("pk")
    for row in kept:
        ending = row.media_type.rpartition("/")[2].replace("jpeg", "jpg")
        yield f"{row.pk}-{row.kind.lower()}-{row.side.lower()}.{ending}", files.opened(row)


personal.holds(
    Part("verifications", "kyc.VerificationWorkflow", "user",
         ("target_tier", "status", "started_at", "submitted_at", "decided_at", "reason")),
    Part("papers", "kyc.KycDocument", "user",
         ("id", "kind", "side", "number", "born_on", "expires_on", "status", "consent_at", "uploaded_at", "replaced_at",
          "asked_because", "reason"), files=_papers),
)  # fmt: skip
personal.holds(
    Part("named_by_businesses", "kyc.BusinessPerson", "who",
         ("business_id", "is_director", "is_owner", "share_bp", "control", "is_exposed", "id_kind", "nationality",
          "added_at", "removed_at")),
)  # fmt: skip
personal.leave_out("Who named somebody, in the name of a business.", "kyc.BusinessPerson.added_by")
personal.leave_out("A fingerprint of a number that the papers show.", "kyc.HeldNumber.user")
personal.leave_out(
    "Screening against watch lists: telling of it would tip off (POCAMLA 2009).",
    "kyc.ScreenedPerson.user", "kyc.ScreeningHit.user", "kyc.ScreeningHit.decided_by", "kyc.ScreeningDecision.by",
)  # fmt: skip
personal.leave_out(
    "Work of staff.", "kyc.VerificationWorkflow.assigned_to", "kyc.VerificationWorkflow.decided_by",
    "kyc.KycDocument.reviewed_by", "kyc.WorkflowCheck.by", "kyc.ListVersion.loaded_by",
    "kyc.ListVersion.allowed_by", "kyc.OfferedList.offered_by",
)  # fmt: skip


def _delete_papers(people: Sequence[int], at: datetime) -> int:
    """The pictures, what was read on them, and the numbers; that a person was verified, when and by whom stays."""
    count: int = DocumentFile.objects.filter(document__user_id__in=people).delete()[0]
    blank = dict.fromkeys(("number", "number_print", "reading", "born_on"))
    KycDocument.objects.filter(user_id__in=people).update(**blank)
    HeldNumber.objects.filter(user_id__in=people).delete()
    ScreenedPerson.objects.filter(user_id__in=people).delete()
    return count


personal.erases(Step("kyc.papers", at_once=False, act=_delete_papers))
