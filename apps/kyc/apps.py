"""Tiers and their limits."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
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
        approvals.register(
            approvals.Kind(
                code=limits.RAISE,
                label=_("A customer's tier"),
                permission="kyc.approve_kyc",
                run=limits.run_raise,
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
        approvals.register(
            approvals.Kind(
                code=screening.SHORTER,
                label=_("A watch list that is much shorter"),
                permission="kyc.work_screening",
                run=screening.run_shorter,
            )
        )
        papers = import_module("apps.kyc.operations.papers")
        approvals.register(
            approvals.Kind(
                code=papers.DECIDE,
                label=_("Decision on a customer's papers"),
                permission=papers.RIGHT,
                run=papers.run_decision,
                returned=papers.run_returned,
            )
        )
        import_module("apps.kernel.rotation").register("kyc_documentfile.sealed", papers.rotate_files)
        import_module("apps.kyc.ports").register(
            reader=import_module("apps.kyc.tesseract").Tesseract(),
            registry=import_module("apps.kyc.iprs").Iprs(),
            business_registry=import_module("apps.kyc.brs").Brs(),
        )
        import_module("apps.kyc.subscribers")
        declare = import_module("apps.kernel.providers").declare
        declare("iprs", _("Registry of people"), lambda: settings.IPRS_URL if settings.IPRS_KEY else "")
        declare("brs", _("Registrar of businesses"), lambda: settings.BRS_URL if settings.BRS_KEY else "")
