"""What M-Pesa's words mean: result codes, amounts, times, and the shapes of what it tells us (channels.md 1)."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from apps.kernel.text import storable

LEAST_MINOR, MOST_MINOR = 1_00, 250_000_00  # one transaction, in shilling cents
EAT = timezone(timedelta(hours=3))
PAID = "0"
ELSEWHERE = "elsewhere"  # ours, not M-Pesa's: paid, and its receipt is booked as another payment
STILL_WAITING = {"4999"}
SYSTEM_BUSY = {"17", "26", "1001", "1025", "1036", "1037", "9999"}
CANCELLED = {"1032", "4001"}  # on the phone; by the operator of a till

NOT_REACHED = "not_reached"  # ours: nothing left this machine
# Of a payout, what M-Pesa says of us and not of the payee: no float, no right, a wrong or locked password.
OURS = {"1", "11", "21", "2001", "2028", "8006"}
# Of money out, what says nothing of the money: our request came twice, waits to be sent again, or broke there.
SAYS_NOTHING = {"15", "100000000", "100000004"}

_CODE = re.compile(r"-?[0-9A-Za-z][0-9A-Za-z_.]{0,19}", re.ASCII)
_NOUGHT = re.compile(r"0+(?:\.0+)?", re.ASCII)
_WHOLE_PHONE = re.compile(r"(?:\+?254|0)([17][0-9]{8})(?![0-9])", re.ASCII)


class Unreadable(ValueError):
    """Not something M-Pesa would say."""


class BadAmount(Unreadable):
    """A payment in that brings nothing, or of which nobody can read how much."""


def read_json(raw: str) -> Any:
    """Whatever JSON it is. Raises Unreadable."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as no:
        raise Unreadable("not JSON") from no


def shown(phone: str) -> str:
    """A number as staff see it: M-Pesa's own masks and hashes are only cut."""
    return f"{phone[:4]}…{phone[-3:]}" if phone.startswith("+") else phone[:20]


def minor_of(value: Any) -> int:
    """`1.00`, `10`, `"5.00"` as shilling cents. Raises Unreadable."""
    try:
        exact = Decimal(str(value)) * 100
    except ArithmeticError:
        raise Unreadable(f"not an amount: {str(value)[:20]!r}") from None
    if not exact.is_finite() or exact != exact.to_integral_value() or abs(exact) > 10**15:
        raise Unreadable(f"not an amount: {str(value)[:20]!r}")
    return int(exact)


def password_time(at: datetime) -> str:
    """`yyyyMMddHHmmss`, East Africa Time."""
    return at.astimezone(EAT).strftime("%Y%m%d%H%M%S")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a callback says became of a request. `code` "0" is success; `minor` and `receipt` only then."""

    code: str
    text: str
    merchant_request_id: str = ""
    checkout_request_id: str = ""
    conversation_id: str = ""
    originator_id: str = ""
    receipt: str = ""
    minor: int | None = None
    facts: dict[str, Any] | None = None
    has_more: bool = False  # ResultType 1: another result of the same request follows


def read_stk(body: Any) -> Outcome:
    """`Body.stkCallback`. Raises Unreadable."""
    told = _member(_member(body, "Body"), "stkCallback")
    items = _pairs(told.get("CallbackMetadata"), "Item", "Name")
    minor = items.get("Amount")
    return Outcome(
        code=code_of(told.get("ResultCode")),
        text=_text(told.get("ResultDesc")),
        merchant_request_id=_text(told.get("MerchantRequestID")),
        checkout_request_id=_text(told.get("CheckoutRequestID")),
        receipt=receipt_of(items.get("MpesaReceiptNumber")),
        minor=None if minor is None else minor_of(minor),
        facts=items,
    )


def read_result(body: Any) -> Outcome:
    """`Result` of the asynchronous family. Raises Unreadable."""
    told = _member(body, "Result")
    facts = _pairs(told.get("ResultParameters"), "ResultParameter", "Key")
    amount = facts.get("TransactionAmount", facts.get("Amount"))
    receipt = facts.get("TransactionReceipt") or facts.get("ReceiptNo") or told.get("TransactionID")
    return Outcome(
        code=code_of(told.get("ResultCode")),
        text=_text(told.get("ResultDesc")),
        conversation_id=_text(told.get("ConversationID")),
        originator_id=_text(told.get("OriginatorConversationID")),
        receipt="" if _text(receipt).endswith("0000000") else receipt_of(receipt),
        minor=None if amount is None else minor_of(amount),
        facts=facts,
        has_more=_text(told.get("ResultType")) == "1",
    )


def went_elsewhere(facts: dict[str, Any], phone: str) -> bool:
    """Whether a payment to a phone (`+254…`) is told of with another whole number; one that is masked says nothing."""
    names = (str(facts.get(name) or "").strip() for name in ("ReceiverPartyPublicName", "CreditPartyName"))
    found = (_WHOLE_PHONE.match(name) for name in names)
    return any(one is not None and f"+254{one[1]}" != phone for one in found)


@dataclass(frozen=True, slots=True)
class Received:
    """A payment to our paybill, as C2B tells it. The payer's number is masked or hashed: no one is known by it."""

    receipt: str
    minor: int
    reference: str
    shortcode: str
    name: str
    masked_phone: str


def read_c2b(body: Any) -> Received:
    """Validation or confirmation. Raises Unreadable."""
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    receipt = receipt_of(body.get("TransID"))
    if not receipt:
        raise Unreadable("no TransID")
    names = [_text(body.get(part)) for part in ("FirstName", "MiddleName", "LastName")]
    return Received(
        receipt=receipt,
        minor=_paid_in(body.get("TransAmount")),
        reference=_text(body.get("BillRefNumber")),
        shortcode=_text(body.get("BusinessShortCode")),
        name=" ".join(part for part in names if part)[:140],
        masked_phone=_text(body.get("MSISDN"))[:80],
    )


def _member(body: Any, name: str) -> dict[str, Any]:
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise Unreadable(f"no {name}")
    return found


def _pairs(holder: Any, member: str, key: str) -> dict[str, Any]:
    """`{member: [{key, Value}]}` or one object in place of the list; a Value may be missing."""
    rows = holder.get(member) if isinstance(holder, dict) else None
    rows = [rows] if isinstance(rows, dict) else rows if isinstance(rows, list) else []
    return {str(row[key]): _kept(row.get("Value")) for row in rows if isinstance(row, dict) and key in row}


def _kept(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    """As text: numbers and strings come mixed."""
    return "" if value is None else str(_kept(str(value))).strip()[:200]


def code_of(value: Any) -> str:
    """A result code: a number or a word. Without one nothing is said, least of all that no money moved.

    Raises Unreadable.
    """
    is_said = isinstance(value, int | str) and not isinstance(value, bool)
    code = _text(int(value) if isinstance(value, float) and value.is_integer() else value if is_said else None)
    if not _CODE.fullmatch(code):
        raise Unreadable("no result code")
    return PAID if _NOUGHT.fullmatch(code) else code


def receipt_of(value: Any) -> str:
    """A receipt as text, in capitals as they write it; empty when there is none. Raises Unreadable."""
    found = _text(value).upper()
    if len(found) > 20:
        raise Unreadable("a receipt is not that long")
    return found


def _paid_in(value: Any) -> int:
    try:
        minor = minor_of(value)
    except Unreadable as no:
        raise BadAmount(str(no)) from no
    if minor <= 0:
        raise BadAmount("a payment brings more than nothing")
    return minor


def read_pull(told: Any) -> list[dict[str, Any]]:
    """The rows of a pull: a list, lists in a list, one alone, or these as text; or none. Raises Unreadable."""
    rows = read_json(told or "[]") if isinstance(told, str) else told
    rows = [rows] if isinstance(rows, dict) else rows or []
    if not isinstance(rows, list):
        raise Unreadable("rows that are no list")
    flat = [row for part in rows for row in (part if isinstance(part, list) else [part])]
    return [row for row in flat if isinstance(row, dict)]


def read_pulled(row: dict[str, Any]) -> Received:
    """One row of the pull feed, which misses nobody that a lost confirmation would. Raises Unreadable."""
    receipt = receipt_of(row.get("transactionId"))
    if not receipt:
        raise Unreadable("no transactionId")
    return Received(
        receipt=receipt,
        minor=_paid_in(row.get("amount")),
        reference=_text(row.get("billreference")),
        shortcode="",
        name=_text(row.get("sender"))[:140],
        masked_phone=_text(row.get("msisdn"))[:80],
    )


def read_balances(value: Any) -> list[dict[str, Any]]:
    """`Working Account|KES|46713.00|46713.00|0.00|0.00&…`: name, currency, and minor units. Raises Unreadable."""
    rows = []
    for one in str(value or "").strip().rstrip("&").split("&"):
        parts = [part.strip() for part in one.split("|")]
        if len(parts) < 4 or not parts[0] or parts[1] != "KES":
            raise Unreadable(f"not a balance: {one[:60]!r}")
        names = ("current_minor", "available_minor", "reserved_minor", "uncleared_minor")
        figures = {name: minor_of(text) for name, text in zip(names, parts[2:], strict=False)}
        rows.append({"name": parts[0][:60], "currency": parts[1], **figures})
    if len({row["name"] for row in rows}) < len(rows):
        raise Unreadable("one account is told of twice")
    return rows


def read_till_push(body: Any) -> Outcome:
    """What a till's operator answered (B2B Express): a flat object. Raises Unreadable."""
    if not isinstance(body, dict) or "resultCode" not in body:
        raise Unreadable("no resultCode")
    amount = body.get("amount")
    return Outcome(
        code=code_of(body.get("resultCode")),
        text=_text(body.get("resultDesc")),
        originator_id=_text(body.get("requestId")),
        conversation_id=_text(body.get("conversationID")),
        receipt=receipt_of(body.get("transactionId")),
        minor=None if amount is None else minor_of(amount),
    )
