"""Screening of payments."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FraudConfig(AppConfig):
    """Scores what people are about to pay."""

    name = "apps.fraud"
    verbose_name = _("Fraud")

    def ready(self) -> None:
        """Plug the change of a rule into the maker-checker engine."""
        approvals = import_module("apps.kernel.approvals")
        rule = import_module("apps.fraud.operations.change_rule")
        approvals.register(
            approvals.Kind(
                code=rule.CHANGE_RULE,
                label=_("Change of a rule of the screen"),
                permission=rule.RIGHT,
                run=rule.run_rule_change,
            )
        )
