"""What was screened, as windows."""

from django.contrib import admin

from apps.fraud.models import (
    AnomalyModel,
    BackTestJob,
    BlockedItem,
    DevicePrint,
    Dispute,
    FlaggedTransaction,
    FraudCheck,
    FraudRule,
    SimAge,
)
from apps.kernel.admin import Window


@admin.register(FraudCheck)
class Checks(Window):
    """Every screening."""

    sees = "fraud.review_fraud"
    list_display = ("reference", "user", "amount", "transaction_type", "risk_score", "action", "checked_at")
    list_filter = ("action", "transaction_type")
    list_select_related = ("user",)
    search_fields = ("reference__exact",)


@admin.register(FlaggedTransaction)
class Flags(Window):
    """What waits for a person, and what was decided."""

    sees = "fraud.review_fraud"
    list_display = ("reference", "user", "status", "opened_at", "answer_by", "reviewed_by")
    list_filter = ("status",)
    list_select_related = ("user", "reviewed_by")
    search_fields = ("reference__exact",)


@admin.register(Dispute)
class Disputes(Window):
    """What customers say is wrong."""

    sees = "accounts.view_transactions"
    list_display = ("owner", "reason", "status", "opened_at", "answer_by", "resolved_by")
    list_filter = ("status", "reason")
    list_select_related = ("owner", "resolved_by")


@admin.register(FraudRule)
class Rules(Window):
    """The rules of the screen, every version."""

    sees = "fraud.review_fraud"
    list_display = ("code", "version", "expression", "weight", "is_active", "valid_from", "asked_by", "allowed_by")
    list_filter = ("is_active",)
    list_select_related = ("asked_by", "allowed_by")
    search_fields = ("code__exact",)


@admin.register(BlockedItem)
class Blocked(Window):
    """Devices, addresses and payees that may not take part."""

    sees = "fraud.review_fraud"
    list_display = ("kind", "value", "why", "until", "blocked_by", "blocked_at", "lifted_at")
    list_filter = ("kind",)
    list_select_related = ("blocked_by",)
    search_fields = ("value__exact",)


@admin.register(AnomalyModel)
class Models(Window):
    """The models beside the rules."""

    sees = "fraud.manage_rules"
    list_display = ("name", "status", "trained_on", "is_synthetic", "trained_at", "in_use_from", "retired_at")
    list_filter = ("status",)
    exclude = ("artefact",)


@admin.register(BackTestJob)
class BackTests(Window):
    """Back-tests and how far they are."""

    sees = "fraud.manage_rules"
    list_display = ("code", "status", "done", "total", "asked_by", "asked_at", "ended_at")
    list_filter = ("status",)
    list_select_related = ("asked_by",)


@admin.register(DevicePrint)
class Devices(Window):
    """Which customers paid from which device."""

    sees = "fraud.review_fraud"
    list_display = ("value", "user", "names_itself", "first_seen_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("value__exact",)


@admin.register(SimAge)
class Sims(Window):
    """What the operator said of SIMs."""

    sees = "fraud.review_fraud"
    list_display = ("user", "answered_at", "changed_on", "source", "silence")
    list_select_related = ("user",)
