"""How records, verifications and anchors are shown."""

from typing import Any

from rest_framework import serializers

from apps.audit_trail.models import AuditLog, ChainAnchor, IntegrityCheck
from apps.audit_trail.queries import Question


class HexField(serializers.Field):
    """Bytes as hexadecimal text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        """Write them."""
        return bytes(value).hex()


class AskAuditLogs(serializers.Serializer[Any]):
    """What a list of records may be asked for."""

    actor = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, source="actor_id")
    customer = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, source="customer_id")
    action = serializers.CharField(
        required=False, max_length=120, help_text="Exact, or with a dot at its end: everything that begins so"
    )
    target = serializers.CharField(
        required=False, max_length=300, help_text="`accounts.account/7`, or the reference it was recorded under"
    )
    request_id = serializers.CharField(required=False, max_length=64)
    date_from = serializers.DateField(required=False, source="first_day", help_text="East Africa Time")
    date_to = serializers.DateField(required=False, source="last_day", help_text="This day counts too")
    search = serializers.CharField(
        required=False, max_length=100, source="words", help_text="Words in action, target and reason"
    )

    def question(self) -> Question:
        """The question that was asked."""
        return Question(**self.validated_data)


class AuditLogShown(serializers.ModelSerializer[AuditLog]):
    """One record. `leaf_hash` is computed from the row as it stands now; `seal` is null until the next minute."""

    actor_name = serializers.CharField(source="actor", read_only=True, default=None, allow_null=True)
    leaf_hash = HexField()
    seal = serializers.SerializerMethodField(allow_null=True)

    class Meta:
        model = AuditLog
        fields = (
            "id",
            "action",
            "actor",
            "actor_name",
            "customer",
            "target_type",
            "target_id",
            "before",
            "after",
            "reason",
            "ip_address",
            "user_agent",
            "request_id",
            "at",
            "written_at",
            "leaf_hash",
            "seal",
        )
        read_only_fields = fields

    def get_seal(self, row: AuditLog) -> int | None:
        """The block that covers the record."""
        found: int | None = self.context.get("seals", {}).get(row.pk)
        return found


class VerifyBegun(serializers.Serializer[Any]):
    """The check goes on without you."""

    status = serializers.CharField()


class AskVerify(serializers.Serializer[Any]):
    """How much to verify."""

    last_blocks = serializers.IntegerField(
        min_value=1, max_value=1000, default=100, help_text="The newest blocks; the nightly job verifies all of them"
    )


class IntegrityCheckShown(serializers.ModelSerializer[IntegrityCheck]):
    """What a verification covered and found."""

    root_hash = HexField(source="root")
    breaks = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = IntegrityCheck
        fields = (
            "id",
            "from_seal",
            "upto_seal",
            "root_hash",
            "records",
            "is_intact",
            "first_break",
            "breaks",
            "by",
            "at",
        )
        read_only_fields = fields


class ChainAnchorShown(serializers.ModelSerializer[ChainAnchor]):
    """A day's root, written down outside the bank."""

    root_hash = HexField()

    class Meta:
        model = ChainAnchor
        fields = (
            "id",
            "period",
            "seal_number",
            "root_hash",
            "chain",
            "anchor_reference",
            "status",
            "error",
            "created_at",
            "anchored_at",
        )
        read_only_fields = fields
