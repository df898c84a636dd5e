"""Where payments answer."""

from typing import Any

from django.urls import path

from apps.payments.api import (
    airtime,
    bank_doors,
    banks,
    billers,
    bulk,
    incoming,
    incoming_desk,
    joint,
    joint_orders,
    outside,
    payees,
    qr,
    recalls,
    requests,
    shop_desk,
    shops,
    staff,
    standing,
    views,
    webhooks,
)

_pays = views.Payments.as_view
_book, _orders, _asks = payees.Payees.as_view, standing.StandingOrders.as_view, requests.PaymentRequests.as_view
_ONE: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
_batches = bulk.BulkPayments.as_view
_shops, _SHOP = shops.Merchants.as_view, "api/v1/merchants/<uuid:public_id>/"
_BATCH = "api/v1/payments/bulk/<uuid:public_id>/"
_VERBS = {"check": "post", "challenge": "post", "submit": "post", "approve": "post", "reject": "post", "cancel": "post",
          "rows": "get", "report": "get"}  # fmt: skip

_BANKS = "webhooks/banks/<str:channel>/"
_FIRM = "api/v1/businesses/<int:pk>/payments/"
_RENT = "api/v1/businesses/<int:pk>/standing-orders/"

urlpatterns = [
    path(_FIRM, joint.JointPayments.as_view(), name="business-payments"),
    path(f"{_FIRM}<uuid:public_id>/", joint.Joint.as_view(), name="business-payment"),
    path(f"{_FIRM}<uuid:public_id>/challenge/", joint.JointChallenge.as_view(), name="business-payment-challenge"),
    path(f"{_FIRM}<uuid:public_id>/sign/", joint.JointSign.as_view(), name="business-payment-sign"),
    path(f"{_FIRM}<uuid:public_id>/end/", joint.JointEnd.as_view(), name="business-payment-end"),
    path(_RENT, joint_orders.JointOrders.as_view(), name="business-orders"),
    path(f"{_RENT}<uuid:public_id>/", joint_orders.OneJointOrder.as_view(), name="business-order"),
    *(
        path(f"{_RENT}<uuid:public_id>/{verb}/", view.as_view(), name=f"business-order-{verb}")
        for verb, view in (
            ("challenge", joint_orders.JointOrderChallenge),
            ("sign", joint_orders.JointOrderSign),
            ("end", joint_orders.JointOrderEnd),
            ("skip", joint_orders.JointOrderSkip),
        )
    ),
    path("api/v1/transactions/p2p/", views.P2P.as_view(), name="p2p"),
    path("api/v1/transactions/qr-payment/", outside.QrPayment.as_view(), name="qr-payment"),
    path("api/v1/transactions/mobile-money/", outside.MobileMoney.as_view(), name="mobile-money"),
    path("api/v1/transactions/bill-pay/", outside.BillPay.as_view(), name="bill-pay"),
    path("api/v1/transactions/airtime/", outside.Airtime.as_view(), name="airtime"),
    path("api/v1/billers/", billers.Billers.as_view(), name="billers"),
    path("api/v1/transactions/merchant-payment/", outside.MerchantPayment.as_view(), name="merchant-payment"),
    path("api/v1/admin/transactions/<int:pk>/refund/", staff.RefundTransaction.as_view(), name="refund"),
    path("api/v1/admin/airtime/", airtime.Airtimes.as_view(), name="admin-airtime"),
    path("api/v1/admin/airtime/<uuid:public_id>/decide/", airtime.DecideAirtime.as_view(), name="admin-airtime-decide"),
    path("api/v1/transactions/internal/", views.Internal.as_view(), name="internal"),
    path("api/v1/transactions/exchange/", views.Exchange.as_view(), name="exchange"),
    path("api/v1/transactions/external/", banks.External.as_view(), name="external"),
    path("api/v1/transactions/international/", banks.International.as_view(), name="international"),
    path("api/v1/transactions/international/quote/", banks.QuoteAbroad.as_view(), name="international-quote"),
    path("api/v1/banks/", banks.Banks.as_view(), name="banks"),
    path("api/v1/corridors/", banks.Corridors.as_view(), name="corridors"),
    path("api/v1/transactions/quote/", views.AskQuote.as_view(), name="quote"),
    path("api/v1/payments/", _pays({"get": "list"}), name="payments"),
    path("api/v1/payments/bulk/", _batches({"get": "list", "post": "create"}), name="bulk-payments"),
    path(_BATCH, _batches({"get": "retrieve"}), name="bulk-payment"),
    *(path(f"{_BATCH}{verb}/", _batches({how: verb}), name=f"bulk-payment-{verb}") for verb, how in _VERBS.items()),
    path("api/v1/payments/<uuid:public_id>/", _pays({"get": "retrieve"}), name="payment"),
    path("api/v1/payments/<uuid:public_id>/challenge/", _pays({"post": "challenge"}), name="payment-challenge"),
    path("api/v1/payments/<uuid:public_id>/confirm/", _pays({"post": "confirm"}), name="payment-confirm"),
    path("api/v1/payments/<uuid:public_id>/cancel/", _pays({"post": "cancel"}), name="payment-cancel"),
    *(
        row
        for what, view, by_path in (
            ("status", webhooks.AirtimeStatus, webhooks.AirtimeStatusByPath),
            ("validation", webhooks.AirtimeValidation, webhooks.AirtimeValidationByPath),
        )
        for row in (
            path(f"webhooks/africastalking/airtime/{what}", view.as_view(), name=f"airtime-{what}"),
            path(f"webhooks/africastalking/airtime/{what}/<str:token>", by_path.as_view(), name=f"airtime-{what}-path"),
        )
    ),
    path(f"{_BANKS}names/", bank_doors.BankNames.as_view(), name="bank-names"),
    path(f"{_BANKS}transfers/", bank_doors.BankTransfers.as_view(), name="bank-transfers"),
    path(f"{_BANKS}transfers/<uuid:uetr>/", bank_doors.BankTransfer.as_view(), name="bank-transfer"),
    path(f"{_BANKS}recalls/", bank_doors.BankWishes.as_view(), name="bank-recalls"),
    path(f"{_BANKS}recalls/<str:case>/", bank_doors.BankWish.as_view(), name="bank-recall"),
    path("api/v1/asked-back/", incoming.AskedBackList.as_view(), name="asked-back-all"),
    path("api/v1/asked-back/<uuid:public_id>/", incoming.OneAskedBack.as_view(), name="asked-back"),
    path(
        "api/v1/asked-back/<uuid:public_id>/challenge/",
        incoming.ProveSendingBack.as_view(),
        name="asked-back-challenge",
    ),
    path("api/v1/asked-back/<uuid:public_id>/send-back/", incoming.SendBack.as_view(), name="asked-back-send"),
    path("api/v1/asked-back/<uuid:public_id>/keep/", incoming.Keep.as_view(), name="asked-back-keep"),
    path("api/v1/incoming-transfers/", incoming.IncomingTransfers.as_view(), name="incoming-transfers"),
    path("api/v1/admin/incoming-transfers/", incoming_desk.DeskTransfers.as_view(), name="admin-incoming"),
    path(
        "api/v1/admin/incoming-transfers/<uuid:public_id>/place/",
        incoming_desk.PlaceTransfer.as_view(),
        name="admin-incoming-place",
    ),
    path(
        "api/v1/admin/incoming-transfers/<uuid:public_id>/release/",
        incoming_desk.ReleaseTransfer.as_view(),
        name="admin-incoming-release",
    ),
    path(
        "api/v1/admin/incoming-transfers/<uuid:public_id>/return/",
        incoming_desk.ReturnTransfer.as_view(),
        name="admin-incoming-return",
    ),
    path("api/v1/qr-codes/", qr.QrCodes.as_view(), name="qr-codes"),
    path("api/v1/qr-codes/<int:pk>/", qr.OneQrCode.as_view(), name="qr-code"),
    path("api/v1/merchants/", _shops({"get": "list", "post": "create"}), name="merchants"),
    path(_SHOP, _shops({"get": "retrieve"}), name="merchant"),
    path(f"{_SHOP}close/", _shops({"post": "close"}), name="merchant-close"),
    path(f"{_SHOP}alerts/", _shops({"put": "alerts", "post": "alerts"}), name="merchant-alerts"),
    path("api/v1/admin/recalls/", recalls.Recalls.as_view(), name="admin-recalls"),
    path("api/v1/admin/payments/<uuid:public_id>/recall/", recalls.RecallPayment.as_view(), name="admin-recall"),
    path("api/v1/admin/merchants/held/", shop_desk.HeldShops.as_view(), name="admin-merchants-held"),
    path(
        "api/v1/admin/merchants/<uuid:public_id>/change/", shop_desk.ChangeShop.as_view(), name="admin-merchant-change"
    ),
    path(f"{_SHOP}terminals/", _shops({"get": "terminals", "post": "add_terminal"}), name="merchant-terminals"),
    path(f"{_SHOP}terminals/<slug:code>/", _shops({"get": "terminal"}), name="merchant-terminal"),
    path(f"{_SHOP}takings/", _shops({"get": "takings"}), name="merchant-takings"),
    path(f"{_SHOP}refunds/", _shops({"get": "refunds", "post": "give_back"}), name="merchant-refunds"),
    path(f"{_SHOP}settlements/", _shops({"get": "settlements"}), name="merchant-settlements"),
    path(
        f"{_SHOP}settlements/<slug:reference>/report/", _shops({"get": "settlement_report"}), name="merchant-settlement"
    ),
    path("api/v1/pos/sales/", shops.Sales.as_view(), name="sales"),
    path("api/v1/pos/sales/<uuid:public_id>/", shops.OneSale.as_view(), name="sale"),
    path("api/v1/pos/sales/<uuid:public_id>/void/", shops.VoidSale.as_view(), name="sale-void"),
    path("api/v1/payees/", _book({"get": "list", "post": "create"}), name="payees"),
    path("api/v1/payees/<uuid:public_id>/", _book(_ONE), name="payee"),
    path("api/v1/standing-orders/", _orders({"get": "list", "post": "create"}), name="standing-orders"),
    path("api/v1/standing-orders/<uuid:public_id>/", _orders(_ONE), name="standing-order"),
    path("api/v1/payment-requests/", _asks({"get": "list", "post": "create"}), name="payment-requests"),
    path("api/v1/payment-requests/split/", requests.Split.as_view(), name="payment-request-split"),
    path("api/v1/payment-requests/split/<uuid:public_id>/", requests.OneSplit.as_view(), name="payment-request-bill"),
    path("api/v1/payment-requests/<uuid:public_id>/", _asks({"get": "retrieve"}), name="payment-request"),
    *(
        path(f"api/v1/{noun}/<uuid:public_id>/{verb}/", view({"post": verb}), name=f"{name}-{verb}")
        for noun, name, view, verbs in (
            ("payees", "payee", _book, ("challenge", "confirm")),
            (
                "standing-orders",
                "standing-order",
                _orders,
                ("challenge", "confirm", "skip", "pause", "resume"),
            ),
            ("payment-requests", "payment-request", _asks, ("pay", "decline", "cancel", "remind", "block")),
        )
        for verb in verbs
    ),
]
