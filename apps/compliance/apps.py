"""The watch for money laundering, data protection, and the bank's returns of tax."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """Watches what customers do, and what the bank reports of it. Customers and bankers never see it."""

    name = "apps.compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        """Keep its records from other readers, plug in what two people decide, keep consents, and listen."""
        confidential = import_module("apps.kernel.confidential")
        confidential.keep("compliance.", "compliance.work_cases")
        approvals = import_module("apps.kernel.approvals")
        rule = import_module("apps.compliance.operations.rule")
        approvals.register(
            approvals.Kind(
                code=rule.CHANGE,
                label=_("Change of a laundering rule"),
                permission=rule.RIGHT,
                run=rule.run_change,
            )
        )
        pay = import_module("apps.compliance.operations.taxes.pay")
        approvals.register(
            approvals.Kind(
                code=pay.PAY,
                label=_("Payment of a tax"),
                permission=pay.FILE_TAXES,
                run=pay.run_pay,
            )
        )
        on_account = import_module("apps.compliance.operations.taxes.on_account")
        approvals.register(
            approvals.Kind(
                code=on_account.PAY_ON_ACCOUNT,
                label=_("Payment of a tax on account"),
                permission=on_account.FILE_TAXES,
                run=on_account.run_pay_on_account,
            )
        )
        import_module("apps.ledger.tied").register(pay.stands_on)
        import_module("apps.compliance.checks").register()
        for kind in import_module("apps.compliance.operations.privacy.kinds").KINDS:
            approvals.register(kind)
        rotate = import_module("apps.compliance.operations.privacy.request").rotate_files
        import_module("apps.kernel.rotation").register("compliance data requests", rotate)
        consents = import_module("apps.kernel.consents")
        consents.keep_with(import_module("apps.compliance.operations.privacy.consent").Keeper())
        import_module("apps.compliance.subscribers")
