"""Where loans answer."""

from typing import Any

from django.urls import path

from apps.lending.api import (
    classing,
    collections,
    factory,
    guarantees,
    life,
    security,
    staff,
    staff_life,
    stress,
    views,
)

_loans, _guarantees = views.Loans.as_view, guarantees.Guarantees.as_view
_ONE = "api/v1/loans/<uuid:public_id>/"
_WHOLE: dict[str, Any] = {"pagination_class": None, "filter_backends": ()}  # a short list, answered at once
_THING = "api/v1/admin/loans/<uuid:public_id>/collateral/<uuid:thing>/"
_GUARANTEE = "api/v1/guarantees/<uuid:public_id>/"
_VERBS = {"status": "get", "schedule": "get", "payoff": "get", "challenge": "post", "accept": "post", "cancel": "post",
          "repay": "post"}  # fmt: skip
_CASES = "api/v1/admin/loans/collections/"
_case = collections.Cases.as_view
_CASE_VERBS = ("claim", "release", "hand-over", "next", "call", "note", "message", "promise", "visit", "letter",
               "call-guarantors", "more-time")  # fmt: skip
_STAFF = {
    "review": staff.ReviewLoan,
    "approve": staff.ApproveLoan,
    "reject": staff.RejectLoan,
    "disburse": staff.DisburseLoan,
    "restructure": staff.RestructureLoan,
    "write-off": staff.WriteOffLoan,
    "refinance": staff_life.RefinanceLoan,
    "back-dated": staff_life.BackDatedPayment,
    "reverse-repayment": staff_life.ReverseRepayment,
}

urlpatterns = [
    path("api/v1/loans/", _loans({"get": "list"}), name="loans"),
    path("api/v1/loans/active/", _loans({"get": "active"}, **_WHOLE), name="loans-active"),
    path("api/v1/loans/apply/", views.Apply.as_view(), name="loan-apply"),
    path("api/v1/loans/limit/", views.Limit.as_view(), name="loan-limit"),
    path("api/v1/loans/products/", views.Products.as_view(), name="loan-products"),
    path("api/v1/loans/match/", views.Matches.as_view(), name="loan-match"),
    path("api/v1/loans/quote/", views.Quote.as_view(), name="loan-quote"),
    path("api/v1/loans/repay/", views.RepayOnly.as_view(), name="loan-repay-only"),
    path(_ONE, _loans({"get": "retrieve", "patch": "partial_update"}), name="loan"),
    path(f"{_ONE}top-up/", life.TopUps.as_view(), name="loan-top-up"),
    path(f"{_ONE}top-up/quote/", life.TopUpQuote.as_view(), name="loan-top-up-quote"),
    path(f"{_ONE}repayments/", life.Repayments.as_view(), name="loan-repayments"),
    path(f"{_ONE}parts/", life.Parts.as_view(), name="loan-parts"),
    path(f"{_ONE}parts/<int:number>/disburse/", staff_life.DisbursePart.as_view(), name="loan-part-disburse"),
    path(f"{_ONE}pay-by-mpesa/", life.PayByMpesa.as_view(), name="loan-pay-by-mpesa"),
    *(
        path(f"{_ONE}{paper}.pdf", life.Papers.as_view(), {"paper": paper}, name=f"loan-{paper}-pdf")
        for paper in life.Papers.papers
    ),
    path("api/v1/cash/loans/", staff_life.LoanCash.as_view(), name="cash-loans"),
    *(path(f"{_ONE}{verb}/", _loans({how: verb}, **_WHOLE), name=f"loan-{verb}") for verb, how in _VERBS.items()),
    *(path(f"{_ONE}{verb}/", view.as_view(), name=f"loan-{verb}") for verb, view in _STAFF.items()),
    path(f"{_ONE}guarantees/", guarantees.LoanGuarantees.as_view(), name="loan-guarantees"),
    path("api/v1/guarantees/", _guarantees({"get": "list"}), name="guarantees"),
    path(_GUARANTEE, _guarantees({"get": "retrieve"}), name="guarantee"),
    *(
        path(f"{_GUARANTEE}{verb}/", _guarantees({"post": verb}), name=f"guarantee-{verb}")
        for verb in ("challenge", "accept", "decline")
    ),
    path(f"{_ONE}promise/", collections.MakePromise.as_view(), name="loan-promise"),
    path(f"{_ONE}more-time/", collections.AskMoreTime.as_view(), name="loan-more-time"),
    path(_CASES, _case({"get": "list"}), name="collection-cases"),
    path(f"{_CASES}<uuid:public_id>/", _case({"get": "retrieve"}), name="collection-case"),
    *(
        path(
            f"{_CASES}<uuid:public_id>/{verb}/", _case({"post": verb.replace("-", "_")}), name=f"collection-case-{verb}"
        )
        for verb in _CASE_VERBS
    ),
    path("api/v1/admin/loans/", staff.StaffLoans.as_view(), name="staff-loans"),
    path("api/v1/admin/loans/portfolio/", staff.PortfolioView.as_view(), name="loan-portfolio"),
    path("api/v1/admin/loans/products/", factory.StaffProducts.as_view(), name="staff-loan-products"),
    path("api/v1/admin/loans/products/preview/", factory.PreviewTerms.as_view(), name="loan-terms-preview"),
    path("api/v1/admin/loans/products/<str:code>/terms/", factory.AskTerms.as_view(), name="loan-terms-ask"),
    path("api/v1/admin/loans/products/<str:code>/offered/", factory.OfferProduct.as_view(), name="loan-offered"),
    path("api/v1/admin/loans/references/", factory.ReferenceRates.as_view(), name="loan-references"),
    path("api/v1/admin/loans/classes/", classing.LoanClasses.as_view(), name="loan-classes"),
    path("api/v1/admin/loans/classes/ageing/", classing.AskAgeing.as_view(), name="loan-ageing"),
    path("api/v1/admin/loans/classes/<int:pk>/rate/", classing.AskLossRate.as_view(), name="loan-class-rate"),
    path(f"{_ONE}collateral/", security.OwnCollateral.as_view(), name="loan-collateral"),
    path("api/v1/admin/loans/<uuid:public_id>/collateral/", security.PledgeThing.as_view(), name="pledge-thing"),
    path(f"{_THING}release/", security.ReleaseThing.as_view(), name="release-thing"),
    path(f"{_THING}papers/", security.PapersOfThing.as_view(), name="papers-of-thing"),
    path("api/v1/admin/users/<int:pk>/credit-limit/", security.CreditLimitOf.as_view(), name="credit-limit-of"),
    path("api/v1/analytics/stress-tests/", stress.StressTests.as_view(), name="stress-tests"),
    path("api/v1/analytics/stress-tests/<uuid:public_id>/", stress.OneStressTest.as_view(), name="stress-test"),
    path("api/v1/admin/loans/switch/", staff.LendingSwitch.as_view(), name="lending-switch"),
]
