"""The books."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """Double-entry books."""

    name = "apps.ledger"
    verbose_name = _("Books")
