"""What was screened, as windows."""

from django.contrib import admin

from apps.fraud.models import BlockedItem, Dispute, FlaggedTransaction, FraudCheck, FraudRule
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
