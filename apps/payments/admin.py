"""Payments as windows."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel.admin import Window
from apps.payments.models import (
    AskerBlock,
    BulkPayment,
    Merchant,
    Payee,
    Payment,
    PaymentRequest,
    PosSale,
    PosTerminal,
    QrCode,
    Refund,
    Revaluation,
    Settlement,
    SplitBill,
    StandingOrder,
    StandingOrderRun,
)
from apps.users.places import key_of_place
from apps.users.rules import Unreadable


class GoingSomewhere(Window):
    """Rows that go somewhere; where it is outside the bank is sealed, and told on the page of one row."""

    readonly_fields = ("goes_to",)

    @admin.display(description=_("To"))
    def goes_to(self, row: Any) -> str:
        """Phone, paybill or bank account; its masked form where it is inside."""
        return ", ".join(f"{name}: {value}" for name, value in row.destination.items()) or row.payee_address


@admin.register(Payment)
class Payments(GoingSomewhere):
    """What people meant to pay, and what became of it."""

    sees = "accounts.view_transactions"
    whose = "payer_id"
    list_display = ("reference", "kind", "status", "payer", "payee_name", "amount", "created_at")
    list_filter = ("status", "kind")
    list_select_related = ("payer",)
    search_fields = ("reference__exact",)


@admin.register(QrCode)
class QrCodes(Window):
    """Codes to be paid by."""

    sees = "accounts.view_transactions"
    whose = "account.owner_id"
    list_display = ("reference", "account", "amount", "expires_at", "used_at")
    list_select_related = ("account",)


@admin.register(Refund)
class Refunds(Window):
    """What was sent back."""

    sees = "accounts.view_transactions"
    whose = "payment.payer_id"
    list_display = ("reference", "payment", "status", "amount", "made_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("payment", "made_by")
    search_fields = ("reference__exact", "payment__reference__exact")


class ByPlace(GoingSomewhere):
    """Found by whole places: their keys are prints of them."""

    search_fields = ("payee_key__exact",)
    search_help_text = _("A whole place: accounts/12, mpesa/+254712345678, airtime/…, bank/01/…, paybill/888880/…")

    def get_search_results(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> tuple[QuerySet[Any], bool]:
        """By the key of what was typed."""
        try:
            key = key_of_place(term)
        except Unreadable:
            return rows.none(), False
        return super().get_search_results(request, rows, key)


@admin.register(Payee)
class Payees(ByPlace):
    """The recipient books."""

    sees = "accounts.view_transactions"
    list_display = ("nickname", "owner", "kind", "payee_name", "payee_address", "saved_at", "removed_at")
    list_filter = ("kind", "rail")
    list_select_related = ("owner",)


class Runs(admin.TabularInline):
    """What became of each date."""

    model = StandingOrderRun
    fields = ("due_on", "status", "tries", "payment", "because", "tried_at")
    extra = 0
    can_delete = False
    ordering = ("-due_on",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the window."""
        return bool(request.user.has_perm("accounts.view_transactions"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandingOrderRun]:
        """With their payments."""
        return super().get_queryset(request).select_related("payment")


@admin.register(StandingOrder)
class StandingOrders(ByPlace):
    """What pays by itself."""

    sees = "accounts.view_transactions"
    list_display = ("owner", "payee_name", "amount", "cadence", "day_off", "status", "next_due_on")
    list_filter = ("status", "cadence")
    list_select_related = ("owner",)
    inlines = (Runs,)


@admin.register(StandingOrderRun)
class StandingOrderRuns(Window):
    """Dates of standing orders; filtered by FAILED and MISSED it is the queue of what was not paid."""

    sees = "accounts.view_transactions"
    whose = "order.owner_id"
    list_display = ("due_on", "order", "status", "tries", "payment", "because", "tried_at")
    list_filter = ("status",)
    list_select_related = ("order", "payment")
    ordering = ("-due_on", "-pk")


@admin.register(PaymentRequest)
class PaymentRequests(Window):
    """Who asked whom for money; phones stay sealed."""

    sees = "accounts.view_transactions"
    whose = "asker_id"
    list_display = ("asker", "made_by", "asked", "amount", "note", "status", "is_silent", "created_at", "expires_at")
    list_filter = ("status", "is_silent")
    list_select_related = ("asker", "made_by", "asked")


class Shares(admin.TabularInline):
    """The shares of a bill."""

    model = PaymentRequest
    fields = ("asked", "amount", "status", "created_at")
    readonly_fields = ("amount",)
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the window."""
        return bool(request.user.has_perm("accounts.view_transactions"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentRequest]:
        """With those who are asked."""
        return super().get_queryset(request).select_related("asked")


@admin.register(SplitBill)
class SplitBills(Window):
    """Bills that were shared."""

    sees = "accounts.view_transactions"
    list_display = ("owner", "note", "total", "own", "created_at")
    list_select_related = ("owner",)
    inlines = (Shares,)


@admin.register(AskerBlock)
class AskerBlocks(Window):
    """Who does not want to be asked by whom."""

    sees = "accounts.view_transactions"
    whose = "blocker_id"
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")


@admin.register(Revaluation)
class Revaluations(Window):
    """What positions in other currencies were worth at the end of each day."""

    sees = "fx.view_rates"
    list_display = ("day", "currency", "position", "rate", "rate_at", "value", "gain", "transfer_id")
    list_filter = ("currency",)


@admin.register(BulkPayment)
class BulkPayments(Window):
    """Files of payments."""

    sees = "payments.bulk_pay"
    list_display = ("reference", "kind", "status", "payer_name", "name", "good_count", "total", "created_at")
    list_filter = ("status", "kind")
    search_fields = ("reference__exact", "name", "payer_name")


@admin.register(Merchant)
class Merchants(Window):
    """Shops."""

    sees = "accounts.view_transactions"
    list_display = ("till", "trading_name", "mcc", "town", "status", "owner", "business", "created_at")
    list_filter = ("status", "mcc")
    list_select_related = ("owner", "business")
    search_fields = ("till__exact", "trading_name")


@admin.register(PosTerminal)
class PosTerminals(Window):
    """Counters of shops."""

    sees = "accounts.view_transactions"
    whose = "merchant.owner_id"
    list_display = ("code", "label", "merchant", "created_at")
    list_select_related = ("merchant",)
    search_fields = ("merchant__till__exact",)


@admin.register(PosSale)
class PosSales(Window):
    """What shops asked for."""

    sees = "accounts.view_transactions"
    whose = "merchant.owner_id"
    list_display = ("reference", "merchant", "amount", "status", "payment", "created_at", "over_at")
    list_filter = ("status",)
    list_select_related = ("merchant", "payment")
    search_fields = ("reference__exact", "merchant__till__exact")


@admin.register(Settlement)
class Settlements(Window):
    """What shops were paid out."""

    sees = "accounts.view_transactions"
    whose = "merchant.owner_id"
    list_display = ("reference", "day", "merchant", "sales_count", "sales", "refunds", "fee", "duty", "net")
    list_filter = ("day",)
    list_select_related = ("merchant",)
    search_fields = ("reference__exact", "merchant__till__exact")
