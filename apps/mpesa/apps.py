"""M-Pesa by Daraja."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class MpesaConfig(AppConfig):
    """Money in and out by M-Pesa."""

    name = "apps.mpesa"
    verbose_name = _("M-Pesa")

    def ready(self) -> None:
        """Register as rail and for top-ups, and plug checks into the audit of the books."""
        import_module("apps.payments.rails").register(import_module("apps.mpesa.rail").MpesaRail())
        import_module("apps.accounts.topups").register(import_module("apps.mpesa.topups").MpesaTopUps())
        import_module("apps.mpesa.checks").register()
        checks.register(import_module("apps.mpesa.addresses").callbacks_are_sealed)
