"""Admin as a window: looking, searching, filtering; nothing is added, changed or deleted there."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.kernel.clock import now
from apps.kernel.confidential import unseen
from apps.kernel.models import Approval, Delivery, OutboxEvent, Switch
from apps.kernel.records import record


_ENDINGS = {"exact", "isnull", "gte", "lt"}  # how the links of Django's own filters end


class Window(admin.ModelAdmin):
    """A list and its rows, read only; changes are actions that call operations.

    `sees` is the right that opens it: the bank's own rights decide, not one of Django's for each table.
    """

    sees: ClassVar[str] = "audit_trail.view_audit"

    show_full_result_count = False
    list_per_page = 25

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """One row; that it was looked at is recorded, beside the customer it belongs to."""
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_view_permission(request, row):
            record("kernel.row.viewed", on=row, by=request.user, at=now(), reason="Standard list")
        return super().change_view(request, object_id, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only by the filters the list offers: Django takes every column of the table from the address, also those the
        window keeps back, and a column that is asked by its beginning gives itself away letter by letter.
        """
        field, *rest = lookup.split("__")
        offered = {one if isinstance(one, str) else one[0] for one in self.list_filter}
        return field in offered and {*rest[-1:]} <= _ENDINGS and super().lookup_allowed(lookup, value, request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who hold the right."""
        return bool(request.user.has_perm(self.sees))  # type: ignore[union-attr]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who may see the list."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(OutboxEvent)
class OutboxEvents(Window):
    """What happened."""

    list_display = ("id", "name", "published_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEvent]:
        """Without what is kept from this reader."""
        return super().get_queryset(request).exclude(unseen(request.user, "name"))


@admin.register(Delivery)
class Deliveries(Window):
    """Who heard it."""

    list_display = ("event", "subscriber", "status", "attempts", "next_attempt_at")
    list_filter = ("status",)
    list_select_related = ("event",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Without what is kept from this reader, told or heard."""
        kept = unseen(request.user, "event__name")
        return super().get_queryset(request).exclude(kept)


@admin.register(Approval)
class Approvals(Window):
    """What was asked and decided."""

    list_display = ("kind", "subject", "status", "maker", "checker", "created_at")
    list_filter = ("status", "kind")
    list_select_related = ("maker", "checker")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        """Without what is kept from this reader."""
        return super().get_queryset(request).exclude(unseen(request.user, "kind"))


@admin.register(Switch)
class Switches(Window):
    """What is stopped."""

    list_display = ("name", "is_on", "changed_by", "changed_at", "reason")
