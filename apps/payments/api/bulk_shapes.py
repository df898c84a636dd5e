"""How files of payments are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.payments.api.serializers import ChallengeShown
from apps.payments.models import BulkKind, BulkPayment, BulkRow
from apps.payments.policies import may_act, may_decide
from apps.users.api.serializers import Strict


class BringBulk(Strict):
    """A CSV or XLSX file, as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True)
    from_account = serializers.IntegerField(min_value=1, max_value=2**62)
    business = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="Who pays; left out, the account's holder does"
    )
    kind = serializers.ChoiceField(choices=BulkKind.choices, default=BulkKind.SALARY)
    name = serializers.CharField(max_length=60, help_text="What it is for: July salaries")


class AskBulkProof(Strict):
    """What is to be proven."""

    act = serializers.ChoiceField(choices=[("submit", "submit"), ("approve", "approve")])


class BulkProof(Strict):
    """The proof: a code, or a passkey's assertion. A batch of the bank's own is approved without one."""

    challenge = serializers.UUIDField(required=False, allow_null=True, default=None)
    code = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    credential = serializers.JSONField(required=False, default=None)


class SubmitBulk(BulkProof):
    """The proof, and what the maker agrees to."""

    leave_out_bad = serializers.BooleanField(default=False, help_text="Pay without the rows that cannot be paid")
    accept_repeats = serializers.BooleanField(default=False, help_text="Somebody paid twice, or a file again, is meant")


class RejectBulk(Strict):
    """Why not."""

    reason = serializers.CharField(max_length=200)


class BulkShown(serializers.ModelSerializer[BulkPayment]):
    """A batch. `total` is what its payable rows come to; fee and duty come on top."""

    id = serializers.UUIDField(source="public_id")
    total = MoneyField()
    fee = MoneyField()
    excise_duty = MoneyField(source="duty")
    needed = MoneyField()
    returned = MoneyField()
    rows = serializers.IntegerField(source="row_count")
    good_rows = serializers.IntegerField(source="good_count")
    bad_rows = serializers.IntegerField(source="bad_count")
    double_rows = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    may_submit = serializers.SerializerMethodField()
    may_approve = serializers.SerializerMethodField()
    made_by: Any = serializers.CharField(source="made_by.full_name")
    decided_by: Any = serializers.CharField(source="decided_by.full_name", allow_null=True, default=None)
    challenge = serializers.SerializerMethodField()

    class Meta:
        model = BulkPayment
        fields = [
            "id",
            "reference",
            "kind",
            "name",
            "status",
            "in_review",
            "eyes",
            "payer_name",
            "business",
            "from_account",
            "file_name",
            "file_sha256",
            "rows_hash",
            "rows",
            "good_rows",
            "bad_rows",
            "double_rows",
            "progress",
            "total",
            "fee",
            "excise_duty",
            "needed",
            "returned",
            "made_by",
            "decided_by",
            "ended_because",
            "may_submit",
            "may_approve",
            "challenge",
            "created_at",
            "submitted_at",
            "started_at",
            "ended_at",
        ]

    def get_double_rows(self, bulk: BulkPayment) -> int:
        """Rows whose payee another row pays too."""
        return int(getattr(bulk, "doubles", 0))

    def get_progress(self, bulk: BulkPayment) -> dict[str, int]:
        """Rows by what became of them."""
        return {name: int(getattr(bulk, name, 0)) for name in ("paid", "sent", "failed")}

    def get_may_submit(self, bulk: BulkPayment) -> bool:
        """Whether whoever asks may submit it; only told of one batch."""
        user = self.context.get("user")
        return user is not None and bulk.status == "CHECKED" and may_act(user, bulk)

    def get_may_approve(self, bulk: BulkPayment) -> bool:
        """Whether whoever asks may approve it; only told of one batch."""
        user = self.context.get("user")
        return user is not None and bulk.status == "WAITING" and may_decide(user, bulk)

    def get_challenge(self, bulk: BulkPayment) -> dict[str, Any] | None:
        """The proof it waits for, when one was just asked."""
        row = self.context.get("challenge")
        return None if row is None else ChallengeShown.of(row)


class BulkRowShown(serializers.ModelSerializer[BulkRow]):
    """One row. `problem` says in words what `error` says as a code."""

    payee_typed = serializers.CharField(source="typed", max_length=60, required=False)
    payee_address = serializers.CharField(source="address", max_length=40, required=False)
    amount = MoneyField(allow_null=True)
    cost = MoneyField()
    problem: Any = serializers.CharField(source="get_error_display")
    payment: Any = serializers.UUIDField(source="payment.public_id", allow_null=True, default=None)

    class Meta:
        model = BulkRow
        fields = [
            "number",
            "status",
            "error",
            "problem",
            "payee_typed",
            "name_typed",
            "amount_typed",
            "amount",
            "cost",
            "note",
            "rail",
            "payee_name",
            "payee_address",
            "name_match",
            "is_double",
            "payment",
            "settled_at",
        ]
