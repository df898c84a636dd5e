"""Where M-Pesa answers, and is answered."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.mpesa.api import balances, bulk, qr, reconciliation, views, webhooks

router = SimpleRouter(use_regex_path=False)
router.register("api/v1/mpesa/transactions", views.MpesaTransactions, basename="mpesa")
router.register("api/v1/mpesa/reconciliations", reconciliation.Reconciliations, basename="mpesa-reconciliation")

_bulks = bulk.MpesaBulkPayments.as_view
_BULK = "api/v1/mpesa/bulk-payments/"

urlpatterns = [
    path(_BULK, _bulks({"get": "list", "post": "create"}), name="mpesa-bulk-payments"),
    path(f"{_BULK}<uuid:public_id>/", _bulks({"get": "retrieve"}), name="mpesa-bulk-payment"),
    path(f"{_BULK}<uuid:public_id>/approve/", _bulks({"post": "approve"}), name="mpesa-bulk-payment-approve"),
    path("api/v1/mpesa/balances/", balances.Balances.as_view(), name="mpesa-balances"),
    path("api/v1/mpesa/qr-codes/", qr.MpesaCodes.as_view(), name="mpesa-qr"),
    path("api/v1/mpesa/suspense/", views.Suspense.as_view()),
    path("api/v1/mpesa/transactions/<uuid:public_id>/place/", views.PlaceMoney.as_view()),
    path("api/v1/mpesa/transactions/<uuid:public_id>/reverse/", views.SendBack.as_view()),
    path("api/v1/mpesa/transactions/<uuid:public_id>/decide/", views.Decide.as_view()),
    *router.urls,
    path("webhooks/daraja/stk/<str:token>", webhooks.Stk.as_view()),
    path("webhooks/daraja/express/<str:token>", webhooks.TillPush.as_view()),
    path("webhooks/daraja/c2b/validation/<str:token>", webhooks.Validation.as_view()),
    path("webhooks/daraja/c2b/confirmation/<str:token>", webhooks.Confirmation.as_view()),
    path("webhooks/daraja/b2c/result/<str:token>", webhooks.Payout.as_view()),
    path("webhooks/daraja/b2c/timeout/<str:token>", webhooks.Timeout.as_view()),
    path("webhooks/daraja/reversal/<str:token>", webhooks.Reversal.as_view()),
    path("webhooks/daraja/reversal/timeout/<str:token>", webhooks.Timeout.as_view()),
    path("webhooks/daraja/status/result/<str:token>", webhooks.Status.as_view()),
    path("webhooks/daraja/balance/result/<str:token>", webhooks.Balance.as_view()),
    path("webhooks/daraja/balance/timeout/<str:token>", webhooks.Timeout.as_view()),
    path("webhooks/daraja/status/timeout/<str:token>", webhooks.Timeout.as_view()),
]
