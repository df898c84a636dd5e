"""How alerts, cases, rules and reports are written in JSON. Amounts inside rules are minor units of KES."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.compliance import rules, wording
from apps.compliance.models import (
    AmlRule,
    Case,
    CaseEntry,
    ComplianceReport,
    StaffAlert,
    SuspiciousActivityAlert,
    SuspiciousTransactionReport,
)
from apps.users.api.strict import Strict


class AmlAlertShown(serializers.ModelSerializer[SuspiciousActivityAlert]):
    """What was seen; `says` is the sentence staff read."""

    says = serializers.SerializerMethodField()
    version: Any = serializers.IntegerField(source="rule.version", default=None, allow_null=True)
    case: Any = serializers.CharField(source="case.reference", default=None, allow_null=True)
    severity: Any = serializers.CharField()
    others = serializers.SerializerMethodField()

    class Meta:
        model = SuspiciousActivityAlert
        fields = ("id", "source", "code", "version", "subject", "says", "threshold", "actual", "usual", "severity",
                  "status", "case", "first_at", "last_at", "lines", "others", "raised_at",
                  "closed_because")  # fmt: skip

    def get_others(self, row: SuspiciousActivityAlert) -> list[int]:
        """Other customers whom the rule saw on the way of the same money."""
        return sorted({party.person_id for party in row.parties.all()} - {row.subject_id or 0})

    def get_says(self, row: SuspiciousActivityAlert) -> str:
        """In the reader's language."""
        return wording.sentence(row)


class CloseAlert(Strict):
    """Why it means nothing."""

    reason = serializers.CharField(max_length=500)


class MergeAlerts(Strict):
    """Alerts of one customer."""

    alerts = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62), min_length=1, max_length=100
    )


class EntryShown(serializers.ModelSerializer[CaseEntry]):
    """One thing that was done."""

    by: Any = serializers.CharField(source="by.full_name")
    kind: Any = serializers.CharField()

    class Meta:
        model = CaseEntry
        fields = ("kind", "text", "by", "at")


CASE_FIELDS = (
    "reference",
    "subject",
    "status",
    "severity",
    "assigned_to",
    "opened_at",
    "suspicion_recorded_at",
    "report_due_at",
    "decision",
    "decision_reason",
    "decided_at",
)


class AmlCaseShown(serializers.ModelSerializer[Case]):
    """A case; the clock ends at `report_due_at`."""

    status: Any = serializers.CharField()
    decision: Any = serializers.CharField()

    class Meta:
        model = Case
        fields: ClassVar[tuple[str, ...]] = CASE_FIELDS


class AmlCaseWhole(AmlCaseShown):
    """With its alerts and history."""

    alerts = AmlAlertShown(many=True)
    entries = EntryShown(many=True)

    class Meta(AmlCaseShown.Meta):
        fields: ClassVar[tuple[str, ...]] = (*CASE_FIELDS, "alerts", "entries")


class DecideCase(Strict):
    """NO_SUSPICION closes it, SUSPECT starts the clock, REPORT decides to report."""

    decision: Any = serializers.ChoiceField(choices=["NO_SUSPICION", "SUSPECT", "REPORT"])
    reason = serializers.CharField(max_length=4000)


class DraftSar(Strict):
    """A report of suspicion; without narrative or transactions it is refused (422)."""

    case = serializers.CharField(max_length=20)
    narrative = serializers.CharField(max_length=8000, allow_blank=True)
    action = serializers.CharField(max_length=2000, allow_blank=True, default="")
    transactions = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**62), max_length=500)


class SarShown(serializers.ModelSerializer[SuspiciousTransactionReport]):
    """Where a report of suspicion stands."""

    case: Any = serializers.CharField(source="case.reference")
    status: Any = serializers.CharField()
    sha256: Any = serializers.CharField(source="file.sha256", default=None, allow_null=True)

    class Meta:
        model = SuspiciousTransactionReport
        fields = ("id", "reference", "case", "status", "drafted_by", "drafted_at", "approved_by", "approved_at",
                  "filed_at", "sha256")  # fmt: skip


class AmlRuleShown(serializers.ModelSerializer[AmlRule]):
    """The version in force."""

    severity: Any = serializers.CharField()

    class Meta:
        model = AmlRule
        fields = ("code", "version", "parameters", "severity", "is_active", "source", "since")


class TryAmlRule(Strict):
    """Figures to try."""

    parameters = serializers.DictField(child=serializers.CharField(max_length=40))


class ChangeAmlRule(TryAmlRule):
    """A new version; a second person must allow it."""

    severity = serializers.RegexField(rf"^({'|'.join(rules.LEVELS)})$")
    is_active = serializers.BooleanField(default=True)
    reason = serializers.CharField(max_length=200)


class AskAmlRule(ChangeAmlRule):
    """A new version of a rule that is named."""

    code = serializers.RegexField(rf"^({'|'.join(rules.CODES)})$")


class ChangePartOfAmlRule(Strict):
    """What differs in the new version; figures that are not named stay."""

    parameters = serializers.DictField(child=serializers.CharField(max_length=40), required=False)
    severity = serializers.RegexField(rf"^({'|'.join(rules.LEVELS)})$", required=False)
    is_active = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=200)


class SwitchOffAmlRule(Strict):
    """Why a rule is to be switched off."""

    reason = serializers.CharField(max_length=200)


class TriedShown(serializers.Serializer[Any]):
    """What it would have raised in ninety days, beside the version in force."""

    alerts = serializers.IntegerField()
    customers = serializers.IntegerField()
    alerts_now = serializers.IntegerField()
    customers_now = serializers.IntegerField()
    both = serializers.IntegerField()
    new = serializers.IntegerField()
    lost = serializers.IntegerField()


class MakeReport(Strict):
    """The cash report of the week, or the annual report of the year, of `day`."""

    kind: Any = serializers.ChoiceField(choices=["CASH", "ANNUAL"])
    day = serializers.DateField()


class ComplianceReportShown(serializers.ModelSerializer[ComplianceReport]):
    """A file that was made, and its hash."""

    kind: Any = serializers.CharField()
    receipt: Any = serializers.SerializerMethodField()

    class Meta:
        model = ComplianceReport
        fields = ("id", "kind", "first_on", "last_on", "name", "sha256", "figures", "made_at", "receipt")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_receipt(self, row: ComplianceReport) -> str | None:
        """The number the centre gave."""
        held = getattr(row, "receipt", None)
        return held.number if held else None


class StaffAlertShown(serializers.ModelSerializer[StaffAlert]):
    """What stood out in a day of a member of staff."""

    staff_name = serializers.CharField(source="staff.full_name", read_only=True)
    records = serializers.ListField(child=serializers.JSONField(), read_only=True)

    class Meta:
        model = StaffAlert
        fields = (
            "id", "rule", "staff", "staff_name", "day", "count", "threshold", "records", "raised_at", "closed_by",
            "closed_at", "note",
        )  # fmt: skip


class CloseStaffAlert(Strict):
    """What came of it."""

    note = serializers.CharField(max_length=400)
