"""Payments as windows."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.payments.models import BulkPayment, Payment, QrCode, Refund


@admin.register(Payment)
class Payments(Window):
    """What people meant to pay, and what became of it."""

    sees = "accounts.view_transactions"
    list_display = ("reference", "kind", "status", "payer", "payee_name", "amount", "created_at")
    list_filter = ("status", "kind")
    list_select_related = ("payer",)
    search_fields = ("reference__exact",)


@admin.register(QrCode)
class QrCodes(Window):
    """Codes to be paid by."""

    sees = "accounts.view_transactions"
    list_display = ("reference", "account", "amount_minor", "currency", "expires_at", "used_at")
    list_select_related = ("account",)


@admin.register(Refund)
class Refunds(Window):
    """What was sent back."""

    sees = "accounts.view_transactions"
    list_display = ("reference", "payment", "status", "amount", "made_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("payment", "made_by")
    search_fields = ("reference__exact", "payment__reference__exact")


@admin.register(BulkPayment)
class BulkPayments(Window):
    """Files of payments."""

    sees = "payments.bulk_pay"
    list_display = ("reference", "kind", "status", "payer_name", "name", "good_count", "total", "created_at")
    list_filter = ("status", "kind")
    search_fields = ("reference__exact", "name", "payer_name")
