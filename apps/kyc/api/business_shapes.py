"""What knowing a business looks like by API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kyc.models import BusinessPerson, IdKind, VerificationWorkflow
from apps.kyc.queries import lacking_of, missing_parts
from apps.users.api.strict import Strict

LACKING = ["directors", "one_trader", "owners", "over", "rest"]


class NamePerson(Strict):
    """Somebody to name: `member` when they belong to the business here, else name, birth and paper.

    `share_bp` is in basis points: 2500 is a quarter. Whoever holds a tenth (1000) or more must be named.
    """

    is_director = serializers.BooleanField(default=False)
    is_owner = serializers.BooleanField(default=False)
    share_bp = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    control = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    is_exposed = serializers.BooleanField(default=False)
    nationality = serializers.CharField(max_length=2, default="KE")
    member = serializers.IntegerField(required=False, allow_null=True, default=None, max_value=2**62)
    full_name = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    born_on = serializers.DateField(required=False, allow_null=True, default=None)
    id_kind = serializers.ChoiceField(choices=IdKind.choices, required=False, default="", allow_blank=True)
    id_number = serializers.CharField(max_length=30, required=False, default="", allow_blank=True)


class ChangePerson(Strict):
    """What else to say of one who is named; whose name and paper it is stays."""

    is_director = serializers.BooleanField(default=False)
    is_owner = serializers.BooleanField(default=False)
    share_bp = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    control = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    is_exposed = serializers.BooleanField(default=False)
    nationality = serializers.CharField(max_length=2, default="KE")


class PersonShown(serializers.ModelSerializer[BusinessPerson]):
    """Somebody a business named; the number of their paper is not told."""

    id: Any = serializers.UUIDField(source="public_id")
    full_name: Any = serializers.CharField(source="who.full_name")
    banks_here = serializers.BooleanField()

    class Meta:
        model = BusinessPerson
        fields = (
            "id",
            "full_name",
            "is_director",
            "is_owner",
            "share_bp",
            "control",
            "is_exposed",
            "nationality",
            "id_kind",
            "banks_here",
        )


class HandInBusiness(Strict):
    """Whether an owner says that nobody who was not named holds a tenth or more of the business."""

    says_complete = serializers.BooleanField()


class BusinessWorkflowShown(serializers.ModelSerializer[VerificationWorkflow]):
    """The verification under way. `missing` names parts as KIND/SIDE, and after them the person they are of."""

    id: Any = serializers.UUIDField(source="public_id")
    missing = serializers.SerializerMethodField()
    lacking = serializers.SerializerMethodField()

    class Meta:
        model = VerificationWorkflow
        fields = (
            "id",
            "target_tier",
            "status",
            "is_reopened",
            "missing",
            "lacking",
            "started_at",
            "submitted_at",
            "answer_by",
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, row: VerificationWorkflow) -> list[str]:
        """Parts that are wanted."""
        return ["/".join(filter(None, part)) for part in missing_parts(row)]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=LACKING)))
    def get_lacking(self, row: VerificationWorkflow) -> list[str]:
        """What is wrong with whom it named, unless it says that the rest is held in parts of less than a tenth."""
        return lacking_of(row.user.business, says_complete=False)


class BusinessKycShown(serializers.Serializer[Any]):
    """How well the bank knows a business."""

    kyc_status = serializers.ChoiceField(choices=["NOT_STARTED", "PENDING", "VERIFIED", "REJECTED", "EXPIRED"])
    kyc_tier = serializers.CharField()
    reason = serializers.CharField(help_text="Why it was not approved last")
    people = PersonShown(many=True)
    verification = BusinessWorkflowShown(allow_null=True)
