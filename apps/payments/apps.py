"""Money between people."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Payments from intent to receipt."""

    name = "apps.payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Plug in what needs two people, the ways out that are ours, the day's end, checks of the books, and news."""
        approvals = import_module("apps.kernel.approvals")
        refund = import_module("apps.payments.operations.refund")
        policies = import_module("apps.accounts.policies")
        approvals.register(
            approvals.Kind(
                code=refund.LARGE_REFUND,
                label=_("Large refund"),
                permission="payments.refund_transactions",
                run=refund.run_refund,
                may_decide=policies.require_within_own_limit,
                returned=refund.return_refund,
            )
        )
        reversal, ties = (import_module(f"apps.{name}") for name in ("payments.operations.reversal", "ledger.tied"))
        ties.register(reversal.stands_on)
        ties.register(reversal.OTHERS)
        import_module("apps.ledger.operations.ask_reversal").reversed_with(reversal.reversed_by_staff)
        import_module("apps.payments.day_end").register()
        decide = import_module("apps.payments.operations.bulk.decide")
        approvals.register(
            approvals.Kind(
                code=decide.BULK_APPROVAL,
                label=_("Bulk payment of the bank"),
                permission="payments.bulk_pay",
                run=decide.run_approved,
                may_decide=policies.require_within_own_limit,
                returned=decide.return_asked,
            )
        )
        biller = import_module("apps.payments.operations.biller")
        approvals.register(
            approvals.Kind(
                code=biller.CHANGE_BILLER,
                label=_("Change of a biller"),
                permission="payments.manage_billers",
                run=biller.run_biller_change,
            )
        )
        limit = policies.require_within_own_limit
        recall, placing, returning = (
            import_module(f"apps.payments.operations.banks.{name}") for name in ("recall", "placing", "returning")
        )
        for code, label, run in (
            (recall.RECALL_PAYMENT, _("Recall from another bank"), recall.run_recall),
            (placing.PLACE_TRANSFER, _("Money from another bank"), placing.run_place),
            (returning.RETURN_TRANSFER, _("Return to another bank"), returning.run_return),
        ):
            approvals.register(approvals.Kind(code, label, placing.RIGHT, run, may_decide=limit))
        # Who is on a list is not a question of amounts.
        approvals.register(
            approvals.Kind(
                placing.RELEASE_TRANSFER, _("Payer who may be on a list"), placing.LISTS, placing.run_release
            )
        )
        shops = import_module("apps.payments.operations.shop_change")
        approvals.register(
            approvals.Kind(shops.CHANGE_MERCHANT, _("Change of a shop"), shops.RIGHT, shops.run_merchant_change)
        )
        import_module("apps.payments.operations.sale_floor").LARGE_SALE.register_kind()
        import_module("apps.users.closing").register(import_module("apps.payments.operations.shop").require_no_shop)
        airtime = import_module("apps.payments.operations.airtime_decide")
        approvals.register(
            approvals.Kind(
                airtime.DECIDE_AIRTIME,
                _("Airtime in doubt"),
                airtime.RIGHT,
                airtime.run_airtime_decision,
                may_decide=limit,
            )
        )
        import_module("apps.payments.rails").register(import_module("apps.payments.airtime").AirtimeRail())
        import_module("apps.payments.banks.rail").register()
        import_module("apps.payments.checks").register()
        import_module("apps.payments.bank_checks").register()
        import_module("apps.payments.news")  # hears what standing orders, payees and requests say
        import_module("apps.payments.order_news")  # hears what standing orders of businesses say
        import_module("apps.payments.bank_news")  # hears of what came back
        import_module("apps.payments.incoming_news")  # hears of what other banks sent
        declare = import_module("apps.kernel.providers").declare
        declare("africastalking_airtime", _("Airtime"), _airtime)
        declare("interbank-pesalink", "PesaLink", lambda: settings.INTERBANK_URLS["pesalink"])
        declare("interbank-bank", _("The bank where ours settles"), lambda: settings.INTERBANK_URLS["bank"])
        declare("interbank-abroad", _("The partner abroad"), lambda: settings.INTERBANK_URLS["abroad"])


def _airtime() -> str:
    return settings.AFRICASTALKING_URL if settings.AFRICASTALKING_API_KEY else ""
