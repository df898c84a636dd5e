"""The audit trail in the workbench: looking only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.audit_trail import policies
from apps.audit_trail.models import AuditLog, ChainAnchor, IntegrityCheck, Seal
from apps.kernel.admin import Window


class AuditWindow(Window):
    """For staff who hold `view_audit`; Django's own view permission does not exist here."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Auditors."""
        return policies.may_view(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Auditors."""
        return policies.may_view(request.user)


@admin.register(AuditLog)
class AuditLogs(AuditWindow):
    """Who did what to what."""

    list_display = ("id", "at", "actor", "action", "target", "reason")
    list_select_related = ("actor",)
    search_fields = ("=action", "=target_id", "=request_id")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLog]:
        """Without what is kept from this reader."""
        rows: QuerySet[AuditLog] = AuditLog.objects.seen_by(request.user).order_by("-id")
        return rows


@admin.register(Seal)
class Seals(AuditWindow):
    """Blocks and their roots."""

    list_display = ("number", "upto", "records", "root_hex", "sealed_at")
    fields = ("number", "upto", "records", "root_hex", "sealed_at")
    readonly_fields = ("records", "root_hex")
    ordering = ("-number",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seal]:
        """Without the leaves, which nobody reads."""
        return super().get_queryset(request).defer("leaves")

    @admin.display(description="records")
    def records(self, seal: Seal) -> int:
        """How many the block holds."""
        return len(seal.ids)

    @admin.display(description="root")
    def root_hex(self, seal: Seal) -> str:
        """As hexadecimal text."""
        return bytes(seal.root).hex()


@admin.register(IntegrityCheck)
class IntegrityChecks(AuditWindow):
    """What verifications found."""

    list_display = ("at", "from_seal", "upto_seal", "records", "is_intact", "first_break", "by")
    list_filter = ("is_intact",)
    list_select_related = ("by",)
    exclude = ("root",)
    ordering = ("-id",)


@admin.register(ChainAnchor)
class ChainAnchors(AuditWindow):
    """Roots written down outside."""

    list_display = ("period", "chain", "status", "anchor_reference", "anchored_at")
    list_filter = ("status", "chain")
    exclude = ("root_hash",)
    ordering = ("-period",)
