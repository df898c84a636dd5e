"""Credit scores."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CreditScoringConfig(AppConfig):
    """How likely a customer is to repay, and why."""

    name = "apps.credit_scoring"
    verbose_name = _("Credit scoring")

    def ready(self) -> None:
        """Plug the bureau in, and what two people decide into the maker-checker engine."""
        import_module("apps.credit_scoring.ports").register(import_module("apps.credit_scoring.metropol").Metropol())
        approvals = import_module("apps.kernel.approvals")
        override = import_module("apps.credit_scoring.operations.override")
        train = import_module("apps.credit_scoring.operations.train")
        policies = import_module("apps.credit_scoring.policies")
        approvals.register(
            approvals.Kind(
                code=override.OVERRIDE,
                label=_("Override of a credit decision"),
                permission=policies.REVIEWS,
                run=override.run_override,
                may_decide=override.may_decide_override,
            )
        )
        approvals.register(
            approvals.Kind(
                code=train.PROMOTE,
                label=_("Change of the credit model"),
                permission=policies.MANAGES,
                run=train.run_promotion,
            )
        )
        declare = import_module("apps.kernel.providers").declare
        bureau = _("Credit bureau")
        declare("metropol", bureau, lambda: settings.METROPOL_URL if settings.METROPOL_PUBLIC_KEY else "")
