"""What a customer holds."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Accounts, lines, statements, cash."""

    name = "apps.accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Plug cash into the maker-checker engine, steps into the day's end, checks into the audit of the books."""
        approvals = import_module("apps.kernel.approvals")
        cash = import_module("apps.accounts.operations.cash")
        policies = import_module("apps.accounts.policies")
        approvals.guard_with(policies.require_uninvolved_in_reversal)
        for code, label, run, returned in (
            (cash.LARGE_CASH, _("Large cash"), cash.approve_cash_run, cash.return_cash),
            (cash.FUND_TILL, _("Cash for a till"), cash.run_fund_till, None),
        ):
            approvals.register(
                approvals.Kind(
                    code=code,
                    label=label,
                    permission="accounts.approve_cash",
                    run=run,
                    may_decide=policies.require_within_own_limit,
                    returned=returned,
                )
            )
        tariff = import_module("apps.accounts.operations.tariff")
        approvals.register(
            approvals.Kind(
                code=tariff.CHANGE_TARIFF,
                label=_("Change of a tariff"),
                permission="accounts.manage_products",
                run=tariff.run_tariff_change,
            )
        )
        manage = import_module("apps.accounts.operations.manage")
        approvals.register(
            approvals.Kind(
                code=manage.UNFREEZE,
                label=_("An account that is frozen is let go"),
                permission="accounts.freeze_account",
                run=manage.run_unfreeze,
            )
        )
        mandate = import_module("apps.accounts.operations.mandate")
        approvals.register(
            approvals.Kind(
                code=mandate.BY_BANK,
                label=_("A mandate that too few can sign"),
                permission=mandate.RIGHT,
                run=mandate.run_by_bank,
            )
        )
        reversals = import_module("apps.ledger.operations.ask_reversal")
        reversals.reversed_with(import_module("apps.accounts.operations.reverse").reverse_for_staff)
        import_module("apps.ledger.tied").register(import_module("apps.accounts.operations.reverse").stands_on)
        import_module("apps.users.closing").register(import_module("apps.accounts.operations.leave").close_all)
        terms = import_module("apps.accounts.operations.interest_terms")
        approvals.register(
            approvals.Kind(
                code=terms.CHANGE_INTEREST,
                label=_("Change of interest on savings"),
                permission="accounts.manage_products",
                run=terms.run_interest_change,
            )
        )
        charts = import_module("apps.accounts.operations.deposit_chart")
        approvals.register(
            approvals.Kind(
                code=charts.CHANGE_CHART,
                label=_("Change of deposit rates"),
                permission="accounts.manage_products",
                run=charts.run_chart_change,
            )
        )
        import_module("apps.accounts.operations.large_floor").LARGE_PAYMENT.register_kind()
        import_module("apps.accounts.operations.interest_back").register_kind()
        unclaimed = import_module("apps.accounts.operations.unclaimed")
        for code, label, run in (
            (unclaimed.HAND_OVER, _("Unclaimed assets to the Authority"), unclaimed.run_hand_over),
            (unclaimed.RECLAIM, _("Assets claimed back"), unclaimed.run_reclaim),
        ):
            approvals.register(
                approvals.Kind(
                    code=code,
                    label=label,
                    permission="accounts.approve_cash",
                    run=run,
                    may_decide=policies.require_within_own_limit,
                )
            )
        import_module("apps.accounts.day_end").register()
        import_module("apps.accounts.checks").register()
