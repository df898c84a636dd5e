"""Screening of payments."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FraudConfig(AppConfig):
    """Scores what people are about to pay."""

    name = "apps.fraud"
    verbose_name = _("Fraud")

    def ready(self) -> None:
        """Plug the change of a rule and the use of a model into the maker-checker engine."""
        approvals = import_module("apps.kernel.approvals")
        rule = import_module("apps.fraud.operations.change_rule")
        approvals.register(
            approvals.Kind(
                code=rule.CHANGE_RULE,
                label=_("Change of a rule of the screen"),
                permission=import_module("apps.fraud.operations.back_tests").RIGHT,
                run=rule.run_rule_change,
            )
        )
        blocking = import_module("apps.fraud.operations.blocking")
        label = _("A block is lifted before its time")
        approvals.register(approvals.Kind(blocking.LIFT, label, blocking.RIGHT, blocking.run_lift))
        train = import_module("apps.fraud.operations.train")
        label = _("Another model beside the rules of the screen")
        approvals.register(approvals.Kind(train.PROMOTE, label, train.RIGHT, train.run_promotion))
