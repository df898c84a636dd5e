"""Money between people."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Payments from intent to receipt."""

    name = "apps.payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Plug checks into the audit of the books."""
        import_module("apps.payments.checks").register()
