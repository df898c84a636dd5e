"""Consents as OBP makes them: begun by the customer, or asked for by an app and then made by the customer."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.models import Account
from apps.open_banking import operations
from apps.open_banking.models import Consent, ConsentRequest, ConsentType, Permission, ThirdPartyApp
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import VIEWS, AppCaller, Caller
from apps.open_banking.obp.door import body_of, by_method, door
from apps.open_banking.obp.entry import app_of
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.shapes import instant
from apps.open_banking.obp.words import word_of
from apps.open_banking.operations import Wish
from apps.users.errors import CodeExpired, WrongCode

USUAL_SECONDS = 3600
WAYS = ("SMS", "IMPLICIT")


def _own(caller: Caller) -> None:
    """By the customer's own word alone: an app that was let in lets in no other."""
    if caller.consent is not None:
        raise Refused(20017, "A consent gives no consents (consent_required).")
    if caller.app.is_sandbox:
        raise Refused(35007, "In the sandbox too.")


@door("POST", whose=app_of)
def request_one(request: HttpRequest, caller: AppCaller, version: str) -> Any:
    """An app writes down what it will ask for."""
    body = body_of(request)
    if not isinstance(body.get("everything"), bool) or not isinstance(body.get("account_access"), list):
        raise Refused(10001, "everything and account_access are missing.")
    _terms(body)
    plain = {key: value for key, value in body.items() if isinstance(value, str | bool | int | list | dict)}
    return 201, _asked(operations.request_consent(app=caller.app, payload=plain, at=caller.at)), {}


@door(whose=app_of)
def requested(request: HttpRequest, caller: AppCaller, version: str, request_id: str) -> Any:
    """As it was written down."""
    return _asked(_request(request_id, caller.app))


def _asked(row: ConsentRequest) -> dict[str, Any]:
    app = str(row.app.client_id)
    return {"consent_request_id": str(row.public_id), "payload": row.payload, "consumer_id": app}


def _request(name: str, app: ThirdPartyApp | None = None) -> ConsentRequest:
    rows = ConsentRequest.objects.select_related("app", "consent__app", "consent__user")
    row = rows.filter(public_id=_uuid(name)).first()
    if row is None or (app is not None and row.app_id != app.pk):
        raise Refused(35028, f"Current CONSENT_REQUEST_ID is {name[:80]}")
    return row


@door("POST")
def make_of_request(request: HttpRequest, caller: Caller, version: str, request_id: str, way: str) -> Any:
    """The customer makes a consent of a request, and is sent a code."""
    _own(caller)
    _require_way(way)
    row = _request(request_id)
    if row.consent_id is not None:
        raise Refused(35029)
    access = [_by_routing(caller, one) for one in row.payload.get("account_access") or []]
    made = _make(caller, row.app, row.payload, access, request=row)
    return 201, _shape(made, caller.app) | {"consent_request_id": str(row.public_id)}, {}


def _by_routing(caller: Caller, asked: Any) -> tuple[Account, str]:
    """An account of the customer by the address an app knows, and the view it asks for."""
    routing = asked.get("account_routing") if isinstance(asked, dict) else None
    address = str(routing.get("address") or "") if isinstance(routing, dict) else ""
    for held in caller.accounts.values():
        if address and address in {held.account.number, held.name}:
            return held.real, str(asked.get("view_id") or "")
    raise Refused(35014, f"Current address is {address[:40]}")


@door(whose=app_of)
def of_request(request: HttpRequest, caller: AppCaller, version: str, request_id: str) -> Any:
    """What came of a request."""
    row = _request(request_id, caller.app)
    if row.consent is None:
        raise Refused(35001, "No customer has made one of this request.", status=404)
    return _shape(row.consent, caller.app) | {"consent_request_id": str(row.public_id)}


@door("POST")
def make(request: HttpRequest, caller: Caller, version: str, way: str, bank_id: str = "") -> Any:
    """The customer lets an app in: this one, or the one that `consumer_id` names; they are sent a code."""
    if bank_id:
        require_bank(bank_id)
    _own(caller)
    _require_way(way)
    body = body_of(request)
    if not isinstance(body.get("everything"), bool) or not isinstance(body.get("views"), list):
        raise Refused(10001, "everything and views are missing.")
    if way == "SMS" and body.get("phone_number") not in (None, "", str(caller.user.phone)):
        raise Refused(10001, "phone_number is not the customer's. Codes go where the bank knows them.")
    app = _app(str(body.get("consumer_id") or caller.app.client_id))
    access = [_by_view(caller, one) for one in body["views"]]
    return 201, _shape(_make(caller, app, body, access), caller.app), {}


def _app(name: str) -> ThirdPartyApp:
    row: ThirdPartyApp | None = ThirdPartyApp.objects.filter(client_id=name[:255]).first()
    if row is None:
        raise Refused(20024, f"Current CONSUMER_ID is {name[:80]}")
    return row


def _by_view(caller: Caller, asked: Any) -> tuple[Account, str]:
    name = str(asked.get("account_id") or "") if isinstance(asked, dict) else ""
    if name not in caller.accounts or asked.get("bank_id") != settings.OPEN_BANKING_BANK_ID:
        raise Refused(35014, f"Current ACCOUNT_ID is {name[:80]}")
    return caller.accounts[name].real, str(asked.get("view_id") or "")


def _require_way(way: str) -> None:
    if way not in WAYS:
        raise Refused(35009, "Codes go by SMS, or as the customer set it up (IMPLICIT).")


def _terms(body: dict[str, Any]) -> timedelta:
    """How long; and no roles. Raises Refused."""
    if body.get("entitlements"):
        raise Refused(35013, "Customers have none.")
    given = body.get("time_to_live") or USUAL_SECONDS
    most = timedelta(days=settings.OPEN_BANKING_MOST_DAYS)
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise Refused(10001, "time_to_live is a number of seconds.")
    if given > most.total_seconds():
        raise Refused(35020, f"{int(most.total_seconds())} seconds.")
    return timedelta(seconds=given)


def _make(
    caller: Caller, app: ThirdPartyApp, body: dict[str, Any], access: list[tuple[Account, str]],
    request: ConsentRequest | None = None,
) -> Consent:  # fmt: skip
    lives = _terms(body)
    if body["everything"]:
        access = [(held.real, "owner") for held in caller.accounts.values()]
    by_account: dict[int, set[str]] = {}
    for account, view in access:
        if view not in VIEWS:
            raise Refused(35014, f"Current VIEW_ID is {view[:80]}")
        by_account.setdefault(account.pk, set()).update(VIEWS[view])
    allowed = {frozenset(held) for held in by_account.values()}
    if len(allowed) != 1:
        raise Refused(10001, "Name accounts and views; all accounts of one consent are seen through the same views.")
    sees = allowed.pop()
    wish = Wish(
        consent_type=ConsentType.AIS, accounts=True, balances=Permission.BALANCES in sees,
        transactions=Permission.TRANSACTIONS in sees, valid_until=caller.at + lives,
    )  # fmt: skip
    accounts = list({account.pk: account for account, _view in access}.values())
    return operations.begin_consent(
        app=app, wish=wish, accounts=accounts, by=caller.user, at=caller.at, request=request
    )


@door("POST")
def answer(request: HttpRequest, caller: Caller, version: str, bank_id: str, consent_id: str) -> Any:
    """The code: 201 and ACCEPTED. A consent that was decided is answered as it stands."""
    require_bank(bank_id)
    _own(caller)
    given = body_of(request).get("answer")
    if not isinstance(given, str):
        raise Refused(10001, "answer is missing.")
    row = _mine(caller, consent_id)
    try:
        row = operations.answer_consent(consent=row, answer=given, by=caller.user, at=caller.at)
    except (WrongCode, CodeExpired) as no:
        raise Refused(40016, str(no)) from no
    return 201, _shape(row, caller.app), {}


@door()
def mine(request: HttpRequest, caller: Caller, version: str, bank_id: str = "") -> Any:
    """All that the customer gave, the newest first."""
    if bank_id:
        require_bank(bank_id)
    _own(caller)
    return {"consents": [_info(row, caller.app) for row in _all(caller)]}


@door()
def infos(request: HttpRequest, caller: Caller, version: str, bank_id: str) -> Any:
    """The same without their words."""
    require_bank(bank_id)
    _own(caller)
    return {"consents": [_info(row, None) for row in _all(caller)]}


def _all(caller: Caller) -> Iterable[Consent]:
    rows = Consent.objects.owned_by(caller.user).select_related("app", "user").prefetch_related("chosen")
    return rows.with_last_use().order_by("-created_at", "-pk")[:100]


@door()
def one_of_mine(request: HttpRequest, caller: Caller, version: str, consent_id: str) -> Any:
    """One."""
    _own(caller)
    return _full(_mine(caller, consent_id), caller.app)


@door(whose=app_of)
def one_of_app(request: HttpRequest, caller: AppCaller, version: str, consent_id: str) -> Any:
    """One that this app holds."""
    rows = Consent.objects.of_app(caller.app).select_related("app", "user", "request")
    row = rows.filter(public_id=_uuid(consent_id)).first()
    if row is None:
        raise Refused(35001, f"Current CONSENT_ID is {consent_id[:80]}", status=404)
    return _full(row, caller.app)


@door("GET", "DELETE")
def revoke(request: HttpRequest, caller: Caller, version: str, consent_id: str, bank_id: str = "") -> Any:
    """The customer stops it. OBP does it by GET too, where clients still ask so."""
    if bank_id:
        require_bank(bank_id)
    elif request.method != "DELETE":
        raise Refused(10405)
    _own(caller)
    row = operations.revoke(consent=_mine(caller, consent_id), by=caller.user, at=caller.at)
    return _shape(row, caller.app)


@door("DELETE")
def give_back(request: HttpRequest, caller: Caller, version: str) -> Any:
    """The app gives back the consent by which it asks."""
    if caller.consent is None:
        raise Refused(35001, "No consent was used for this call.", status=404)
    return _shape(operations.terminate(consent=caller.consent, app=caller.app, at=caller.at), caller.app)


mine_or_stop = by_method(GET=one_of_mine, DELETE=revoke)


def _mine(caller: Caller, name: str) -> Consent:
    rows = Consent.objects.owned_by(caller.user).select_related("app", "user", "request").prefetch_related("chosen")
    row = rows.filter(public_id=_uuid(str(name))).first()
    if row is None:
        raise Refused(35001, f"Current CONSENT_ID is {str(name)[:80]}", status=404)
    return row


def _uuid(text: str) -> uuid.UUID:
    """An id, or for what is none the one that nothing has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _shape(row: Consent, app: ThirdPartyApp | None) -> dict[str, Any]:
    """Its word only to the app that holds it; consents of the sandbox have none."""
    word = word_of(row) if app is not None and row.app_id == app.pk and not row.is_sandbox else ""
    return {"consent_id": str(row.public_id), "jwt": word, "status": row.words.obp}


def _full(row: Consent, app: ThirdPartyApp) -> dict[str, Any]:
    asked = getattr(row, "request", None)
    return _shape(row, app) | {
        "consent_request_id": str(asked.public_id) if asked else "",
        "consumer_id": str(row.app.client_id),
        "scopes": [],
    }


def _info(row: Consent, app: ThirdPartyApp | None) -> dict[str, Any]:
    used = getattr(row, "last_used_at", None)
    moved = row.ended_at or row.authorised_at or row.created_at
    return _shape(row, app) | {
        "consent_reference_id": str(row.pk),
        "consumer_id": str(row.app.client_id),
        "created_by_user_id": str(row.user.public_id) if row.user else "",
        "last_action_date": instant(moved)[:10],
        "last_usage_date": instant(used)[:10] if used else "",
        "jwt_expires_at": instant(row.valid_until),
        "jwt_payload": "",
        "api_standard": "OBP",
        "api_version": "v5.1.0",
    }
