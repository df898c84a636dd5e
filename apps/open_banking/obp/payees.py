"""Counterparties: the customer's own book of payees, by their own word (DirectLogin). A consent opens no book.

Who is new is proven by the customer first, with the code of an SMS and in the bank's own app: until then they stand
here with `is_beneficiary` false, and cannot be paid as a counterparty.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from apps.open_banking.models import Permission, Resource
from apps.open_banking.obp import shapes
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import Caller, Held
from apps.open_banking.obp.door import body_of, by_method, door
from apps.open_banking.obp.filters import filters_of
from apps.open_banking.obp.lines import seen_lines
from apps.open_banking.obp.orders import creditor_addressed
from apps.open_banking.obp.refusals import Refused
from apps.payments import operations as payments
from apps.payments.models import Payee
from apps.payments.operations.book import ANY_RAIL_TAKES, LIFE

_META = {
    "public_alias": "", "private_alias": "", "more_info": "", "url": "", "image_url": "", "open_corporates_url": "",
    "corporate_location": None, "physical_location": None,
}  # fmt: skip
_NEWEST_LINES = 500


def owner_of(caller: Caller, bank_id: str, account_id: str, view_id: str) -> Held:
    """An account by its owner's own word. Raises Refused."""
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    if caller.consent is not None:
        raise Refused(20017, "The customer's book of payees is not part of a consent (consent_required).")
    if caller.app.is_sandbox:
        raise Refused(20017, "Personas of the sandbox have no book of payees.")
    return held


def _book(caller: Caller) -> Any:
    """Those that were proven, and those that wait for it."""
    waiting = Q(saved_at=None, created_at__gt=caller.at - LIFE)
    rows = Payee.objects.owned_by(caller.user).filter(Q(saved_at__isnull=False) | waiting, removed_at=None)
    return rows.select_related("to_account").order_by("nickname", "pk")


@door()
def _list(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str) -> Any:
    """The customer's book of payees."""
    held, asked = owner_of(caller, bank_id, account_id, view_id), filters_of(request)
    rows = list(_book(caller)[asked.offset : asked.offset + asked.limit])
    caller.let_leave([held], Resource.PAYEES, ["counterparty"], rows=len(rows))
    return (
        200,
        {"counterparties": [_shape(row, held) for row in rows]},
        {"Range": f"items={asked.offset}-{asked.limit}"},
    )


@door("POST")
def _add(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str) -> Any:
    """Put one into it; it can be paid once the customer has proven that they want it."""
    held, body = owner_of(caller, bank_id, account_id, view_id), body_of(request)
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refused(10001, "name is missing.")
    if _book(caller).filter(nickname__iexact=" ".join(name.split())).exists():
        raise Refused(30014, f"Current name is {name[:40]}")
    if not body.get("is_beneficiary", True):
        raise Refused(10001, "A counterparty here is somebody to pay: is_beneficiary is true.")
    where = creditor_addressed(body, name, ANY_RAIL_TAKES, caller.at).where()
    del where["merchant"]
    with transaction.atomic():
        payee = payments.add_payee(owner=caller.user, where=where, nickname=name, at=caller.at)
        if payee.saved_at is None:
            payments.challenge_payee(payee=payee, by=caller.user, at=caller.at)
    caller.let_leave([held], Resource.PAYEES, ["counterparty"])
    return 201, _shape(payee, held) | {"metadata": dict(_META)}, {}


@door()
def _one(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, payee_id: str
) -> Any:
    """One of the book."""
    held = owner_of(caller, bank_id, account_id, view_id)
    payee = called(caller, payee_id)
    caller.let_leave([held], Resource.PAYEES, ["counterparty"])
    return _shape(payee, held) | {"metadata": dict(_META)}


@door("DELETE", "POST")
def _remove(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, payee_id: str
) -> Any:
    """OBP's own clients delete by POST too: that is how its published description reads."""
    owner_of(caller, bank_id, account_id, view_id)
    payments.remove_payee(payee=called(caller, payee_id), by=caller.user, at=caller.at)
    return {}


many = by_method(GET=_list, POST=_add)
single = by_method(GET=_one, DELETE=_remove, POST=_remove)


def called(caller: Caller, name: str) -> Payee:
    """One of the customer's book, proven or waiting for it. Raises Refused."""
    for row in _book(caller):
        if str(row.public_id) == name:
            return row  # type: ignore[no-any-return]
    raise Refused(30017, f"Current COUNTERPARTY_ID is {name[:80]}")


def _shape(payee: Payee, held: Held) -> dict[str, Any]:
    scheme, bank, account = _routing(payee)
    return {
        "counterparty_id": str(payee.public_id),
        "name": payee.nickname,
        "description": f"{payee.payee_name}, {payee.payee_address}",
        "currency": held.account.currency,
        "created_by_user_id": str(held.real.owner.public_id),
        "this_bank_id": shapes.bank_id(),
        "this_account_id": held.name,
        "this_view_id": "owner",
        "other_account_routing_scheme": scheme,
        "other_account_routing_address": account,
        "other_bank_routing_scheme": "OBP" if payee.rail == "internal" else "BankCode" if bank else "",
        "other_bank_routing_address": shapes.bank_id() if payee.rail == "internal" else bank,
        "other_branch_routing_scheme": "",
        "other_branch_routing_address": "",
        "other_account_secondary_routing_scheme": "",
        "other_account_secondary_routing_address": "",
        "is_beneficiary": payee.saved_at is not None,
        "bespoke": [],
    }


def _routing(payee: Payee) -> tuple[str, str, str]:
    """Scheme, other bank and address; of somebody here the masked number, as the customer sees it."""
    kept = payee.destination
    for name, scheme in (("phone", "MSISDN"), ("paybill", "Paybill"), ("till", "Till")):
        if name in kept:
            return scheme, "", str(kept[name])
    return "AccountNumber", str(kept.get("bank", "")), str(kept.get("account") or payee.payee_address)


@door()
def other_accounts(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str
) -> Any:
    """The other sides of an account's newest movements, each once."""
    found, held = _others(caller, bank_id, account_id, view_id)
    caller.let_leave([held], Resource.TRANSACTIONS, ["counterparty"], rows=len(found))
    return {"other_accounts": list(found.values())}


@door()
def other_account(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, other_id: str
) -> Any:
    """One of them."""
    found, held = _others(caller, bank_id, account_id, view_id)
    if other_id not in found:
        raise Refused(30004, f"Current OTHER_ACCOUNT_ID is {other_id[:80]}")
    caller.let_leave([held], Resource.TRANSACTIONS, ["counterparty"])
    return found[other_id]


def _others(caller: Caller, bank_id: str, account_id: str, view_id: str) -> tuple[dict[str, Any], Held]:
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    held.require(Permission.TRANSACTIONS, "see_transaction_other_bank_account")
    lines = seen_lines(caller, held).order_by("-pk")[:_NEWEST_LINES]
    sides = (shapes.other_account(row, is_full=True) for row in lines)
    return {side["id"]: side for side in sides if side["id"]}, held
