"""Accounts as windows."""

from django.contrib import admin

from apps.accounts.models import (
    Account,
    CashMovement,
    DutyRate,
    FeeBand,
    FeeRule,
    Product,
    Statement,
    Till,
    Transaction,
)
from apps.kernel.admin import Window


@admin.register(Account)
class Accounts(Window):
    """Who holds what."""

    sees = "accounts.view_transactions"
    list_display = ("number", "owner", "account_type", "currency", "status", "opened_at")
    list_filter = ("status", "account_type")
    list_select_related = ("owner",)
    search_fields = ("number__exact",)


@admin.register(Transaction)
class Lines(Window):
    """Lines of customers."""

    sees = "accounts.view_transactions"
    whose = "account.owner_id"
    list_display = ("id", "account", "txn_type", "amount", "description", "booked_on")
    list_filter = ("txn_type",)
    list_select_related = ("account",)
    search_fields = ("reference__exact", "account__number__exact")


@admin.register(CashMovement)
class Cash(Window):
    """Cash over the counter."""

    sees = "accounts.view_transactions"
    whose = "account.owner_id"
    list_display = ("receipt", "kind", "status", "account", "amount", "made_by", "created_at")
    list_filter = ("kind", "status")
    list_select_related = ("account", "made_by")
    search_fields = ("receipt__exact",)


@admin.register(Till)
class Tills(Window):
    """Drawers."""

    sees = "accounts.view_transactions"
    list_display = ("teller", "branch", "currency", "is_open")
    list_select_related = ("teller", "branch")


@admin.register(Product)
class Products(Window):
    """What the bank offers."""

    sees = "accounts.view_transactions"
    list_display = ("code", "name", "account_type", "currency", "minimum_balance", "is_active")


@admin.register(Statement)
class Statements(Window):
    """Statements that were made."""

    sees = "accounts.view_transactions"
    whose = "account.owner_id"
    list_display = ("id", "account", "from_date", "to_date", "is_monthly", "made_at")
    list_select_related = ("account",)


@admin.register(FeeRule)
class Tariffs(Window):
    """What things cost, from which day on; they change through an approval."""

    sees = "accounts.view_transactions"
    list_display = ("charged_for", "product", "channel", "currency", "valid_from")
    list_filter = ("charged_for",)
    list_select_related = ("product",)


@admin.register(FeeBand)
class TariffBands(Window):
    """The figures of each tariff."""

    sees = "accounts.view_transactions"
    list_display = ("rule", "upto", "flat", "rate", "least", "most")
    list_select_related = ("rule",)


@admin.register(DutyRate)
class DutyRates(Window):
    """Excise duty on fees."""

    sees = "accounts.view_transactions"
    list_display = ("duty_class", "rate", "valid_from", "source")
