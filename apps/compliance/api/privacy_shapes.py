"""What data protection looks like by API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.compliance.models import (
    Basis,
    Breach,
    BreachEntry,
    DataRequest,
    LegalHold,
    ProcessingActivity,
    RequestField,
    RetentionRule,
)
from apps.kernel.serializers import MomentField
from apps.users.api.strict import Strict


class ConsentShown(serializers.Serializer[Any]):
    """A purpose, its text in your language, and whether it holds. `can_change` is false for contract and law."""

    purpose = serializers.CharField(source="purpose.code")
    version = serializers.IntegerField(source="purpose.version")
    name = serializers.CharField(source="purpose.name")
    text = serializers.CharField(source="purpose.text")
    basis: Any = serializers.CharField(source="purpose.basis")
    law = serializers.CharField(source="purpose.law")
    can_change = serializers.BooleanField(source="purpose.can_change")
    is_given = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)


class ChangeConsent(Strict):
    """Yes or no."""

    is_given = serializers.BooleanField()


REQUEST_FIELDS = (
    "id", "reference", "kind", "status", "field", "reason", "asked_at", "due_at", "answered_at", "answer", "file_until",
)  # fmt: skip


class DataRequestShown(serializers.ModelSerializer[DataRequest]):
    """What you asked, and where it stands."""

    id: Any = serializers.UUIDField(source="public_id")
    kind: Any = serializers.CharField()
    status: Any = serializers.CharField()
    field: Any = serializers.CharField()
    file_until: Any = serializers.SerializerMethodField()

    class Meta:
        model = DataRequest
        fields: ClassVar[tuple[str, ...]] = REQUEST_FIELDS

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_file_until(self, row: DataRequest) -> Any:
        """Until when the copy can be downloaded."""
        held = getattr(row, "file", None)
        return held.expires_at if held else None


class AskPrivacyProof(Strict):
    """What you will do: download a copy (with its `request`), or be closed and erased."""

    operation: Any = serializers.RegexField(r"^(DOWNLOAD|ERASE)$")
    request = serializers.UUIDField(required=False)
    method = serializers.CharField(max_length=8, required=False, default="", allow_blank=True)


class AskCorrection(Strict):
    """What is wrong and what is right, as multipart/form-data; a paper is needed for name, birth and ID number."""

    field: Any = serializers.ChoiceField(choices=RequestField.values)
    wanted = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=500)
    file = serializers.FileField(
        required=False, allow_null=True, default=None, help_text="A picture or PDF of up to 10 MB"
    )


class AskErasure(Strict):
    """Why, if you like."""

    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class OutlookShown(serializers.Serializer[Any]):
    """What is in the way, and what the law keeps until when."""

    is_free = serializers.BooleanField()
    accounts = serializers.ListField(child=serializers.CharField())
    loans = serializers.ListField(child=serializers.CharField())
    guarantees = serializers.IntegerField()
    businesses = serializers.IntegerField()
    ended_on = serializers.DateField()
    due_on = serializers.DateField()
    law = serializers.CharField()


class LookAtMeShown(serializers.Serializer[Any]):
    """Somebody of the bank looked at you: in which role, why, when."""

    role = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class StaffRequestShown(DataRequestShown):
    """A request as staff see it."""

    user: Any = serializers.IntegerField(source="user_id")

    class Meta(DataRequestShown.Meta):
        fields: ClassVar[tuple[str, ...]] = ("user", *REQUEST_FIELDS)


class StaffRequestWhole(StaffRequestShown):
    """With what the bank holds and what the person says is right."""

    held = serializers.CharField(allow_null=True)
    wanted = serializers.CharField(allow_null=True)

    class Meta(StaffRequestShown.Meta):
        fields: ClassVar[tuple[str, ...]] = ("user", *REQUEST_FIELDS, "held", "wanted")


class DecideRequest(Strict):
    """Yes (identity and erasure wait for a second person) or no, with words that the person reads."""

    accept = serializers.BooleanField()
    answer = serializers.CharField(max_length=1000)


class HoldShown(serializers.ModelSerializer[LegalHold]):
    """Nothing of this person goes."""

    class Meta:
        model = LegalHold
        fields = ("id", "user", "reason", "law", "until_on", "set_by", "set_at", "lifted_at", "lifted_because")


class SetHold(Strict):
    """Whose data, why, and which court or law asks for it."""

    user = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=500)
    law = serializers.CharField(max_length=200)
    until_on = serializers.DateField(required=False, allow_null=True, default=None)


class Because(Strict):
    """Why."""

    reason = serializers.CharField(max_length=500)


class BreachEntryShown(serializers.ModelSerializer[BreachEntry]):
    """One thing that was done."""

    kind: Any = serializers.CharField()

    class Meta:
        model = BreachEntry
        fields = ("kind", "text", "by", "at")


class BreachShown(serializers.ModelSerializer[Breach]):
    """A breach, its clock and its history."""

    status: Any = serializers.CharField()
    entries: Any = BreachEntryShown(many=True)

    class Meta:
        model = Breach
        fields = ("reference", "title", "what", "categories", "people", "is_risky", "why_not_risky", "processor",
                  "processor_knew_at", "happened_at", "aware_at", "report_due_at", "status", "reported_at",
                  "report_reference", "late_because", "told_people_at", "opened_at", "closed_at",
                  "entries")  # fmt: skip


class OpenBreach(Strict):
    """What is known of it; the clock of 72 hours runs from `aware_at`."""

    title = serializers.CharField(max_length=120)
    what = serializers.CharField(max_length=4000)
    categories = serializers.CharField(max_length=300)
    people = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    is_risky = serializers.BooleanField()
    why_not_risky = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    processor = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    processor_knew_at = MomentField(required=False, allow_null=True, default=None)
    happened_at = MomentField(required=False, allow_null=True, default=None)
    aware_at = MomentField()


class ActOnBreach(Strict):
    """NOTE and MEASURE write down; REPORT: the Commissioner was told (`text` is their number); PEOPLE: who is touched,
    by phone, e-mail or ID number; TELL asks a second person to have them told; CLOSE ends it."""

    act: Any = serializers.RegexField(r"^(NOTE|MEASURE|REPORT|PEOPLE|TELL|CLOSE)$")
    text = serializers.CharField(max_length=4000, required=False, default="", allow_blank=True)
    late_because = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    people = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, default=list, max_length=500
    )


class ActivityShown(serializers.ModelSerializer[ProcessingActivity]):
    """One thing the bank does with personal data."""

    basis: Any = serializers.CharField()

    class Meta:
        model = ProcessingActivity
        fields = ("code", "version", "name", "purpose", "basis", "law", "people", "categories", "recipients",
                  "retention", "abroad", "dpia", "is_active", "since")  # fmt: skip


class WriteActivity(Strict):
    """An activity, or its next version."""

    code = serializers.SlugField(max_length=30)
    name = serializers.CharField(max_length=120)
    purpose = serializers.CharField(max_length=500)
    basis: Any = serializers.RegexField(rf"^({'|'.join(Basis.values)})$")
    law = serializers.CharField(max_length=200)
    people = serializers.CharField(max_length=200)
    categories = serializers.CharField(max_length=500)
    recipients = serializers.CharField(max_length=500)
    retention = serializers.CharField(max_length=200)
    abroad = serializers.CharField(max_length=300)
    dpia = serializers.CharField(max_length=300)
    is_active = serializers.BooleanField(default=True)


class RetentionShown(serializers.ModelSerializer[RetentionRule]):
    """How long one kind of data is kept, and what the last run did."""

    action: Any = serializers.CharField()
    what = serializers.CharField()
    last_run_on: Any = serializers.SerializerMethodField()
    affected: Any = serializers.SerializerMethodField()
    held_back: Any = serializers.SerializerMethodField()

    class Meta:
        model = RetentionRule
        fields = ("code", "version", "what", "keep_days", "law", "action", "since", "last_run_on", "affected",
                  "held_back")  # fmt: skip

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_last_run_on(self, row: RetentionRule) -> Any:
        """The day."""
        return self._last(row, "on_day")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_affected(self, row: RetentionRule) -> Any:
        """Rows that went."""
        return self._last(row, "affected")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_held_back(self, row: RetentionRule) -> Any:
        """Rows that a hold kept."""
        return self._last(row, "held_back")

    def _last(self, row: RetentionRule, name: str) -> Any:
        last = self.context.get("runs", {}).get(row.code)
        return getattr(last, name) if last else None


class ChangeRetention(Strict):
    """Another length; a second person must allow it."""

    keep_days = serializers.IntegerField(min_value=1, max_value=36525)
    law = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=400)
