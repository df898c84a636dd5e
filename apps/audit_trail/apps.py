"""The record of who did what."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditTrailConfig(AppConfig):
    """Append-only record of who did what to what."""

    name = "apps.audit_trail"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        """Give the maker-checker engine its pen."""
        approvals = import_module("apps.kernel.approvals")
        approvals.record_with(import_module("apps.audit_trail.operations").record)
