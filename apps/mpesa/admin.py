"""M-Pesa as windows."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.mpesa.models import Callback, MpesaTransaction


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
