"""Consents that an app asks for first: written down without a customer, made into a consent by one, once. To read, or
to make payments that recur within limits (OBP: variable recurring payments).
"""

import json
from typing import Any

from django.http import HttpRequest

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking import operations
from apps.open_banking.models import Consent, ConsentRequest, ConsentType, ThirdPartyApp
from apps.open_banking.obp.bodies import object_of, said
from apps.open_banking.obp.caller import AppCaller, Caller, Held
from apps.open_banking.obp.consents import (
    as_uuid,
    consent_shape,
    make_consent,
    own_word,
    require_way,
    terms_of,
)
from apps.open_banking.obp.door import body_of, door
from apps.open_banking.obp.entry import app_of
from apps.open_banking.obp.orders import creditor_addressed
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.operations import Wish

_RECURRING = {"from_account", "to_account"}  # what tells a request to pay from one to read


@door("POST", whose=app_of)
def request_one(request: HttpRequest, caller: AppCaller, version: str) -> Any:
    """An app writes down what it will ask for."""
    body = body_of(request)
    if not isinstance(body.get("everything"), bool) or not isinstance(body.get("account_access"), list):
        raise Refused(10001, "everything and account_access are missing.")
    terms_of(body)
    asked = {key: value for key, value in body.items() if key not in _RECURRING}
    return 201, _asked(operations.request_consent(app=caller.app, payload=_plain(asked), at=caller.at)), {}


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """What is written down of a body; a number with decimals as text, like any amount."""
    kept = {key: value for key, value in body.items() if isinstance(value, str | bool | int | list | dict)}
    found: dict[str, Any] = json.loads(json.dumps(kept, default=str))
    return found


@door(whose=app_of)
def requested(request: HttpRequest, caller: AppCaller, version: str, request_id: str) -> Any:
    """As it was written down."""
    return _asked(_request(request_id, caller.app))


def _asked(row: ConsentRequest) -> dict[str, Any]:
    app = str(row.app.client_id)
    return {"consent_request_id": str(row.public_id), "payload": row.payload, "consumer_id": app}


def _request(name: str, app: ThirdPartyApp | None = None) -> ConsentRequest:
    rows = ConsentRequest.objects.select_related("app", "consent__app", "consent__user")
    row = rows.filter(public_id=as_uuid(name)).first()
    if row is None or (app is not None and row.app_id != app.pk):
        raise Refused(35028, f"Current CONSENT_REQUEST_ID is {name[:80]}")
    return row


@door("POST")
def make_of_request(request: HttpRequest, caller: Caller, version: str, request_id: str, way: str) -> Any:
    """The customer makes a consent of a request, and is sent a code."""
    own_word(caller)
    require_way(way)
    row = _request(request_id)
    if row.consent_id is not None:
        raise Refused(35029)
    if "to_account" in row.payload:
        made = _recurring(caller, row)
    else:
        access = [_by_routing(caller, one) for one in row.payload.get("account_access") or []]
        made = make_consent(caller, row.app, row.payload, access, request=row)
    return 201, consent_shape(made, caller.app) | {"consent_request_id": str(row.public_id)}, {}


def _by_routing(caller: Caller, asked: Any) -> tuple[Held, str]:
    """An account of the customer by the address an app knows, and the view it asks for."""
    routing = asked.get("account_routing") if isinstance(asked, dict) else None
    address = str(routing.get("address") or "") if isinstance(routing, dict) else ""
    for held in caller.accounts.values():
        if address and address in {held.account.number, held.name}:
            return held, str(asked.get("view_id") or "")
    raise Refused(35014, f"Current address is {address[:40]}")


@door(whose=app_of)
def of_request(request: HttpRequest, caller: AppCaller, version: str, request_id: str) -> Any:
    """What came of a request."""
    row = _request(request_id, caller.app)
    if row.consent is None:
        raise Refused(35001, "No customer has made one of this request.", status=404)
    return consent_shape(row.consent, caller.app) | {"consent_request_id": str(row.public_id)}


_AMOUNTS = ("max_single_amount", "max_monthly_amount", "max_yearly_amount")
_COUNTS = ("max_number_of_monthly_transactions", "max_number_of_yearly_transactions")


@door("POST", whose=app_of)
def request_recurring(request: HttpRequest, caller: AppCaller, version: str) -> Any:
    """An app writes down payments it will ask for: from and to which account, within which limits."""
    body = body_of(request)
    object_of(body, "from_account")
    _limits(object_of(body, "to_account"))
    terms_of(body)
    return 201, _asked(operations.request_consent(app=caller.app, payload=_plain(body), at=caller.at)), {}


def _limits(to: dict[str, Any]) -> tuple[dict[str, Money], dict[str, int]]:
    """The most of one payment, a month and a year; amounts as text, as everywhere. Raises Refused."""
    limit = object_of(to, "limit")
    amounts, counts = {}, {}
    for name in _AMOUNTS:
        try:
            amounts[name] = Money.of(str(limit.get(name, "")), str(limit.get("currency", "")))
        except DomainError as no:
            raise Refused(10002, f"limit.{name}") from no
    for name in _COUNTS:
        given = limit.get(name)
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 30_000:
            raise Refused(10002, f"limit.{name}")
        counts[name] = given
    return amounts, counts


def _recurring(caller: Caller, row: ConsentRequest) -> Consent:
    """The customer makes it a consent to pay one payee within the limits, and is sent a code that says the month's.

    The app pays by it with the token it gets at the bank's page (`consent:<id>`), as by any consent to pay.
    """
    to, source = row.payload["to_account"], row.payload["from_account"]
    amounts, counts = _limits(to)
    held = _by_routing(caller, source)[0].real
    single, monthly, yearly = (amounts[name] for name in _AMOUNTS)
    if single.currency != held.currency:
        raise Refused(40003, f"Current currency is {single.currency}, the account's is {held.currency}")
    wish = Wish(
        consent_type=ConsentType.PIS, is_recurring=True, amount=single, monthly=monthly, yearly=yearly,
        monthly_count=counts[_COUNTS[0]], yearly_count=counts[_COUNTS[1]],
        creditor=creditor_addressed(_address(to), said(to, "counterparty_name"), single, caller.at),
        valid_until=caller.at + terms_of(row.payload),
    )  # fmt: skip
    return operations.begin_consent(
        app=row.app, wish=wish, accounts=[held], by=caller.user, at=caller.at, request=row
    )  # fmt: skip


def _address(to: dict[str, Any]) -> dict[str, str]:
    """Who is paid, in the words of other addresses."""
    found = {}
    for part in ("bank", "account"):
        routing = object_of(to, f"{part}_routing")
        found[f"other_{part}_routing_scheme"] = said(routing, "scheme")
        found[f"other_{part}_routing_address"] = said(routing, "address")
    return found
