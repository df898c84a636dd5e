"""The books."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """Double-entry books."""

    name = "apps.ledger"
    verbose_name = _("Books")

    def ready(self) -> None:
        """Register the ledger's own steps of the day's end, its checks, and with the maker-checker engine reversals and
        the reopening of periods.
        """
        import_module("apps.ledger.eod.own").register_steps()
        import_module("apps.ledger.checks").register_checks()
        import_module("apps.ledger.operations.ask_reversal").register_kind()
        import_module("apps.ledger.operations.periods").register_kind()
