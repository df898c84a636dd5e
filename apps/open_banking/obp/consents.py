"""Consents as OBP makes them by the customer's own word: begun, answered, looked at, changed and stopped. What apps ask
for first stands in `consent_requests.py`.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.kernel.errors import NotFound
from apps.open_banking import operations
from apps.open_banking.errors import WrongSandboxCode
from apps.open_banking.models import Consent, ConsentQuerySet, ConsentRequest, ConsentType, Permission, ThirdPartyApp
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import AppCaller, Caller, Held, Person
from apps.open_banking.obp.door import body_of, by_method, door
from apps.open_banking.obp.entry import app_of, person_of
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.shapes import instant
from apps.open_banking.obp.words import word_of
from apps.open_banking.operations import Wish
from apps.open_banking.policies import RIGHT
from apps.open_banking.states import WAITING
from apps.users.errors import CodeExpired, WrongCode

USUAL_SECONDS = 3600
WAYS = ("SMS", "IMPLICIT")
_STATUSES = ("INITIATED", "ACCEPTED", "REJECTED", "REVOKED")


def own_word(caller: Caller) -> None:
    """By the customer's own word alone: an app that was let in lets in no other."""
    if caller.consent is not None:
        raise Refused(20017, "A consent gives no consents (consent_required).")


@door("POST")
def make(request: HttpRequest, caller: Caller, version: str, way: str, bank_id: str = "") -> Any:
    """The customer lets an app in: this one, or the one that `consumer_id` names; they are sent a code."""
    if bank_id:
        require_bank(bank_id)
    own_word(caller)
    require_way(way)
    body = body_of(request)
    if not isinstance(body.get("everything"), bool) or not isinstance(body.get("views"), list):
        raise Refused(10001, "everything and views are missing.")
    if way == "SMS" and body.get("phone_number") not in (None, "", str(caller.person.phone)):
        raise Refused(10001, "phone_number is not the customer's. Codes go where the bank knows them.")
    app = _app(caller, str(body.get("consumer_id") or caller.app.client_id))
    access = [_by_view(caller, one) for one in body["views"]]
    return 201, consent_shape(make_consent(caller, app, body, access), caller.app), {}


def _app(caller: Caller, name: str) -> ThirdPartyApp:
    """Of the sandbox only to who asks from there, and only their own. Raises Refused."""
    row: ThirdPartyApp | None = ThirdPartyApp.objects.filter(client_id=name[:255]).first()
    is_elsewhere = row is not None and (
        row.is_sandbox != caller.app.is_sandbox or (row.is_sandbox and row.developer_id != caller.app.developer_id)
    )
    if row is None or is_elsewhere:
        raise Refused(20024, f"Current CONSUMER_ID is {name[:80]}")
    return row


def _by_view(caller: Caller, asked: Any) -> tuple[Held, str]:
    name = str(asked.get("account_id") or "") if isinstance(asked, dict) else ""
    if name not in caller.accounts or asked.get("bank_id") != settings.OPEN_BANKING_BANK_ID:
        raise Refused(35014, f"Current ACCOUNT_ID is {name[:80]}")
    return caller.accounts[name], str(asked.get("view_id") or "")


def require_way(way: str) -> None:
    if way not in WAYS:
        raise Refused(35009, "Codes go by SMS, or as the customer set it up (IMPLICIT).")


def terms_of(body: dict[str, Any]) -> timedelta:
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


def make_consent(
    caller: Caller, app: ThirdPartyApp, body: dict[str, Any], access: list[tuple[Held, str]],
    request: ConsentRequest | None = None,
) -> Consent:  # fmt: skip
    lives = terms_of(body)
    if body["everything"]:
        access = [(held, "owner") for held in caller.accounts.values()]
    by_account: dict[str, set[str]] = {}
    for held, view in access:
        by_account.setdefault(held.name, set()).update(_seen(caller, held, view))
    allowed = {frozenset(held) for held in by_account.values()}
    if len(allowed) != 1:
        raise Refused(10001, "Name accounts and views; all accounts of one consent are seen through the same views.")
    sees = allowed.pop()
    wish = Wish(
        consent_type=ConsentType.AIS, accounts=True, balances=Permission.BALANCES in sees,
        transactions=Permission.TRANSACTIONS in sees, valid_until=caller.at + lives,
    )  # fmt: skip
    accounts: list[Any] = list({held.name: held.account for held, _view in access}.values())
    return operations.begin_consent(
        app=app, wish=wish, accounts=accounts, by=caller.user, at=caller.at, request=request
    )


def _seen(caller: Caller, held: Held, view: str) -> frozenset[str]:
    try:
        return caller.given_through(held, view)
    except Refused as no:
        raise Refused(35014, f"Current VIEW_ID is {view[:80]}") from no


@door("POST")
def answer(request: HttpRequest, caller: Caller, version: str, bank_id: str, consent_id: str) -> Any:
    """The code: 201 and ACCEPTED. A consent that was decided is answered as it stands."""
    require_bank(bank_id)
    own_word(caller)
    given = body_of(request).get("answer")
    if not isinstance(given, str):
        raise Refused(10001, "answer is missing.")
    row = _mine(caller, consent_id)
    try:
        row = operations.answer_consent(consent=row, answer=given, by=caller.user, at=caller.at)
    except (WrongCode, CodeExpired, WrongSandboxCode) as no:
        raise Refused(40016, str(no)) from no
    except NotFound as no:
        raise Refused(35001, f"Current CONSENT_ID is {row.public_id}", status=404) from no
    return 201, consent_shape(row, caller.app), {}


@door()
def mine(request: HttpRequest, caller: Caller, version: str, bank_id: str = "") -> Any:
    """All that the customer gave, the newest first."""
    if bank_id:
        require_bank(bank_id)
    own_word(caller)
    return {"consents": [_info(row, caller.app) for row in _all(caller)]}


@door()
def infos(request: HttpRequest, caller: Caller, version: str, bank_id: str) -> Any:
    """The same without their words."""
    require_bank(bank_id)
    own_word(caller)
    return {"consents": [_info(row, None) for row in _all(caller)]}


def _all(caller: Caller) -> Iterable[Consent]:
    rows = _of(caller).select_related("app", "user", "persona").prefetch_related("chosen__sandbox_account")
    return rows.with_last_use().order_by("-created_at", "-pk")[:100]


def _of(caller: Caller) -> ConsentQuerySet:
    """Those of the customer, or in the sandbox of the persona."""
    return Consent.objects.owned_by(caller.user).filter(is_sandbox=caller.app.is_sandbox, persona=caller.persona)


@door()
def one_of_mine(request: HttpRequest, caller: Caller, version: str, consent_id: str) -> Any:
    """One."""
    own_word(caller)
    return _full(_mine(caller, consent_id), caller.app)


@door(whose=app_of)
def one_of_app(request: HttpRequest, caller: AppCaller, version: str, consent_id: str) -> Any:
    """One that this app holds."""
    rows = Consent.objects.of_app(caller.app).select_related("app", "user", "request")
    row = rows.filter(public_id=as_uuid(consent_id)).first()
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
    own_word(caller)
    row = operations.revoke(consent=_mine(caller, consent_id), by=caller.user, at=caller.at)
    return consent_shape(row, caller.app)


@door("DELETE")
def give_back(request: HttpRequest, caller: Caller, version: str) -> Any:
    """The app gives back the consent by which it asks."""
    if caller.consent is None:
        raise Refused(35001, "No consent was used for this call.", status=404)
    return consent_shape(operations.terminate(consent=caller.consent, app=caller.app, at=caller.at), caller.app)


@door("PUT")
def change(request: HttpRequest, caller: Caller, version: str, bank_id: str, consent_id: str) -> Any:
    """A wanted status: REVOKED and REJECTED are done at once (200). Any other takes a proof, so nothing
    changes by asking (202).
    """
    require_bank(bank_id)
    own_word(caller)
    wanted, row = body_of(request).get("status"), _mine(caller, consent_id)
    if wanted == "REJECTED" and row.status in WAITING:
        return consent_shape(operations.reject(consent=row, by=caller.user, at=caller.at), caller.app)
    if wanted in ("REVOKED", "REJECTED"):
        return consent_shape(operations.revoke(consent=row, by=caller.user, at=caller.at), caller.app)
    if wanted not in _STATUSES:
        raise Refused(10001, f"status is one of {', '.join(_STATUSES)}.")
    return 202, consent_shape(row, caller.app), {}


@door("DELETE", whose=person_of)
def revoke_at_bank(request: HttpRequest, caller: Person, version: str, bank_id: str, consent_id: str) -> Any:
    """Staff who decide on apps stop a customer's consent; the customer is told."""
    require_bank(bank_id)
    if not caller.user.has_perm(RIGHT):
        raise Refused(20006, "CanRevokeConsentAtBank")
    row = Consent.objects.select_related("app", "user").filter(public_id=as_uuid(consent_id)).first()
    if row is None:
        raise Refused(35001, f"Current CONSENT_ID is {consent_id[:80]}", status=404)
    reason = "By the API of consents"
    return consent_shape(operations.revoke(consent=row, by=caller.user, at=caller.at, reason=reason), None)


at_bank = by_method(PUT=change, DELETE=revoke_at_bank)
mine_or_stop = by_method(GET=one_of_mine, DELETE=revoke)


def _mine(caller: Caller, name: str) -> Consent:
    rows = _of(caller).select_related("app", "user", "persona", "request")
    row = rows.prefetch_related("chosen__sandbox_account").filter(public_id=as_uuid(str(name))).first()
    if row is None:
        raise Refused(35001, f"Current CONSENT_ID is {str(name)[:80]}", status=404)
    return row


def as_uuid(text: str) -> uuid.UUID:
    """An id, or for what is none the one that nothing has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def consent_shape(row: Consent, app: ThirdPartyApp | None) -> dict[str, Any]:
    """Its word only to the app that holds it."""
    word = word_of(row) if app is not None and row.app_id == app.pk else ""
    return {"consent_id": str(row.public_id), "jwt": word, "status": row.words.obp}


def _full(row: Consent, app: ThirdPartyApp) -> dict[str, Any]:
    asked = getattr(row, "request", None)
    return consent_shape(row, app) | {
        "consent_request_id": str(asked.public_id) if asked else "",
        "consumer_id": str(row.app.client_id),
        "scopes": [],
    }


def _info(row: Consent, app: ThirdPartyApp | None) -> dict[str, Any]:
    used, whose = getattr(row, "last_used_at", None), row.persona or row.user
    moved = row.ended_at or row.authorised_at or row.created_at
    return consent_shape(row, app) | {
        "consent_reference_id": str(row.pk),
        "consumer_id": str(row.app.client_id),
        "created_by_user_id": str(whose.public_id) if whose else "",
        "last_action_date": instant(moved)[:10],
        "last_usage_date": instant(used)[:10] if used else "",
        "jwt_expires_at": instant(row.valid_until),
        "jwt_payload": "",
        "api_standard": "OBP",
        "api_version": "v5.1.0",
    }
