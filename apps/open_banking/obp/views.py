"""Views: named sets of what may be seen and done with one account. The bank's are fixed, customers make narrower ones
(`own_views.py`); access is given by consents, so nobody grants a view.
"""

from typing import Any

from django.http import HttpRequest

from apps.open_banking.models import Permission
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import VIEWS, Caller, opened_by
from apps.open_banking.obp.door import door
from apps.open_banking.obp.refusals import Refused

_ABOUT = {
    "owner": "All that the customer allowed",
    "ReadAccountsBasic": "Name, number and kind",
    "ReadAccountsDetail": "Name, number and kind",
    "ReadBalances": "Balances",
    "ReadTransactionsBasic": "Money in and out",
    "ReadTransactionsDetail": "Money in and out",
}
NEEDS: dict[str, str] = {
    **dict.fromkeys(
        ["see_bank_account_label", "see_bank_account_number", "see_bank_account_type", "see_bank_account_currency",
         "see_bank_account_routing_scheme", "see_bank_account_routing_address", "see_bank_account_bank_name",
         "see_bank_routing_scheme", "see_bank_routing_address", "see_bank_account_swift_bic",
         "see_bank_account_owners"], Permission.ACCOUNTS),
    **dict.fromkeys(["see_bank_account_balance", "see_transaction_balance"], Permission.BALANCES),
    **dict.fromkeys(
        ["see_transaction_start_date", "see_transaction_finish_date", "see_transaction_amount",
         "see_transaction_currency", "see_transaction_type", "see_transaction_description",
         "see_transaction_this_bank_account", "see_transaction_other_bank_account"], Permission.TRANSACTIONS),
    "query_available_funds": Permission.FUNDS,
    **dict.fromkeys(
        ["add_transaction_request_to_own_account", "add_transaction_request_to_any_account",
         "add_transaction_request_to_beneficiary"], Permission.PAYMENT),
}  # fmt: skip
# Everything OBP can say of a view and this bank has not: notes, pictures, places, aliases, other banks' codes.
_NEVER = frozenset(
    """
    add_url add_where_tag see_private_alias edit_owner_comment see_other_account_national_identifier
    see_public_alias see_physical_location see_owner_comment see_bank_account_iban see_corporate_location
    see_other_account_bank_name delete_corporate_location see_comments add_more_info create_direct_debit
    see_other_account_number see_other_account_swift_bic add_open_corporates_url see_other_account_kind
    delete_physical_location add_tag see_images see_bank_account_credit_limit delete_where_tag add_image_url
    add_comment see_image_url create_standing_order see_bank_account_national_identifier see_tags
    see_open_corporates_url delete_tag see_other_account_routing_scheme see_more_info
    see_transaction_metadata delete_comment see_where_tag add_private_alias add_public_alias add_image
    see_other_account_routing_address see_other_account_iban add_physical_location add_corporate_location
    delete_image see_url see_other_bank_routing_address see_other_account_metadata
    see_other_bank_routing_scheme
    """.split()  # noqa: SIM905  # a page of quotation marks would hide the words
)
_OF_THE_BOOK = ("add_counterparty", "get_counterparty", "delete_counterparty")


def view_shape(name: str, held: frozenset[str], *, is_own: bool = False, about: str = "") -> dict[str, Any]:
    """A view with every key that clients look for; `held`: what may be done through it. `about`: of one's own view."""
    can = dict.fromkeys((f"can_{one}" for one in sorted(_NEVER)), False)
    can |= {f"can_{one}": permission in held for one, permission in NEEDS.items()}
    can |= {f"can_{one}": is_own for one in _OF_THE_BOOK}
    return {
        "id": name,
        "short_name": name if name[:4] == "Read" else name.capitalize(),
        "description": _ABOUT.get(name, about),
        "metadata_view": name,
        "is_public": False,
        "is_system": name in _ABOUT,
        "is_firehose": False,
        "alias": "",
        "hide_metadata_if_alias_used": False,
        "can_grant_access_to_views": [],
        "can_revoke_access_to_views": [],
        **can,
    }


@door()
def views(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str) -> Any:
    """Those through which the caller sees something of the account."""
    require_bank(bank_id)
    held = caller.account(account_id)
    found = [
        view_shape(name, held.permissions & through, is_own=caller.consent is None and name == "owner")
        for name, through in VIEWS.items()
        if name == "owner" or through <= held.permissions
    ]
    for row in caller.own_views(held):
        sees = opened_by(row.permissions)
        if sees <= held.permissions:
            found.append(view_shape(row.view_id, sees, about=row.description))
    return {"views": found}


@door(open_to_all=True)
def system_ids(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """Their names."""
    return {"views": [{"id": name} for name in VIEWS]}


@door(open_to_all=True)
def system_view(request: HttpRequest, caller: Caller | None, version: str, view_id: str) -> Any:
    """One of them, as far as it reaches."""
    if view_id not in VIEWS:
        raise Refused(30005, f"Current VIEW_ID is {view_id[:80]}")
    return view_shape(view_id, VIEWS[view_id])


@door("POST")
def grant(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str = "") -> Any:
    """Nobody grants or takes back a view here: a customer lets an app in by a consent, and stops it in one tap."""
    require_bank(bank_id)
    caller.account(account_id)
    raise Refused(30022, "can_grant_access_to_views, can_revoke_access_to_views. Access is given by consents.")
