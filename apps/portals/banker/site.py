"""The bankers' workbench: Django's admin with our shell, behind the staff's own door."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from apps.portals.banker import (
    airtime,
    approvals,
    audit,
    billers,
    bulk,
    classes,
    collateral,
    collection_case,
    collections,
    credit,
    customer,
    deposit_chart,
    disputes,
    door,
    dormant,
    exchange,
    flagged,
    glass,
    group_papers,
    groups,
    holidays,
    home,
    incoming,
    interest_back,
    kyc,
    large_payments,
    limits,
    loan_life,
    loans,
    model,
    mpesa,
    mpesa_balances,
    other_banks,
    palette,
    periods,
    portfolio,
    products,
    recalls,
    reversals,
    rules,
    said,
    said_change,
    savings,
    shops,
    staff,
    stress,
    stuck,
    tariffs,
    teller,
    unpaid,
)

# Django's own pages that would go past the bank: passwords change with their checks, in one's settings.
NOT_OURS = {"password_change", "password_change_done", "view_on_site"}
# Tables of libraries, whose pages would write to them without an operation, a record and a second person.
BANK = "apps."


class Workbench(AdminSite):
    """Staff only, with a second factor at the door and 15 minutes of patience."""

    site_header = _("KitBank workbench")
    site_title = _("Workbench")
    index_title = _("My work")
    enable_nav_sidebar = False
    final_catch_all_view = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """The bank's own tables; those of libraries are no business of the workbench."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        ours = [model for model in models if model.__module__.startswith(BANK)]
        super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff in good standing, who gave a sign of life in the last 15 minutes."""
        return door.is_staff_in(request)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The bank has one sign-in page, which asks staff for their second factor; customers have no business here."""
        if request.user.is_authenticated:
            raise PermissionDenied
        onward = request.GET.get("next") or request.get_full_path()
        return redirect(f"/login?{urlencode({'next': onward if 'login' not in onward else '/workbench/'})}")

    @method_decorator(never_cache)
    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """My work."""
        return home.home(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the shell shows on every page, the standard lists included."""
        return {**super().each_context(request), "place": "data"}

    def get_urls(self) -> list[Any]:
        """Our pages before the standard lists."""
        view = self.admin_view
        ours = [
            path("", view(home.home), name="index"),
            path("go/", view(palette.go), name="go"),
            path("customer/<int:pk>/", view(customer.customer), name="customer"),
            path("customer/<int:pk>/glass/", view(glass.open_glass), name="customer-glass"),
            path("customer/<int:pk>/limits/", view(limits.limits_of), name="customer-limits"),
            path("customer/<int:pk>/<slug:act>/", view(customer.act), name="customer-act"),
            path("account/<int:pk>/<slug:act>/", view(customer.account_act), name="account-act"),
            path("teller/", view(teller.teller), name="teller"),
            path("teller/till/", view(teller.till), name="till"),
            path("teller/receipt/<str:receipt>/", view(teller.receipt), name="receipt"),
            path("audit/", view(audit.audit), name="audit"),
            path("audit/customers/<int:pk>/", view(audit.seen), name="seen"),
            path("staff/", view(staff.staff), name="staff"),
            path("staff/roles/", view(staff.roles), name="roles"),
            path("staff/me/", view(staff.mine), name="my-connections"),
            path("staff/<int:pk>/", view(staff.member), name="staff-member"),
            path("staff/<int:pk>/<slug:act>/", view(staff.act), name="staff-act"),
            path("glass/", view(glass.broken), name="glass"),
            path("glass/<int:pk>/", view(glass.review), name="glass-review"),
            path("approvals/", view(approvals.approvals), name="approvals"),
            path("approvals/<int:pk>/", view(approvals.approval), name="approval"),
            path("recon/", view(mpesa.recon), name="recon"),
            path("recon/balances/", view(mpesa_balances.balances), name="mpesa-balances"),
            path("recon/<uuid:public_id>/", view(mpesa.truth), name="recon-truth"),
            path("recon/break/<uuid:public_id>/", view(mpesa.settle), name="recon-settle"),
            path("bulk/", view(bulk.bulk), name="bulk"),
            path("bulk/<uuid:public_id>/", view(bulk.one), name="bulk-one"),
            *(
                path(f"bulk/<uuid:public_id>/{act}/", view(getattr(bulk, act)), name=f"bulk-{act}")
                for act in ("agree", "code", "cancel", "reject", "report")
            ),
            path("tariffs/", view(tariffs.tariffs), name="tariffs"),
            path("tariffs/change/", view(tariffs.change), name="tariff-change"),
            path("billers/", view(billers.billers), name="billers"),
            path("billers/change/", view(billers.change), name="biller-change"),
            path("holidays/", view(holidays.holidays), name="holidays"),
            path("queues/standing-orders/", view(unpaid.unpaid), name="unpaid"),
            path("queues/reversals/", view(reversals.reversals), name="reversals"),
            path("queues/reversals/<int:pk>/", view(reversals.reversal), name="reversal"),
            path("queues/reversals/<int:pk>/interest/", view(interest_back.interest_back), name="interest-back"),
            path("queues/limits/", view(reversals.limit_requests), name="limit-requests"),
            path("exchange/", view(exchange.exchange), name="exchange"),
            path("exchange/<int:pk>/believe/", view(exchange.believe), name="exchange-believe"),
            path("payments/stuck/", view(stuck.payments), name="stuck"),
            path("queues/flagged/", view(flagged.flagged), name="flagged"),
            path("rules/", view(rules.rules), name="rules"),
            path("rules/new/", view(rules.rule), name="rule-new"),
            path("rules/model/", view(model.model), name="rules-model"),
            path("rules/<str:code>/", view(rules.rule), name="rule"),
            path("blocked/", view(rules.blocked), name="blocked"),
            path("blocked/<uuid:public_id>/lift/", view(rules.lift), name="blocked-lift"),
            path("queues/disputes/", view(disputes.disputes), name="disputes"),
            path("queues/disputes/<uuid:public_id>/", view(disputes.dispute), name="dispute"),
            path("queues/flagged/<int:pk>/", view(flagged.flag), name="flag"),
            path("queues/kyc/", view(kyc.queue), name="kyc-queue"),
            path("kyc/<uuid:public_id>/", view(kyc.review), name="kyc"),
            path("kyc/papers/<uuid:public_id>/", view(kyc.paper), name="kyc-paper"),
            path("queues/loans/", view(loans.loans), name="loans"),
            path("loans/<uuid:public_id>/", view(loans.loan), name="loan"),
            path("queues/collections/", view(collections.queue), name="collections"),
            path("queues/warnings/", view(collections.early), name="warnings"),
            path("collections/<uuid:public_id>/", view(collection_case.case), name="collection"),
            path(
                "collections/<uuid:public_id>/letters/<uuid:letter_id>.pdf",
                view(collection_case.letter),
                name="collection-letter",
            ),
            path("loans/<uuid:public_id>/earlier/", view(loan_life.earlier), name="loan-earlier"),
            path(
                "loans/<uuid:public_id>/repayments/<str:reference>/back/",
                view(loan_life.take_back),
                name="repayment-back",
            ),
            path("loans/<uuid:public_id>/new/", view(loan_life.new_loan), name="loan-new"),
            path("loans/<uuid:public_id>/parts/", view(loan_life.parts), name="loan-parts"),
            path("teller/loans/", view(loan_life.cash), name="loan-cash"),
            path("loans/<uuid:public_id>/collateral/", view(collateral.collateral), name="loan-collateral"),
            path(
                "loans/<uuid:public_id>/collateral/<uuid:paper_id>/",
                view(collateral.paper),
                name="loan-collateral-paper",
            ),
            path("products/loans/", view(products.products), name="loan-products"),
            path("products/classes/", view(classes.classes), name="loan-classes"),
            path("products/loans/new/", view(products.new_product), name="loan-product-new"),
            path("products/loans/<str:code>/", view(products.product), name="loan-product"),
            path("products/loans/<str:code>/new-terms/", view(products.new_terms), name="loan-product-terms"),
            path("portfolio/", view(portfolio.portfolio), name="portfolio"),
            path("portfolio/loans/", view(portfolio.rows), name="portfolio-loans"),
            path("portfolio/stress/", view(stress.tests), name="stress"),
            path("portfolio/stress/<uuid:public_id>/", view(stress.run), name="stress-run"),
            path("other-banks/", view(other_banks.other_banks), name="other-banks"),
            path("other-banks/incoming/", view(incoming.incoming), name="incoming"),
            path("other-banks/incoming/<uuid:public_id>/", view(incoming.one), name="incoming-one"),
            path("other-banks/recalls/", view(recalls.recalls), name="recalls"),
            path("other-banks/files/<int:pk>/", view(other_banks.bank_file), name="bank-file"),
            path("credit/", view(credit.monitor), name="credit"),
            path("credit/decisions/<uuid:public_id>/", view(credit.decision), name="credit-decision"),
            path("credit/warnings/<int:pk>/", view(credit.take), name="credit-warning"),
            path("airtime/", view(airtime.airtime), name="airtime"),
            path("airtime/<uuid:public_id>/decide/", view(airtime.decide), name="airtime-decide"),
            path("shops/", view(shops.shops), name="shops"),
            path("shops/<uuid:public_id>/", view(shops.change), name="shop-change"),
            path("queues/groups/", view(group_papers.queue), name="group-queue"),
            path("group-papers/<uuid:public_id>/", view(group_papers.check), name="group-check"),
            path("group-papers/<uuid:public_id>/<uuid:paper_id>/", view(group_papers.paper), name="group-paper"),
            path("groups/", view(groups.groups), name="groups"),
            path("groups/<slug:slug>/", view(groups.group), name="group"),
            path("groups/<slug:slug>/restrict/", view(groups.restrict), name="group-restrict"),
            path("messages/", view(said.said), name="said"),
            path("messages/texts/<slug:app>.<slug:name>/", view(said.text), name="said-text"),
            path(
                "messages/texts/<slug:app>.<slug:name>/<slug:channel>/<slug:language>/",
                view(said_change.change),
                name="said-change",
            ),
            path("savings/", view(savings.savings), name="savings"),
            path("savings/deposits/", view(deposit_chart.deposit_chart), name="deposit-chart"),
            path("savings/deposits/change/", view(deposit_chart.change_chart), name="deposit-chart-change"),
            path("savings/<str:code>/", view(savings.change), name="savings-change"),
            path("large-payments/", view(large_payments.large_payments), name="large-payments"),
            path("periods/", view(periods.periods), name="periods"),
            path("periods/<int:pk>/", view(periods.period), name="period"),
            path("dormant/", view(dormant.dormant), name="dormant"),
            path("dormant/<int:pk>/", view(dormant.decide), name="dormant-one"),
            path("data/", view(self.data), name="data"),
            path("<slug:app>/<slug:model>/<path:pk>/history/", view(audit.done_to)),  # Django's own knows nothing
        ]
        return [*ours, *(found for found in super().get_urls() if getattr(found, "name", "") not in NOT_OURS)]

    def data(self, request: HttpRequest) -> HttpResponse:
        """Every standard list, by app."""
        return super().index(request, {"title": _("Lists")})
