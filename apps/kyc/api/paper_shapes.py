"""What papers and verifications look like by API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kyc.models import (
    AskedBecause,
    DocumentKind,
    KycDocument,
    Side,
    TargetTier,
    VerificationWorkflow,
    WorkflowCheck,
)
from apps.kyc.queries import missing_parts, newest_checks
from apps.users.api.strict import Strict

KINDS = [choice for choice in DocumentKind.choices if choice[0] != DocumentKind.SELFIE]


class BringPaper(Strict):
    """A part of a paper as multipart/form-data. `number` and `born_on` go with the front, or the only page."""

    kind = serializers.ChoiceField(choices=KINDS)
    side = serializers.ChoiceField(choices=Side.choices)
    number = serializers.CharField(max_length=30, required=False, default="", allow_blank=True)
    born_on = serializers.DateField(required=False, allow_null=True, default=None)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    file = serializers.FileField(allow_empty_file=True, help_text="JPEG, PNG, WebP or, for letters, PDF; at most 10 MB")


class BringFace(Strict):
    """A photo of oneself, and the agreement that it is compared with the paper."""

    file = serializers.FileField(allow_empty_file=True, help_text="JPEG, PNG or WebP; at most 10 MB")
    consent = serializers.BooleanField()


class StartVerification(Strict):
    """The tier that is wanted."""

    target_tier = serializers.ChoiceField(choices=TargetTier.choices)


class ApproveVerification(Strict):
    """That photo, paper and profile were compared, and why when a check does not agree."""

    compared = serializers.BooleanField()
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class DecideOnPapers(Strict):
    """Why: the customer reads it."""

    reason = serializers.CharField(max_length=500)


class AskAgain(Strict):
    """Which part, and why."""

    document = serializers.UUIDField()
    because = serializers.ChoiceField(choices=AskedBecause.choices)


class RejectPaper(Strict):
    """Why this part is asked for again."""

    because = serializers.ChoiceField(choices=AskedBecause.choices)


class DecideOnCustomer(Strict):
    """The papers that this customer has handed in: approved, or rejected with a reason."""

    decision = serializers.ChoiceField(choices=["APPROVE", "REJECT"])
    compared = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class DocumentShown(serializers.ModelSerializer[KycDocument]):
    """A part of a paper; its file is at `file/`, and its number is not told."""

    id: Any = serializers.UUIDField(source="public_id")
    workflow: Any = serializers.UUIDField(source="workflow.public_id")

    class Meta:
        model = KycDocument
        fields = (
            "id",
            "workflow",
            "kind",
            "side",
            "status",
            "media_type",
            "size",
            "expires_on",
            "uploaded_at",
            "replaced_at",
            "asked_because",
            "reason",
        )


class BiometricShown(serializers.ModelSerializer[KycDocument]):
    """A face that was brought. No template is made of it; scores are null while a person compares."""

    id: Any = serializers.UUIDField(source="public_id")
    kind: Any = serializers.SerializerMethodField()
    match_score = serializers.SerializerMethodField()
    liveness_score = serializers.SerializerMethodField()

    class Meta:
        model = KycDocument
        fields = ("id", "kind", "status", "consent_at", "match_score", "liveness_score", "uploaded_at")

    def get_kind(self, row: KycDocument) -> str:
        """FACE: the only kind the bank keeps."""
        return "FACE"

    @extend_schema_field(serializers.DecimalField(max_digits=4, decimal_places=3, allow_null=True))
    def get_match_score(self, row: KycDocument) -> str | None:
        """How alike, by machine; null where a person compares."""
        return _score(row, "FACE")

    @extend_schema_field(serializers.DecimalField(max_digits=4, decimal_places=3, allow_null=True))
    def get_liveness_score(self, row: KycDocument) -> str | None:
        """How surely living, by machine; null where a person judges."""
        return _score(row, "LIVENESS")


def _score(row: KycDocument, kind: str) -> str | None:
    found = [each.facts.get("score") for each in row.workflow.checks.all() if each.kind == kind and each.facts]
    return next((score for score in found if score), None)


class WorkflowShown(serializers.ModelSerializer[VerificationWorkflow]):
    """A verification as its customer sees it. `missing` names parts as KIND/SIDE; IDENTITY is any identity paper."""

    id: Any = serializers.UUIDField(source="public_id")
    missing = serializers.SerializerMethodField()

    class Meta:
        model = VerificationWorkflow
        fields = (
            "id",
            "target_tier",
            "status",
            "missing",
            "started_at",
            "submitted_at",
            "answer_by",
            "decided_at",
            "reason",
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, row: VerificationWorkflow) -> list[str]:
        """Parts that are wanted; empty once decided."""
        return [] if row.decided_at else ["/".join(filter(None, part)) for part in missing_parts(row)]


class PaperCheckShown(serializers.ModelSerializer[WorkflowCheck]):
    """What a check came to."""

    by: Any = serializers.CharField(source="by.full_name", allow_null=True, default=None)

    class Meta:
        model = WorkflowCheck
        fields = ("kind", "result", "engine", "by", "facts", "at")


class ReviewShown(serializers.ModelSerializer[VerificationWorkflow]):
    """A verification as officers see it."""

    id: Any = serializers.UUIDField(source="public_id")
    customer: Any = serializers.IntegerField(source="user_id")
    customer_name: Any = serializers.CharField(source="user.full_name")
    assigned_to: Any = serializers.IntegerField(source="assigned_to_id", allow_null=True)
    checks = serializers.SerializerMethodField()
    documents = DocumentShown(many=True)

    class Meta:
        model = VerificationWorkflow
        fields = (
            "id",
            "customer",
            "customer_name",
            "target_tier",
            "status",
            "assigned_to",
            "waits_for_second",
            "submitted_at",
            "answer_by",
            "checks",
            "documents",
        )

    @extend_schema_field(PaperCheckShown(many=True))
    def get_checks(self, row: VerificationWorkflow) -> Any:
        """The last word on each subject."""
        return PaperCheckShown(newest_checks(row), many=True).data


class WaitingShown(serializers.ModelSerializer[VerificationWorkflow]):
    """One line of the queue."""

    id: Any = serializers.UUIDField(source="public_id")
    customer_name: Any = serializers.CharField(source="user.full_name")
    assigned_to: Any = serializers.IntegerField(source="assigned_to_id", allow_null=True)

    class Meta:
        model = VerificationWorkflow
        fields = ("id", "customer_name", "target_tier", "submitted_at", "answer_by", "assigned_to")
