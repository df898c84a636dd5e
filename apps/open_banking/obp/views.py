"""Views: named sets of what may be seen and done with one account. The bank's are fixed, customers make narrower ones
(`own_views.py`); access is given by consents, so nobody grants a view.
"""

from typing import Any

from django.http import HttpRequest

from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import VIEWS, Caller, Held
from apps.open_banking.obp.door import door
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.sight import NEEDS, NEVER, OF_THE_BOOK

_ABOUT = {
    "owner": "All that the customer allowed",
    "ReadAccountsBasic": "Name, number and kind",
    "ReadAccountsDetail": "Name, number and kind",
    "ReadBalances": "Balances",
    "ReadTransactionsBasic": "Money in and out",
    "ReadTransactionsDetail": "Money in and out",
}


def words_of(permissions: frozenset[str]) -> frozenset[str]:
    """All the words that these permissions open."""
    return frozenset(one for one, permission in NEEDS.items() if permission in permissions)


def words_through(held: Held) -> frozenset[str]:
    """The words that hold for an account as a caller sees it."""
    return frozenset(one for one in NEEDS if held.sees(one))


def view_shape(name: str, words: frozenset[str], *, is_own: bool = False, about: str = "") -> dict[str, Any]:
    """A view with every key that clients look for; `words`: what may be done through it. `about`: of one's own view."""
    can = dict.fromkeys((f"can_{one}" for one in sorted(NEVER)), False)
    can |= {f"can_{one}": one in words for one in NEEDS}
    can |= {f"can_{one}": is_own for one in OF_THE_BOOK}
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
        view_shape(name, words_of(held.permissions & through), is_own=caller.consent is None and name == "owner")
        for name, through in VIEWS.items()
        if name == "owner" or through <= held.permissions
    ]
    for row in caller.own_views(held):
        try:
            words = words_through(held.through_own(row))
        except Refused:
            continue  # nothing of what it names was allowed
        found.append(view_shape(row.view_id, words, about=row.description))
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
    return view_shape(view_id, words_of(VIEWS[view_id]))


@door("POST")
def grant(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str = "") -> Any:
    """Nobody grants or takes back a view here: a customer lets an app in by a consent, and stops it in one tap."""
    require_bank(bank_id)
    caller.account(account_id)
    raise Refused(30022, "can_grant_access_to_views, can_revoke_access_to_views. Access is given by consents.")
