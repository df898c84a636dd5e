"""Exchange rates."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class FxConfig(AppConfig):
    """Rates, quotes and the spread."""

    name = "apps.fx"
    verbose_name = _("Exchange")

    def ready(self) -> None:
        """Plug the provider in, and what two people decide into the maker-checker engine."""
        import_module("apps.fx.ports").register(import_module("apps.fx.exchangerate_api").ExchangeRateApi())
        approvals = import_module("apps.kernel.approvals")
        accept = import_module("apps.fx.operations.accept")
        spread = import_module("apps.fx.operations.spread")
        for code, label, run in (
            (accept.ACCEPT_RATES, _("Exchange rates that jumped"), accept.run_accept),
            (spread.CHANGE_SPREAD, _("Change of the exchange spread"), spread.run_spread_change),
        ):
            approvals.register(approvals.Kind(code=code, label=label, permission="fx.manage_rates", run=run))
        declare = import_module("apps.kernel.providers").declare
        rates = _("Exchange rates")
        declare("exchangerate", rates, lambda: settings.EXCHANGERATE_URL if settings.EXCHANGERATE_API_KEY else "")
