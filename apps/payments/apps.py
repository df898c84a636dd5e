"""Money between people."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Payments from intent to receipt."""

    name = "apps.payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Plug in what needs two people, the day's end, checks of the books, news, and the ways to other banks."""
        approvals = import_module("apps.kernel.approvals")
        refund = import_module("apps.payments.operations.refund")
        policies = import_module("apps.accounts.policies")
        approvals.register(
            approvals.Kind(
                code=refund.LARGE_REFUND,
                label=_("Large refund"),
                permission="payments.refund_transactions",
                run=refund.run_refund,
                may_decide=policies.require_may_approve_cash,
                returned=refund.return_refund,
            )
        )
        import_module("apps.payments.day_end").register()
        decide = import_module("apps.payments.operations.bulk.decide")
        approvals.register(
            approvals.Kind(
                code=decide.BULK_APPROVAL,
                label=_("Bulk payment of the bank"),
                permission="payments.bulk_pay",
                run=decide.run_approved,
                may_decide=policies.require_may_approve_cash,
                returned=decide.return_asked,
            )
        )
        import_module("apps.payments.banks.rail").register()
        import_module("apps.payments.checks").register()
        import_module("apps.payments.bank_checks").register()
        import_module("apps.payments.news")  # hears what standing orders, payees and requests say
        import_module("apps.payments.bank_news")  # hears of what came back
