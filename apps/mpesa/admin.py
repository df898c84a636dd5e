"""M-Pesa as windows."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.mpesa.models import (
    Callback,
    MpesaTransaction,
    PaymentReconciliation,
    ReconciliationBreak,
    StatementRow,
)


@admin.register(MpesaTransaction)
class MpesaTransactions(Window):
    """Everything that went over M-Pesa."""

    sees = "accounts.view_transactions"
    list_display = ("public_id", "kind", "status", "user", "amount", "receipt", "in_suspense", "created_at")
    list_filter = ("kind", "status", "in_suspense")
    list_select_related = ("user",)
    search_fields = ("receipt__exact", "account_reference__exact", "checkout_request_id__exact")


@admin.register(Callback)
class Callbacks(Window):
    """Everything M-Pesa said."""

    sees = "accounts.view_transactions"
    list_display = ("id", "product", "about", "outcome", "why", "received_at", "source")
    list_filter = ("product", "outcome")
    list_select_related = ("about",)
    exclude = ("raw",)


@admin.register(PaymentReconciliation)
class PaymentReconciliations(Window):
    """Days compared with M-Pesa's statement."""

    sees = "accounts.view_transactions"
    list_display = ("day", "status", "matched", "ours_in", "theirs_in", "ours_out", "theirs_out", "made_by")
    list_filter = ("status",)
    list_select_related = ("made_by",)


@admin.register(StatementRow)
class StatementRows(Window):
    """What M-Pesa's statement says of each receipt."""

    sees = "accounts.view_transactions"
    list_display = ("receipt", "day", "moved", "charge", "account_reference", "is_booked_from_here")
    list_filter = ("is_booked_from_here",)
    search_fields = ("receipt__exact",)


@admin.register(ReconciliationBreak)
class ReconciliationBreaks(Window):
    """What the two sides tell differently."""

    sees = "accounts.view_transactions"
    list_display = ("receipt", "kind", "ours", "theirs", "first_seen_on", "resolved_at", "resolved_by")
    list_filter = ("kind",)
    list_select_related = ("resolved_by",)
    search_fields = ("receipt__exact",)
