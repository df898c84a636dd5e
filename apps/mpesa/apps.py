"""M-Pesa by Daraja."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
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
        import_module("apps.fraud.ports").register_sim_book(import_module("apps.mpesa.sims").DarajaSims())
        import_module("apps.mpesa.checks").register()
        approvals = import_module("apps.kernel.approvals")
        names = ("send_back", "decide", "place")
        back, decide, place = (import_module(f"apps.mpesa.operations.{name}") for name in names)
        limit = import_module("apps.accounts.policies").require_within_own_limit
        for code, label, run in (
            (back.SEND_BACK, _("Sending M-Pesa money back"), back.run_send_back),
            (decide.DECIDE, _("M-Pesa payment in doubt"), decide.run_decision),
            (place.PLACE, _("M-Pesa money nobody's name is on"), place.run_place),
        ):
            approvals.register(approvals.Kind(code, label, back.RIGHT, run, may_decide=limit))
        ties = import_module("apps.ledger.tied")
        said = _("M-Pesa money stands on this transfer. Nothing was reversed. Place it or send it back on its page.")
        ties.register(ties.under({"mpesa/": said}))
        checks.register(import_module("apps.mpesa.addresses").callbacks_are_sealed)
        declare = import_module("apps.kernel.providers").declare
        declare("daraja", _("M-Pesa"), lambda: settings.DARAJA_URL if settings.DARAJA_KEY else "")
