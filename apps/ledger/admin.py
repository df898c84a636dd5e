"""Windows on the books: looking, searching, filtering; nothing is changed here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel.admin import Window
from apps.kernel.approvals import label_of
from apps.kernel.models import Approval
from apps.ledger.models import (
    BusinessDay,
    ChartLine,
    Entry,
    EodRun,
    EodStep,
    GlPurpose,
    Hold,
    Holiday,
    LedgerAccount,
    Period,
    PeriodChange,
    Seal,
    Transfer,
)
from apps.ledger.queries.periods import reopening_asked


class BooksWindow(Window):
    """A window for those who may view the books."""

    sees = "ledger.view_books"


class Rows(admin.TabularInline):
    """Rows inside a window on the books, seen by whoever sees the window."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the window."""
        return bool(request.user.has_perm(BooksWindow.sees))


class Legs(Rows):
    """The legs of a transfer."""

    model = Entry
    fields = ("id", "account", "amount", "balance", "seq", "booked_on")
    readonly_fields = ("amount", "balance")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        """With their accounts."""
        return super().get_queryset(request).select_related("account")


@admin.register(LedgerAccount)
class LedgerAccounts(BooksWindow):
    """The chart, and customers' accounts."""

    list_display = ("code", "name", "kind", "currency", "role", "mode", "is_blocked", "is_closed")
    list_filter = ("kind", "currency", "role", "mode", "is_blocked", "is_closed")
    search_fields = ("code__startswith", "owner_reference__startswith", "name__istartswith")
    list_select_related = ("parent",)


@admin.register(Transfer)
class Transfers(BooksWindow):
    """Movements of money."""

    list_display = ("id", "reference", "kind", "narrative", "booked_on", "created_at", "reverses")
    search_fields = ("reference__exact",)
    ordering = ("-id",)
    list_select_related = ("reverses",)
    inlines = (Legs,)


@admin.register(Entry)
class Entries(BooksWindow):
    """Legs."""

    list_display = ("id", "account", "amount", "balance", "seq", "booked_on")
    fields = ("id", "transfer", "leg", "account", "amount", "balance", "seq", "booked_on")
    list_filter = ("currency",)
    search_fields = ("account__code__exact", "transfer__reference__exact")
    ordering = ("-id",)
    list_select_related = ("account", "transfer")


@admin.register(Hold)
class Holds(BooksWindow):
    """Money set aside."""

    list_display = ("reference", "account", "amount", "captured", "status", "expires_at")
    list_filter = ("status", "currency")
    search_fields = ("reference__exact", "account__code__exact")
    ordering = ("-id",)
    list_select_related = ("account",)


class Changes(Rows):
    """What happened to a period."""

    model = PeriodChange


@admin.register(Period)
class Periods(BooksWindow):
    """Accounting periods."""

    list_display = ("name", "first_on", "last_on", "status", "waiting")
    list_filter = ("status",)
    readonly_fields = ("waiting",)
    inlines = (Changes,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Period]:
        """Each with the request to reopen it that waits, if any."""
        rows: QuerySet[Period] = super().get_queryset(request).annotate(asked=reopening_asked())
        return rows

    @admin.display(description=_("Waiting for a second person"))
    def waiting(self, row: Any) -> str:
        """Who asked to reopen it, and why."""
        asked = Approval.objects.select_related("maker").filter(pk=row.asked).first() if row.asked else None
        return f"{label_of(asked)}: {asked.maker}, {asked.reason}" if asked else "–"


@admin.register(BusinessDay)
class BusinessDays(BooksWindow):
    """The bank's days."""

    list_display = ("day", "status", "opened_at", "closed_at")
    list_filter = ("status",)
    ordering = ("-day",)


class Steps(Rows):
    """What a run did."""

    model = EodStep


@admin.register(EodRun)
class EodRuns(BooksWindow):
    """Ends of days."""

    list_display = ("day", "status", "attempts", "started_at", "finished_at")
    list_filter = ("status",)
    list_select_related = ("day",)
    inlines = (Steps,)


@admin.register(ChartLine)
class ChartLines(BooksWindow):
    """The chart of accounts."""

    list_display = ("number", "name", "kind", "role", "mode", "parent")
    list_filter = ("kind", "role")
    list_select_related = ("parent",)


@admin.register(GlPurpose)
class GlPurposes(BooksWindow):
    """What products book to."""

    list_display = ("code", "line")
    search_fields = ("code",)
    list_select_related = ("line",)


@admin.register(Seal)
class Seals(BooksWindow):
    """Sealed blocks of entries."""

    list_display = ("block", "first_entry", "last_entry", "entry_count", "sealed_at")
    ordering = ("-block",)


@admin.register(Holiday)
class Holidays(BooksWindow):
    """Gazetted holidays; those of the law are computed."""

    list_display = ("on", "name", "notice", "added_by", "added_at", "withdrawn_at")
    list_select_related = ("added_by",)
    ordering = ("-on",)
