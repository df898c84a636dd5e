"""Money between people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Payments from intent to receipt."""

    name = "apps.payments"
    verbose_name = _("Payments")
