"""The record of who did what."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditTrailConfig(AppConfig):
    """Append-only record of who did what to what."""

    name = "apps.audit_trail"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        """Give the maker-checker engine, and the neighbours, their pen."""
        approvals = import_module("apps.kernel.approvals")
        record = import_module("apps.audit_trail.operations").record
        approvals.record_with(record)
        import_module("apps.kernel.records").record_with(record)
        import_module("apps.audit_trail.subscribers")
