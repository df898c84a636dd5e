"""Who the customer is to the bank, and what they call an account: by their own word, or as far as scopes say."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.accounts import operations as accounts
from apps.open_banking.models import Resource
from apps.open_banking.obp import shapes
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import body_of, door
from apps.open_banking.obp.refusals import Refused

_TOLD = {
    "legal_name": "name", "email": "email", "mobile_phone_number": "phone", "date_of_birth": "date_of_birth",
}  # fmt: skip


def customer(caller: Caller) -> dict[str, Any]:
    """The one customer a person is here. What no scope allowed is ""."""
    user, is_own = caller.person, caller.consent is None
    knows_email = "email" in caller.scopes or is_own
    return {
        "bank_id": shapes.bank_id(),
        "customer_id": str(user.public_id),
        "customer_number": "",
        "legal_name": shapes.name_of(caller),
        "mobile_phone_number": str(user.phone or "") if is_own else "",
        "email": (user.email or "") if knows_email else "",
        "face_image": {"url": "", "date": shapes.instant(user.created_at)},
        "date_of_birth": str(user.date_of_birth or "") if is_own else "",
        "relationship_status": "",
        "dependants": 0,
        "dob_of_dependants": [],
        "credit_rating": {"rating": "", "source": ""},
        "credit_limit": {"currency": settings.HOME_CURRENCY, "amount": "0"},
        "highest_education_attained": "",
        "employment_status": "",
        "kyc_status": user.kyc_tier != "TIER_1",
        "last_ok_date": shapes.instant(user.updated_at),
        "title": "",
        "branch_id": "",
        "name_suffix": "",
        "customer_attributes": [],
    }


@door()
def customers(request: HttpRequest, caller: Caller, version: str) -> Any:
    """All that a person is: one customer."""
    found = customer(caller)
    told = [word for key, word in _TOLD.items() if found[key]]
    caller.let_leave([], Resource.IDENTITY, ["sub", *told])
    return {"customers": [found]}


@door()
def my_customers(request: HttpRequest, caller: Caller, version: str) -> Any:
    """The same. Some clients read one customer here and others a list, so it is both."""
    found = customer(caller)
    told = [word for key, word in _TOLD.items() if found[key]]
    caller.let_leave([], Resource.IDENTITY, ["sub", *told])
    return found | {"customers": [found]}


@door()
def customer_ids(request: HttpRequest, caller: Caller, version: str) -> Any:
    """Only what they are called."""
    caller.let_leave([], Resource.IDENTITY, ["sub"])
    return {"customers": [{"id": str(caller.person.public_id)}]}


@door()
def entitlements(request: HttpRequest, caller: Caller, version: str) -> Any:
    """None: roles are for the bank's own staff, and no app acts as one of them."""
    return {"list": []}


@door(open_to_all=True)
def logout_link(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """Where the customer signs out."""
    return {"link": f"{settings.PUBLIC_ADDRESS}/oauth/logout"}


@door("POST")
def label(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str) -> Any:
    """What the customer calls an account: theirs to say, so by their own word alone."""
    require_bank(bank_id)
    held = caller.account(account_id)
    if caller.consent is not None:
        raise Refused(20017, "A consent changes nothing of an account (consent_required).")
    account = held.real
    wanted = body_of(request).get("label")
    if not isinstance(wanted, str):
        raise Refused(10001, "label is missing.")
    accounts.rename(account=account, nickname=wanted, by=caller.user, at=caller.at)
    return {"success": "Success"}
