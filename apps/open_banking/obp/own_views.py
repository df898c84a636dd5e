"""A customer's own views of an account: which of it is seen through them. Made by their own word alone; ids begin with
`_`. Each word it names opens one thing (`sight.py`); those by which this bank shows nothing are not told back.
"""

import re
from typing import Any

from django.http import HttpRequest

from apps.accounts.models import Account
from apps.open_banking import operations
from apps.open_banking.models import CustomView
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import body_of, by_method, door
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.sight import known

_NAME = re.compile(r"_[A-Za-z0-9_-]{1,59}", re.ASCII)


def _account(caller: Caller, bank_id: str, account_id: str, view_id: str) -> Account:
    """By the customer's own word, and through the view of the owner. Raises Refused."""
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    if caller.consent is not None:
        raise Refused(20017, "A consent makes no views (consent_required).")
    return held.real


def _wanted(body: dict[str, Any]) -> dict[str, Any]:
    """What a view shall be. Raises Refused."""
    asked = body.get("allowed_permissions")
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise Refused(10001, "allowed_permissions is missing.")
    if body.get("is_public"):
        raise Refused(5)
    words = known(asked)
    if not words:
        raise Refused(10001, "allowed_permissions names nothing that can be seen or done here.")
    return {
        "permissions": [f"can_{one}" for one in words],
        "description": str(body.get("description") or "")[:200],
        "metadata_view": str(body.get("metadata_view") or "")[:60],
        "hides_metadata": bool(body.get("hide_metadata_if_alias_used")),
    }


def _shape(row: CustomView) -> dict[str, Any]:
    return {
        "id": row.view_id,
        "name": row.name,
        "description": row.description,
        "metadata_view": row.metadata_view or row.view_id,
        "is_public": False,
        "alias": "",
        "hide_metadata_if_alias_used": row.hides_metadata,
        "allowed_permissions": sorted(row.permissions),
    }


@door("POST")
def _make(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str) -> Any:
    """Make a view of one's own: what of the account is seen through it."""
    account, body = _account(caller, bank_id, account_id, view_id), body_of(request)
    name = body.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Refused(10001, "name begins with _ and has up to 60 letters, figures, _ and -.")
    facts = _wanted(body) | {"name": name}
    row = operations.keep_view(
        account=account, view_id=name, by=caller.user, at=caller.at, is_new=True, **facts
    )  # fmt: skip
    return 201, _shape(row), {}


@door()
def _one(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, target_id: str
) -> Any:
    """One of them."""
    return _shape(_called(_account(caller, bank_id, account_id, view_id), target_id))


@door("PUT")
def _change(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, target_id: str
) -> Any:
    """Change what is seen through it, from the next request on; its name stays."""
    account = _account(caller, bank_id, account_id, view_id)
    row = _called(account, target_id)
    facts = _wanted(body_of(request)) | {"name": row.name}
    return _shape(
        operations.keep_view(
            account=account, view_id=row.view_id, by=caller.user, at=caller.at, is_new=False, **facts
        )
    )  # fmt: skip


@door("DELETE")
def _remove(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, target_id: str
) -> Any:
    """Nothing is seen through it any more; consents that were given through it keep what they were given."""
    row = _called(_account(caller, bank_id, account_id, view_id), target_id)
    operations.remove_view(view=row, by=caller.user, at=caller.at)
    return 204, None, {}


def _called(account: Account, name: str) -> CustomView:
    row = CustomView.objects.filter(account=account, view_id=name[:60]).first()
    if row is None:
        raise Refused(30005, f"Current TARGET_VIEW_ID is {name[:60]}")
    return row


many = by_method(POST=_make)
single = by_method(GET=_one, PUT=_change, DELETE=_remove)
