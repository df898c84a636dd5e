"""What each of OBP's words for a view lets be seen or done, and which of the customer's permissions it takes.

The bank's own views open all the words of their permissions; a customer's own view opens those it names, one by one.
"""

from collections.abc import Iterable

from apps.open_banking.models import Permission

NEEDS: dict[str, str] = {
    **dict.fromkeys(
        ["see_bank_account_label", "see_bank_account_number", "see_bank_account_type", "see_bank_account_currency",
         "see_bank_account_routing_scheme", "see_bank_account_routing_address", "see_bank_routing_scheme",
         "see_bank_routing_address", "see_bank_account_owners"], Permission.ACCOUNTS),
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
# Everything OBP can say of a view and this bank has not: notes, pictures, places, aliases, codes, the bank's own name.
_NEVER = """
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
    see_other_bank_routing_scheme see_bank_account_bank_name see_bank_account_swift_bic
"""
NEVER = frozenset(_NEVER.split())
OF_THE_BOOK = ("add_counterparty", "get_counterparty", "delete_counterparty")
# A consent knows permissions and no single words: through a view it is given what the view names whole.
_WHOLE: dict[str, frozenset[str]] = {
    Permission.ACCOUNTS: frozenset({"see_bank_account_label", "see_bank_account_number", "see_bank_account_type"}),
    Permission.BALANCES: frozenset({"see_bank_account_balance"}),
    Permission.TRANSACTIONS: frozenset(
        {"see_transaction_amount", "see_transaction_description", "see_transaction_other_bank_account"}
    ),
    Permission.FUNDS: frozenset({"query_available_funds"}),
    Permission.PAYMENT: frozenset({"add_transaction_request_to_any_account"}),
}


def known(words: Iterable[str]) -> frozenset[str]:
    """Those of a view's words (`can_…`) by which something is seen or done here, without the `can_`."""
    return frozenset(one.removeprefix("can_") for one in words if one[:4] == "can_") & NEEDS.keys()


def touched_by(words: Iterable[str]) -> frozenset[str]:
    """The permissions of which a view that names these shows at least something."""
    return frozenset(str(NEEDS[one]) for one in words)


def given_whole_by(words: Iterable[str]) -> frozenset[str]:
    """What a consent that is given through a view that names these may be given for."""
    named = set(words)
    return frozenset(str(one) for one, needed in _WHOLE.items() if needed <= named)
