"""Payments by apps: asked for, proven by a challenge where no consent did, and read by whoever asked for them."""

import uuid
from typing import Any

from django.http import HttpRequest

from apps.fraud.errors import PaymentBlocked
from apps.kernel.money import Money
from apps.open_banking.models import Permission, TransactionRequest
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import AppCaller, Caller, Held
from apps.open_banking.obp.desk import desk_of
from apps.open_banking.obp.door import body_of, door
from apps.open_banking.obp.entry import either_of, payer_of
from apps.open_banking.obp.filters import filters_of
from apps.open_banking.obp.once import Answer, once
from apps.open_banking.obp.orders import KNOWN
from apps.open_banking.obp.refusals import Refused, refusal_of
from apps.open_banking.obp.request_shapes import written
from apps.open_banking.obp.shapes import money

OFFERED = ("ACCOUNT", "SANDBOX_TAN", "ACCOUNT_OTP", "COUNTERPARTY", "SIMPLE", "REFUND")


def _payer(caller: Caller, bank_id: str, account_id: str, view_id: str) -> Held:
    """The account to pay from, through a view that may. Raises Refused."""
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    if Permission.PAYMENT not in held.permissions:
        raise Refused(40002, "The customer did not allow this app to pay from the account (consent_required).")
    return held


@door(whose=payer_of)
def types(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str) -> Any:
    """The kinds this bank carries out. What a payment costs is told with it, by the tariff of the day."""
    held = _payer(caller, bank_id, account_id, view_id)
    charge = {"summary": "By the tariff, told with each payment", "value": money(Money.zero(held.account.currency))}
    return {"transaction_request_types": [{"value": one, "charge": charge} for one in OFFERED]}


@door("POST", whose=payer_of)
def ask(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, kind: str
) -> Any:
    """Ask for a payment. 201: made, on its way, or INITIATED with a challenge that was sent to the customer."""
    return _asked(request, caller, version, bank_id, account_id, view_id, kind, body_of(request))


@door("POST", whose=payer_of)
def ask_short(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str) -> Any:
    """The same at the account's own address; `type` in the body, ACCOUNT unless told."""
    body = body_of(request)
    kind = str(body.pop("type", "ACCOUNT"))
    return _asked(request, caller, version, bank_id, account_id, "owner", kind, body)


def _asked(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, kind: str,
    body: dict[str, Any],
) -> Answer:  # fmt: skip
    if kind == "FREE_FORM":
        raise Refused(20006, "CanCreateAnyTransactionRequest. Nobody outside the bank has it.")
    if kind not in KNOWN:
        raise Refused(40001, f"Current TRANSACTION_REQUEST_TYPE is {kind[:40]}")
    held, desk = _payer(caller, bank_id, account_id, view_id), desk_of(caller.app)
    order = desk.order(caller, held, kind, body)
    _require_payable(caller, held, order)
    return once(request, caller, lambda: _answer(desk.ask(caller, order), caller, version, 201))


def _require_payable(caller: Caller, held: Held, order: Any) -> None:
    """Whether a view of the owner's own that names some payees only lets this one be paid. Raises Refused."""
    if held.sees("add_transaction_request_to_any_account"):
        return
    to = order.creditor.account
    is_own = to is not None and to.owner_id == caller.user.pk
    in_book = order.type == TransactionRequest.Type.COUNTERPARTY
    if is_own and held.sees("add_transaction_request_to_own_account"):
        return
    if not (in_book and held.sees("add_transaction_request_to_beneficiary")):
        raise Refused(30022, "The view does not let this payee be paid. No money moved.")


def _answer(row: Any, caller: Caller, version: str, status: int) -> Answer:
    """Where it stands. One that the screen stopped is kept, so it is said without raising."""
    desk = desk_of(caller.app)
    if desk.is_stopped(row):
        no = refusal_of(
            PaymentBlocked("The bank stopped this payment. No money moved. The customer may call the bank.")
        )
        return no.status, no.body(), {}
    return status, written(desk.shown([row], caller.at)[0], version), {}


@door("POST", whose=payer_of)
def answer_challenge(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, kind: str,
    request_id: str,
) -> Any:  # fmt: skip
    """The customer's answer: 202 and the money goes. Three tries; the fourth ends the payment."""
    _payer(caller, bank_id, account_id, view_id)
    desk, row = desk_of(caller.app), _one(caller, request_id, account_id)
    body, told = body_of(request), desk.shown([row], caller.at)[0]
    given, named = body.get("answer"), body.get("id")
    if not isinstance(given, str) or not isinstance(named, str):
        raise Refused(10001, "id and answer are missing.")
    if kind != told.type:
        raise Refused(40009, f"It was {told.type}.")
    if not told.challenge or named != told.challenge:
        raise Refused(40010)
    wants = given != "REJECT" or told.type != TransactionRequest.Type.REFUND
    if wants and told.status == "INITIATED":
        desk.prove(caller, row, given)

    def act() -> Answer:
        if told.status != "INITIATED":
            raise Refused(40014 if row.is_spent else 40020)
        step = desk.make if wants else desk.reject
        return _answer(step(caller, row), caller, version, 202)

    return once(request, caller, act)


@door(whose=either_of)
def mine(
    request: HttpRequest, caller: Caller | AppCaller, version: str, bank_id: str, account_id: str, view_id: str
) -> Any:
    """What this app asked to be paid from an account, the newest first."""
    require_bank(bank_id)
    asked, desk = filters_of(request), desk_of(caller.app)
    rows = list(desk.asked(caller, account_id)[asked.offset : asked.offset + asked.limit])
    headers = {"Range": f"items={asked.offset}-{asked.limit}"}
    found = [written(one, version) for one in desk.shown(rows, caller.at)]
    return 200, {"transaction_requests_with_charges": found}, headers


@door(whose=either_of)
def one(
    request: HttpRequest, caller: Caller | AppCaller, version: str, bank_id: str, account_id: str, view_id: str,
    request_id: str,
) -> Any:  # fmt: skip
    """One of them, for the app that asked and nobody else."""
    require_bank(bank_id)
    return _told(_one(caller, request_id, account_id), caller, version)


@door(whose=either_of)
def payment(request: HttpRequest, caller: Caller | AppCaller, version: str, bank_id: str, request_id: str) -> Any:
    """The same by its id alone."""
    require_bank(bank_id)
    return _told(_one(caller, request_id), caller, version)


def _told(row: Any, caller: Caller | AppCaller, version: str) -> dict[str, Any]:
    return written(desk_of(caller.app).shown([row], caller.at)[0], version)


def _one(caller: Caller | AppCaller, request_id: str, account_id: str = "") -> Any:
    """Raises Refused for what is not there, another app's, or another customer's."""
    try:
        public_id = uuid.UUID(request_id)
    except ValueError as no:
        raise Refused(40004, f"Current TRANSACTION_REQUEST_ID is {request_id[:80]}") from no
    row = desk_of(caller.app).one(caller, public_id, account_id)
    if row is None:
        raise Refused(40004, f"Current TRANSACTION_REQUEST_ID is {public_id}")
    return row
