"""Standing orders by the customer's own word. One begins to pay once the customer has proven it, with the code of an
SMS and in the bank's own app, as payees are.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking.obp import shapes
from apps.open_banking.obp.bodies import object_of, text_of
from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import body_of, door
from apps.open_banking.obp.once import Answer, once
from apps.open_banking.obp.orders import payee_called
from apps.open_banking.obp.payees import owner_of
from apps.open_banking.obp.refusals import Refused
from apps.payments import operations as payments
from apps.payments.models import Cadence, StandingOrder
from apps.payments.operations.book import place_of
from apps.payments.schedule import Schedule

_EVERY = {"DAILY": Cadence.DAILY, "WEEKLY": Cadence.WEEKLY, "MONTHLY": Cadence.MONTHLY}


@door("POST")
def set_up(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str) -> Any:
    """Set up a standing order to a counterparty. It is not active until the customer has proven it."""
    held, body = owner_of(caller, bank_id, account_id, view_id), body_of(request)
    me = str(caller.user.public_id)
    if text_of(body, "user_id") != me or text_of(body, "customer_id") != me:
        raise Refused(10001, "user_id and customer_id are the customer's own.")
    payee = payee_called(caller, text_of(body, "counterparty_id"))
    amount, schedule = _amount(body), _schedule(body)
    where = place_of(payee)
    key = f"obp/{caller.app.pk}/{caller.interaction_id}"

    def act() -> Answer:
        with transaction.atomic():
            order = payments.set_up_order(
                owner=caller.user, from_account=held.real, where=where, amount=amount, schedule=schedule, key=key,
                at=caller.at, day_off="NEXT" if schedule.cadence != Cadence.DAILY else "SAME_DAY",
            )  # fmt: skip
            payments.challenge_order(order=order, by=caller.user, at=caller.at)
        return 201, _shape(order, held.name, str(payee.public_id), me, body), {}

    return once(request, caller, act)


def _amount(body: dict[str, Any]) -> Money:
    given = object_of(body, "amount")
    try:
        return Money.of(str(given.get("amount", "")), str(given.get("currency", "")))
    except DomainError as no:
        raise Refused(10002, str(no)) from no


def _schedule(body: dict[str, Any]) -> Schedule:
    """How often, from when, until when; of a month on which day. Raises Refused."""
    when = object_of(body, "when")
    every = _EVERY.get(str(when.get("frequency", "")).upper())
    if every is None:
        raise Refused(10001, f"when.frequency is one of {', '.join(_EVERY)}.")
    detail = str(when.get("detail") or "")
    if every == Cadence.MONTHLY and detail and not (detail.isascii() and detail.isdigit() and len(detail) <= 2):
        raise Refused(10001, "when.detail is the day of the month.")
    day = int(detail) if every == Cadence.MONTHLY and detail else None
    until = _date(body.get("date_expires"), "date_expires") if body.get("date_expires") else None
    return Schedule(every, _date(body.get("date_starts"), "date_starts"), day, None, until)


def _date(text: Any, name: str) -> date:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00")).date()
    except ValueError as no:
        raise Refused(10005, name) from no


def _shape(order: StandingOrder, account: str, payee: str, me: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "standing_order_id": str(order.public_id),
        "bank_id": shapes.bank_id(),
        "account_id": account,
        "customer_id": me,
        "user_id": me,
        "counterparty_id": payee,
        "amount": shapes.money(order.amount),
        "when": {"frequency": str(order.cadence), "detail": str(order.day or "")},
        "date_signed": shapes.instant(order.created_at),
        "date_starts": f"{order.starts_on}T00:00:00Z",
        "date_expires": f"{order.until}T00:00:00Z" if order.until else "",
        "date_cancelled": "",
        "active": order.confirmed_at is not None,
    }
