"""The addresses of this API. Fixed words stand before VIEW_ID, which would take them too."""

from django.urls import path

from apps.open_banking.obp import accounts, bank, direct_login, lines, offer, payees, people, requests, views
from apps.open_banking.obp.door import by_method

_V = "obp/<str:version>"
_BANK = f"{_V}/banks/<str:bank_id>"
_ONE = f"{_BANK}/accounts/<str:account_id>"
_MY = f"{_V}/my/banks/<str:bank_id>/accounts/<str:account_id>"
_VIEW = f"{_ONE}/<str:view_id>"
_TYPE = f"{_VIEW}/transaction-request-types/<str:kind>"

urlpatterns = [
    path("my/logins/direct", direct_login.direct_login),
    path(f"{_V}/my/logins/direct", direct_login.direct_login),
    path(_V, bank.root),
    path(f"{_V}/root", bank.root),
    path(f"{_V}/banks", bank.banks),
    path(f"{_V}/well-known", bank.well_known),
    path(f"{_V}/jwks-uris", bank.jwks_uris),
    path(f"{_V}/api/versions", bank.versions),
    path(f"{_V}/users/current", accounts.current_user),
    path(f"{_V}/users/current/user_id", accounts.current_user_id),
    path(f"{_V}/users/current/customers", people.customers),
    path(f"{_V}/users/current/customers/customer_ids", people.customer_ids),
    path(f"{_V}/users/current/logout-link", people.logout_link),
    path(f"{_V}/my/customers", people.customers),
    path(f"{_V}/my/entitlements", people.entitlements),
    path(f"{_V}/rate-limiting", offer.rate_limiting),
    path(f"{_V}/system-views-ids", views.system_ids),
    path(f"{_V}/system-views/<str:view_id>", views.system_view),
    path(f"{_V}/my/accounts", accounts.my_accounts),
    path(f"{_MY}/account", accounts.account),
    path(f"{_MY}/transactions", lines.my_lines),
    path(_BANK, bank.one_bank),
    path(f"{_BANK}/currencies", offer.currencies),
    path(f"{_BANK}/fx/<str:base>/<str:quote>", offer.rate),
    path(f"{_BANK}/atms", offer.atms),
    path(f"{_BANK}/branches", offer.branches),
    path(f"{_BANK}/branches/<str:branch_id>", offer.branch),
    path(f"{_BANK}/products", offer.products),
    path(f"{_BANK}/products/<str:code>", offer.product),
    path(f"{_BANK}/balances", accounts.all_balances),
    path(f"{_BANK}/views/<str:view_id>/balances", accounts.all_balances),
    path(f"{_BANK}/accounts-held", accounts.accounts_held),
    path(f"{_BANK}/accounts", accounts.accounts_at_bank),
    path(f"{_BANK}/accounts/private", accounts.private_accounts),
    path(f"{_BANK}/accounts/account_ids/private", accounts.private_ids),
    path(_ONE, by_method(GET=accounts.account, POST=people.label)),
    path(f"{_ONE}/balances", accounts.balances),
    path(f"{_BANK}/payments/<str:request_id>", requests.payment),
    path(f"{_ONE}/transactions", by_method(GET=lines.my_lines, POST=requests.ask_short)),
    path(f"{_ONE}/funds-check", accounts.funds_check),
    path(f"{_ONE}/views", views.views),
    path(f"{_ONE}/account-access/grant", views.grant),
    path(f"{_ONE}/account-access/revoke", views.grant),
    path(f"{_ONE}/views/<str:view_id>/account-access/grant", views.grant),
    path(f"{_ONE}/views/<str:view_id>/account-access/revoke", views.grant),
    path(f"{_ONE}/views/<str:view_id>", accounts.account),
    path(f"{_ONE}/views/<str:view_id>/balances", accounts.balances),
    path(f"{_VIEW}/account", accounts.account_full),
    path(f"{_VIEW}/funds-available", accounts.funds_available),
    path(f"{_VIEW}/transactions", lines.full_lines),
    path(f"{_VIEW}/transactions/<str:line_id>/transaction", lines.one_line),
    path(f"{_VIEW}/transactions/<str:line_id>/other_account", lines.other_account),
    path(f"{_VIEW}/counterparties", payees.many),
    path(f"{_VIEW}/counterparties/<str:payee_id>", payees.single),
    path(f"{_VIEW}/other_accounts", payees.other_accounts),
    path(f"{_VIEW}/other_accounts/<str:other_id>", payees.other_account),
    path(f"{_VIEW}/transaction-request-types", requests.types),
    path(f"{_TYPE}/transaction-requests", requests.ask),
    path(f"{_TYPE}/transaction-requests/<str:request_id>/challenge", requests.answer_challenge),
    path(f"{_VIEW}/transaction-requests", requests.mine),
    path(f"{_VIEW}/transaction-requests/<str:request_id>", requests.one),
    path("obp/", bank.anything_else),
    path("obp/<path:rest>", bank.anything_else),
]
