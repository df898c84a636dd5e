"""Tiers and their limits."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KycConfig(AppConfig):
    """Who a customer is, proven."""

    name = "apps.kyc"
    verbose_name = _("Know your customer")

    def ready(self) -> None:
        """Plug what two people decide into the maker-checker engine, and listen."""
        approvals = import_module("apps.kernel.approvals")
        limits = import_module("apps.kyc.operations")
        approvals.register(
            approvals.Kind(
                code=limits.CHANGE,
                label=_("Change of tier limits"),
                permission="kyc.manage_limits",
                run=limits.run_limit_change,
            )
        )
        screening = import_module("apps.kyc.operations.screening")
        approvals.register(
            approvals.Kind(
                code=screening.CLEAR,
                label=_("Clearing a strong match with a watch list"),
                permission="kyc.work_screening",
                run=screening.run_clear,
            )
        )
        import_module("apps.kyc.subscribers")
