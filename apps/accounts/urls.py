"""Where accounts answer."""

from typing import Any

from django.urls import path

from apps.accounts import operations
from apps.accounts.api import deposits, goals, imported, linked, mandates, rules, staff, views

_list = views.Accounts.as_view({"get": "list", "post": "create"})
_one = views.Accounts.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
_change: Any = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def _does(act: str) -> Any:
    return {"post": act}


_rules = "api/v1/accounts/transfer-rules/"
_goal = "api/v1/goals/<uuid:public_id>/"
_deposit = "api/v1/deposits/<uuid:public_id>/"

_FIRM = "api/v1/businesses/<int:pk>/"

urlpatterns = [
    path(f"{_FIRM}accounts/", mandates.BusinessAccounts.as_view(), name="business-accounts"),
    path(f"{_FIRM}mandate/", mandates.BusinessMandate.as_view(), name="business-mandate"),
    path(f"{_FIRM}mandate/challenge/", mandates.ChallengeMandate.as_view(), name="business-mandate-challenge"),
    path(f"{_FIRM}mandate/sign/", mandates.SignTheMandate.as_view(), name="business-mandate-sign"),
    path(f"{_FIRM}mandate/drop/", mandates.DropTheMandate.as_view(), name="business-mandate-drop"),
    path("api/v1/admin/users/<int:pk>/mandate/", mandates.BankPutsInForce.as_view(), name="admin-mandate"),
    path(_rules, rules.TransferRules.as_view({"get": "list", "post": "create"}), name="transfer-rules"),
    path(f"{_rules}<uuid:public_id>/", rules.TransferRules.as_view(_change), name="transfer-rule"),
    *(
        path(f"{_rules}<uuid:public_id>/{act}/", rules.TransferRules.as_view(_does(act)), name=f"transfer-rule-{act}")
        for act in ("run", "pause", "resume", "skip")
    ),
    path("api/v1/goals/", goals.Goals.as_view({"get": "list", "post": "create"}), name="goals"),
    path(_goal, goals.Goals.as_view(_change), name="goal"),
    *(
        path(f"{_goal}{act.replace('_', '-')}/", goals.Goals.as_view(_does(act)), name=f"goal-{act}")
        for act in ("pay_in", "take_out", "invite", "answer", "leave", "close")
    ),
    path("api/v1/deposits/", deposits.Deposits.as_view({"get": "list", "post": "create"}), name="deposits"),
    path("api/v1/deposits/rates/", deposits.Deposits.as_view({"get": "rates"}), name="deposit-rates"),
    path(_deposit, deposits.Deposits.as_view({"get": "retrieve", "patch": "partial_update"}), name="deposit"),
    path(f"{_deposit}take-out/", deposits.Deposits.as_view({"post": "take_out"}), name="deposit-take-out"),
    path(f"{_deposit}certificate/", deposits.Deposits.as_view({"get": "certificate"}), name="deposit-certificate"),
    path("api/v1/accounts/", _list, name="accounts"),
    path("api/v1/accounts/me/", views.Accounts.as_view({"get": "me"}), name="accounts-me"),
    path("api/v1/accounts/deposit/", views.AddMoney.as_view(), name="accounts-deposit"),
    path("api/v1/accounts/link/", linked.LinkOne.as_view(), name="accounts-link"),
    path("api/v1/accounts/<slug:account>/refresh/", linked.RefreshLinked.as_view(), name="account-refresh"),
    path("api/v1/accounts/<int:pk>/", _one, name="account"),
    path("api/v1/accounts/<int:pk>/freeze/", views.Accounts.as_view({"post": "freeze"}), name="account-freeze"),
    path("api/v1/accounts/<int:pk>/unfreeze/", views.Accounts.as_view({"post": "unfreeze"}), name="account-unfreeze"),
    path("api/v1/accounts/<int:pk>/statement/", views.Accounts.as_view({"get": "statement"}), name="account-statement"),
    path("api/v1/transactions/", views.Transactions.as_view(), name="transactions"),
    path("api/v1/transactions/import/", imported.ImportTransactions.as_view(), name="transactions-import"),
    path("api/v1/transactions/export/", views.ExportTransactions.as_view(), name="transactions-export"),
    path("api/v1/transactions/<int:pk>/", views.OneTransaction.as_view(), name="transaction"),
    path("api/v1/currency/summary/", views.CurrencySummary.as_view(), name="currency-summary"),
    path("api/v1/export/csv/", views.Export.as_view(kind="csv"), name="export-csv"),
    path("api/v1/export/pdf/", views.Export.as_view(kind="pdf"), name="export-pdf"),
    path("api/v1/admin/transactions/", staff.AdminTransactions.as_view(), name="admin-transactions"),
    path("api/v1/admin/interest/<int:pk>/take-back/", staff.TakeInterestBack.as_view(), name="admin-interest-back"),
    path("api/v1/admin/users/<int:pk>/statement/", staff.CustomerStatement.as_view(), name="admin-user-statement"),
    path("api/v1/cash/deposits/", staff.Cash.as_view(), name="cash-deposits"),
    path(
        "api/v1/cash/withdrawals/",
        staff.Cash.as_view(take=staticmethod(operations.withdraw_cash)),
        name="cash-withdrawals",
    ),
]
