"""Loans."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LendingConfig(AppConfig):
    """Loans, from the wish for one to the last shilling."""

    name = "apps.lending"
    verbose_name = _("Lending")

    def ready(self) -> None:
        """Plug in what needs two people, the end of the day, checks of the books, and what scoring asks of loans."""
        approvals = import_module("apps.kernel.approvals")
        switch = import_module("apps.lending.operations.switch")
        write_off = import_module("apps.lending.operations.write_off")
        approvals.register(
            approvals.Kind(
                code=switch.SWITCH_LENDING,
                label=_("Stop or start lending"),
                permission="lending.stop_lending",
                run=switch.run_switch,
            )
        )
        approvals.register(
            approvals.Kind(
                code=write_off.WRITE_OFF,
                label=_("Write a loan off"),
                permission="lending.write_off_loan",
                run=write_off.run_write_off,
            )
        )
        restructure = import_module("apps.lending.operations.restructure")
        more_time = import_module("apps.lending.operations.collections.more_time")
        approvals.register(
            approvals.Kind(
                code=restructure.RESTRUCTURE,
                label=_("Other terms for a loan"),
                permission="lending.approve_loan",
                run=more_time.run_and_answer,
                returned=more_time.back_to_the_desk,
            )
        )
        guarantors = import_module("apps.lending.operations.collections.guarantors")
        approvals.register(
            approvals.Kind(
                code=guarantors.CALL_GUARANTORS,
                label=_("Take what guarantors stand for"),
                permission="lending.call_guarantors",
                run=guarantors.run_call_guarantors,
                returned=guarantors.spare_guarantors,
            )
        )
        refinance = import_module("apps.lending.operations.refinance")
        approvals.register(
            approvals.Kind(
                code=refinance.REFINANCE,
                label=_("A new loan in place of a late one"),
                permission="lending.approve_loan",
                run=refinance.run_refinance,
                may_decide=refinance.require_may_refinance,
            )
        )
        back_date = import_module("apps.lending.operations.back_date")
        approvals.register(
            approvals.Kind(
                code=back_date.BACK_DATE,
                label=_("A payment that had come earlier"),
                permission="lending.approve_loan",
                run=back_date.run_back_dated,
            )
        )
        import_module("apps.accounts.purposes").register("loan", import_module("apps.lending.purposes").Loans())
        import_module("apps.lending.day_end").register()
        import_module("apps.lending.checks").register()
        import_module("apps.credit_scoring.loan_facts").register_loan_facts(import_module("apps.lending.facts").Loans())
