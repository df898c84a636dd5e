"""Where accounts answer."""

from django.urls import path

from apps.accounts import operations
from apps.accounts.api import mandates, staff, views

_list = views.Accounts.as_view({"get": "list", "post": "create"})
_one = views.Accounts.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})

_FIRM = "api/v1/businesses/<int:pk>/"

urlpatterns = [
    path(f"{_FIRM}accounts/", mandates.BusinessAccounts.as_view(), name="business-accounts"),
    path(f"{_FIRM}mandate/", mandates.BusinessMandate.as_view(), name="business-mandate"),
    path(f"{_FIRM}mandate/challenge/", mandates.ChallengeMandate.as_view(), name="business-mandate-challenge"),
    path(f"{_FIRM}mandate/sign/", mandates.SignTheMandate.as_view(), name="business-mandate-sign"),
    path(f"{_FIRM}mandate/drop/", mandates.DropTheMandate.as_view(), name="business-mandate-drop"),
    path("api/v1/admin/users/<int:pk>/mandate/", mandates.BankPutsInForce.as_view(), name="admin-mandate"),
    path("api/v1/accounts/", _list, name="accounts"),
    path("api/v1/accounts/me/", views.Accounts.as_view({"get": "me"}), name="accounts-me"),
    path("api/v1/accounts/deposit/", views.AddMoney.as_view(), name="accounts-deposit"),
    path("api/v1/accounts/<int:pk>/", _one, name="account"),
    path("api/v1/accounts/<int:pk>/freeze/", views.Accounts.as_view({"post": "freeze"}), name="account-freeze"),
    path("api/v1/accounts/<int:pk>/unfreeze/", views.Accounts.as_view({"post": "unfreeze"}), name="account-unfreeze"),
    path("api/v1/accounts/<int:pk>/statement/", views.Accounts.as_view({"get": "statement"}), name="account-statement"),
    path("api/v1/transactions/", views.Transactions.as_view(), name="transactions"),
    path("api/v1/transactions/export/", views.ExportTransactions.as_view(), name="transactions-export"),
    path("api/v1/transactions/<int:pk>/", views.OneTransaction.as_view(), name="transaction"),
    path("api/v1/currency/summary/", views.CurrencySummary.as_view(), name="currency-summary"),
    path("api/v1/export/csv/", views.Export.as_view(kind="csv"), name="export-csv"),
    path("api/v1/export/pdf/", views.Export.as_view(kind="pdf"), name="export-pdf"),
    path("api/v1/admin/transactions/", staff.AdminTransactions.as_view(), name="admin-transactions"),
    path("api/v1/admin/users/<int:pk>/statement/", staff.CustomerStatement.as_view(), name="admin-user-statement"),
    path("api/v1/cash/deposits/", staff.Cash.as_view(), name="cash-deposits"),
    path(
        "api/v1/cash/withdrawals/",
        staff.Cash.as_view(take=staticmethod(operations.withdraw_cash)),
        name="cash-withdrawals",
    ),
]
