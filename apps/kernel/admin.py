"""Admin as a window: looking, searching, filtering; nothing is added, changed or deleted there."""

from collections.abc import Iterable
from contextlib import suppress
from operator import attrgetter
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from apps.kernel.clock import now
from apps.kernel.confidential import unseen
from apps.kernel.models import Approval, Delivery, OutboxEvent, Switch
from apps.kernel.records import record

_OWNERS = ("customer_id", "owner_id", "user_id", "borrower_id")
_ENDINGS = {"exact", "isnull", "gte", "lt"}  # how the links of Django's own filters end


def in_money(model: type[Model], names: Iterable[Any]) -> list[Any]:
    """Of a model's columns in minor units those that can be read as money: `fee` for `fee_minor`."""
    shown = ((name, str(name).removesuffix("_minor")) for name in names)
    return [as_money if isinstance(getattr(model, as_money, None), property) else name for name, as_money in shown]


class Window(admin.ModelAdmin):
    """A list and its rows, read only; changes are actions that call operations.

    `sees` is the right that opens it: the bank's own rights decide, not one of Django's for each table.
    """

    sees: ClassVar[str] = "audit_trail.view_audit"

    # The way from a row to the id of the customer it belongs to, where no column of its own leads to them.
    whose: ClassVar[str] = ""

    show_full_result_count = False
    list_per_page = 25
    view_on_site = False  # the workbench has no such page, and rows of libraries have an address of their own

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a row shows, amounts as money."""
        return in_money(self.model, super().get_fields(request, obj))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """One row; that it was looked at is recorded, beside the customer it belongs to."""
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_view_permission(request, row):
            self._seen(row, request)
        return super().change_view(request, object_id, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; a search that leads to rows of one customer alone is a look at them, and recorded as one."""
        answer: HttpResponse = super().changelist_view(request, extra_context)
        found = (getattr(answer, "context_data", None) or {}).get("cl")
        rows = list(found.result_list) if found is not None and found.query else []
        if len({self._customer(row) for row in rows}) == 1 and self._customer(rows[0]) is not None:
            self._seen(rows[0], request)
        return answer

    def _seen(self, row: Any, request: HttpRequest) -> None:
        pk = self._customer(row)
        whom = None if pk is None else get_user_model()(pk=pk)
        record("kernel.row.viewed", on=row, by=request.user, at=now(), reason="Standard list", customer=whom)

    def _customer(self, row: Any) -> int | None:
        """Whose it is, by id; None where it is nobody's."""
        if isinstance(row, get_user_model()):
            return int(row.pk)
        for way in [self.whose] if self.whose else _OWNERS:
            with suppress(AttributeError):
                pk = attrgetter(way)(row)
                return None if pk is None else int(pk)
        return None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only by the filters the list offers: Django takes every column of the table from the address, also those the
        window keeps back, and a column that is asked by its beginning gives itself away letter by letter.
        """
        field, *rest = lookup.split("__")
        offered = {str(one) for one in self.list_filter}
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
    list_select_related = ("changed_by",)
