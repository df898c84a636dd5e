"""Africa's Talking Airtime: sends an order, finds what became of it, and reads what they post (channels.md 2.3)."""

import json
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from typing import Any

import httpx
from django.conf import settings

from apps.kernel import http
from apps.kernel.breaker import ProviderResting
from apps.kernel.money import Money

NAME = "africastalking_airtime"
_PRICE = re.compile(r"(?:([A-Z]{3})\s*)?([0-9]{1,12}(?:\.[0-9]{1,8})?)", re.ASCII)
_PHONE = re.compile(r"(?:\+?254|0)([17][0-9]{8})", re.ASCII)
_NOTHING = {"", "None", "none", "null"}


class Unreadable(ValueError):
    """Nothing they are documented to say."""


class Unknown(Exception):
    """They may have acted: the outcome is to be found out, and the order never sent again."""


class Told(Enum):
    """What they say of an order."""

    TAKEN = "TAKEN"
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Answer:
    """What they said: of which request, with which discount and value and for which phone (E.164) where they told."""

    told: Told
    request_id: str = ""
    discount: Money | None = None
    value: Money | None = None
    words: str = ""
    phone: str = ""


def send(*, phone: str, amount: Money, key: str) -> Answer:
    """Order airtime for `phone` (E.164), once. Raises Unknown when nobody knows whether they took it."""
    shillings = f"{amount.currency} {amount.amount:.2f}"
    form = {
        "username": settings.AFRICASTALKING_USERNAME,
        "recipients": json.dumps([{"phoneNumber": phone, "amount": shillings}]),
        "maxNumRetry": "1",
    }
    url = f"{settings.AFRICASTALKING_URL}/version1/airtime/send"
    try:
        response = http.send(NAME, "POST", url, data=form, headers={**_headers(), "Idempotency-Key": key})
    except (ProviderResting, http.NotReached) as no:
        return Answer(Told.REFUSED, words=str(no))
    except http.NoAnswer as no:
        raise Unknown(str(no)) from no
    return read_answer(response)


def read_answer(response: httpx.Response) -> Answer:
    """What their answer to one order means. Raises Unknown."""
    status = response.status_code
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        return Answer(Told.REFUSED, words=f"HTTP {status}: not now")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unknown(f"HTTP {status}: it may have been taken")
    if status >= httpx.codes.BAD_REQUEST:
        return Answer(Told.REFUSED, words=f"HTTP {status}: {response.text[:120]}")
    try:
        answer = http.json_of(response)
        rows = answer.get("responses") or []
    except (ValueError, AttributeError) as no:
        raise Unknown("their answer could not be read") from no
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unknown("their answer could not be read")
    if not rows:  # no recipient was taken; why is said for all of them
        if _word(answer.get("errorMessage")):
            return Answer(Told.REFUSED, words=_word(answer.get("errorMessage")))
        raise Unknown("they named no recipient and no error")
    return _of_recipient(rows[0])


def _of_recipient(row: dict[str, Any]) -> Answer:
    request_id, error = _word(row.get("requestId")), _word(row.get("errorMessage"))
    facts: dict[str, Any] = {"request_id": request_id, "discount": price(row.get("discount")), "words": error}
    told = _told(row.get("status"))
    if told is Told.REFUSED or (error and not request_id):
        return Answer(Told.REFUSED, **facts)
    if not request_id:
        raise Unknown("they gave the order no name")
    return Answer(Told.TAKEN, **facts)  # a Success here too is only final by a callback or by asking


def find(request_id: str) -> Answer:
    """What they know of an order. Raises Unreadable, ProviderResting, http.NotReached, http.NoAnswer."""
    response = http.send(
        NAME,
        "GET",
        f"{settings.AFRICASTALKING_URL}/query/transaction/find",
        params={"username": settings.AFRICASTALKING_USERNAME, "transactionId": request_id},
        headers=_headers(),
        idempotent=True,
    )
    try:
        answer = http.json_of(response)
        row = answer.get("data") if isinstance(answer.get("data"), dict) else answer
    except (ValueError, AttributeError) as no:
        raise Unreadable(f"HTTP {response.status_code}") from no
    if response.status_code >= httpx.codes.BAD_REQUEST or (
        row is not answer and str(answer.get("status", "")).lower() != "success"
    ):
        raise Unreadable(f"HTTP {response.status_code}: {str(answer)[:120]}")
    return _status(row | {"requestId": request_id})


def _body(raw: str) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except RecursionError as no:
        raise Unreadable("too deep") from no
    except ValueError:
        body = dict(httpx.QueryParams(raw).items()) if "=" in raw else None
    if not isinstance(body, dict):
        raise Unreadable("neither JSON nor a form")
    return body


def phone_in(raw: str) -> str:
    """The phone a status is about, in E.164; a "+" that was not escaped in a form arrives as a space."""
    phone = _word(_body(raw).get("phoneNumber")).replace(" ", "")
    return phone if phone.startswith("+") else f"+{phone}"


def read_status(raw: str) -> Answer:
    """A status they posted: JSON today, a form in older accounts. Raises Unreadable."""
    body = _body(raw)
    if not 0 < len(_word(body.get("requestId"))) <= 120:
        raise Unreadable("it names no request")
    return _status(body)


def read_validation(raw: str) -> tuple[str, Money]:
    """For whom and how much they are about to load. Raises Unreadable."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as no:
        raise Unreadable("no JSON") from no
    if not isinstance(body, dict):
        raise Unreadable("no object")
    amount = price(body.get("amount"), currency=str(body.get("currencyCode") or "KES"))
    if amount is None:
        raise Unreadable("no amount")
    return _e164(body.get("phoneNumber")) or _word(body.get("phoneNumber")), amount


def _status(body: dict[str, Any]) -> Answer:
    told, worth = _told(body.get("status")), _word(body.get("value") or body.get("amount"))
    value = price(worth)
    if told is Told.DELIVERED and worth and value is None:
        raise Unreadable("what it loaded is no amount in shillings")
    return Answer(
        told,
        _word(body.get("requestId")),
        price(body.get("discount")),
        value,
        _word(body.get("description") or body.get("errorMessage"))[:160],
        _e164(body.get("phoneNumber")),
    )


def _e164(value: Any) -> str:
    """A whole number of a phone; nothing where it is none, or masked. An unescaped "+" of a form arrives as a space."""
    found = _PHONE.fullmatch(_word(value).replace(" ", ""))
    return f"+254{found[1]}" if found else ""


def _told(status: Any) -> Told:
    """By their status words; one we do not know says that they have it, never that it is over."""
    known = {"success": Told.DELIVERED, "failed": Told.REFUSED, "rejected": Told.REFUSED}
    return known.get(str(status or "").strip().lower(), Told.TAKEN)


def price(text: Any, currency: str = "KES") -> Money | None:
    """`KES 0.6000`, or a bare number, as money to the nearest minor unit; None for what is no price in shillings."""
    found = _PRICE.fullmatch(str("" if text is None else text).strip())
    if found is None or (found.group(1) or currency) != "KES":
        return None
    try:
        minor = Decimal(found.group(2)).scaleb(2).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return None
    return Money(int(minor), "KES")


def _word(value: Any) -> str:
    """What can be kept and shown: a database takes no NUL and no half of a character."""
    text = "".join(sign for sign in str("" if value is None else value) if sign.isprintable()).strip()
    return "" if text in _NOTHING else text


def _headers() -> dict[str, str]:
    return {"apiKey": settings.AFRICASTALKING_API_KEY, "Accept": "application/json"}
