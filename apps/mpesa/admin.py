"""M-Pesa as windows."""

from contextlib import suppress

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel.admin import Window
from apps.mpesa.models import (
    Callback,
    MpesaTransaction,
    PaymentReconciliation,
    ReconciliationBreak,
    StatementRow,
)
from apps.users.rules import Unreadable, phone


@admin.register(MpesaTransaction)
class MpesaTransactions(Window):
    """Everything that went over M-Pesa."""

    sees = "accounts.view_transactions"
    list_display = ("public_id", "kind", "status", "user", "amount", "receipt", "in_suspense", "created_at")
    list_filter = ("kind", "status", "in_suspense")
    list_select_related = ("user",)
    search_fields = ("receipt__exact", "account_reference__exact", "checkout_request_id__exact")
    search_help_text = _("A receipt, a reference, or a whole phone number")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[MpesaTransaction], search_term: str
    ) -> tuple[QuerySet[MpesaTransaction], bool]:
        """A phone is found whole, by its fingerprint: nobody can look through numbers."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        with suppress(Unreadable):
            found |= queryset & MpesaTransaction.objects.with_phone(phone(search_term))
        return found, may_repeat


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
