"""Payments by apps: asked for, proven by a challenge where no consent did, and read by whoever asked for them."""

import uuid
from typing import Any

from django.http import HttpRequest

from apps.fraud.errors import PaymentBlocked
from apps.kernel.money import Money
from apps.open_banking import operations
from apps.open_banking.models import Permission, TransactionRequest
from apps.open_banking.names import account_named
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import AppCaller, Caller, Held
from apps.open_banking.obp.door import body_of, door
from apps.open_banking.obp.entry import either_of, payer_of
from apps.open_banking.obp.filters import filters_of
from apps.open_banking.obp.once import Answer, once
from apps.open_banking.obp.orders import KNOWN, order_of
from apps.open_banking.obp.refusals import Refused, refusal_of
from apps.open_banking.obp.request_shapes import request_shape, requests
from apps.open_banking.obp.shapes import money
from apps.payments.models import PaymentStatus
from apps.users import operations as people
from apps.users.errors import CodeExpired, CodeSpent, WrongCode

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
    held = _payer(caller, bank_id, account_id, view_id)
    order = order_of(caller, held, kind, body)

    def act() -> Answer:
        row = operations.ask_to_pay(asking=caller.asking, order=order, at=caller.at)
        return _answer(row, caller, version, 201)

    return once(request, caller, act)


def _answer(row: TransactionRequest, caller: Caller, version: str, status: int) -> Answer:
    """Where it stands. One that the screen stopped is kept, so it is said without raising."""
    if row.payment.status == PaymentStatus.FAILED:
        no = refusal_of(
            PaymentBlocked("The bank stopped this payment. No money moved. The customer may call the bank.")
        )
        return no.status, no.body(), {}
    return status, request_shape(row, version, caller.at), {}


@door("POST", whose=payer_of)
def answer_challenge(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, kind: str,
    request_id: str,
) -> Any:  # fmt: skip
    """The customer's answer: 202 and the money goes. Three tries; the fourth ends the payment."""
    _payer(caller, bank_id, account_id, view_id)
    row = _one(caller, request_id, account_id)
    body = body_of(request)
    given, named = body.get("answer"), body.get("id")
    if not isinstance(given, str) or not isinstance(named, str):
        raise Refused(10001, "id and answer are missing.")
    if kind != row.type:
        raise Refused(40009, f"It was {row.type}.")
    if named != str(row.payment.challenge):
        raise Refused(40010)
    wants = given != "REJECT" or row.type != TransactionRequest.Type.REFUND
    if wants and row.status(caller.at) == "INITIATED":
        _prove(caller, row, given)

    def act() -> Answer:
        if row.status(caller.at) != "INITIATED":
            raise Refused(40014 if row.is_spent else 40020)
        step = operations.make_proven if wants else operations.reject_request
        return _answer(step(request=row, by=caller.user, at=caller.at), caller, version, 202)

    return once(request, caller, act)


def _prove(caller: Caller, row: TransactionRequest, given: str) -> None:
    """Spend a try, outside any transaction. Raises Refused."""
    try:
        people.answer(challenge_id=str(row.payment.challenge), user=caller.user, answer=given, at=caller.at)
    except (WrongCode, CodeExpired) as no:
        raise Refused(40016, str(no)) from no
    except CodeSpent as no:
        operations.give_up(request=row, by=caller.user, at=caller.at)
        raise Refused(40014) from no


@door(whose=either_of)
def mine(
    request: HttpRequest, caller: Caller | AppCaller, version: str, bank_id: str, account_id: str, view_id: str
) -> Any:
    """What this app asked to be paid from an account, the newest first."""
    require_bank(bank_id)
    asked = filters_of(request)
    rows = TransactionRequest.objects.of(caller.app, caller.user).shown().order_by("-pk")
    named = account_named(account_id)
    found = list(rows.filter(account=named)[asked.offset : asked.offset + asked.limit]) if named else []
    headers = {"Range": f"items={asked.offset}-{asked.limit}"}
    return 200, {"transaction_requests_with_charges": requests(found, version, caller.at)}, headers


@door(whose=either_of)
def one(
    request: HttpRequest, caller: Caller | AppCaller, version: str, bank_id: str, account_id: str, view_id: str,
    request_id: str,
) -> Any:  # fmt: skip
    """One of them, for the app that asked and nobody else."""
    require_bank(bank_id)
    return request_shape(_one(caller, request_id, account_id), version, caller.at)


@door(whose=either_of)
def payment(request: HttpRequest, caller: Caller | AppCaller, version: str, bank_id: str, request_id: str) -> Any:
    """The same by its id alone."""
    require_bank(bank_id)
    return request_shape(_one(caller, request_id), version, caller.at)


def _one(caller: Caller | AppCaller, request_id: str, account_id: str = "") -> TransactionRequest:
    """Raises Refused for what is not there, another app's, or another customer's."""
    try:
        public_id = uuid.UUID(request_id)
    except ValueError as no:
        raise Refused(40004, f"Current TRANSACTION_REQUEST_ID is {request_id[:80]}") from no
    rows = TransactionRequest.objects.of(caller.app, caller.user).shown().select_related("consent__terms", "user")
    row = rows.filter(public_id=public_id).first()
    if row is None or (account_id and account_named(account_id) != row.account_id):
        raise Refused(40004, f"Current TRANSACTION_REQUEST_ID is {public_id}")
    return row
