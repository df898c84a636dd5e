"""Africa's Talking: sending SMS (form and JSON), the inbox, the balance, and delivery reports to the bank.

Numbers that a test or a person scripted behave as told; all others receive their SMS. A plan may hold
`status_code` (the recipient's), `final` (the last report), `reason`, `callbacks` (NORMAL, NONE, DUPLICATE,
OUT_OF_ORDER), `delay` (seconds before the reports), `slow` (seconds before the answer), `http_status`, `malformed`.
"""

import re
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from simulators.house import House
from simulators.web import Request, Response, as_json, route

NAME = "africastalking"
CODES = {
    100: "Processed",
    101: "Success",
    102: "Queued",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
TAKEN = {100, 101, 102}
FINALS = ("Success", "Rejected", "Failed", "AbsentSubscriber", "Expired")
ORDERS = ("NORMAL", "NONE", "DUPLICATE", "OUT_OF_ORDER")
BALANCE = 50_000_000  # ten-thousandths of a shilling: KES 5,000.0000
PRICE = 8_000  # a segment to Kenya: KES 0.8000
FORM = "application/x-www-form-urlencoded"
_NETWORKS = {"63902": "Safaricom", "63903": "Airtel", "63907": "Telkom", "63999": "Equitel"}
_MASKED = re.compile("[0-9a-f]{64}")  # SHA-256, as C2B v1 hides a payer
_GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€\f"
)


def send_form(house: House, request: Request) -> Response:
    """`POST /version1/messaging`, form-encoded."""
    form = request.form
    phones = [phone.strip() for phone in form.get("to", "").split(",") if phone.strip()]
    return _send(house, request, form.get("username", ""), phones, form.get("message", ""), form.get("from", ""))


def send_bulk(house: House, request: Request) -> Response:
    """`POST /version1/messaging/bulk`, JSON; numbers may come as text or as a single value."""
    body = request.json
    if not isinstance(body, dict):
        return Response("Request body is not valid JSON", 400, "text/plain")
    phones = body.get("phoneNumbers") or []
    phones = [str(phone) for phone in (phones if isinstance(phones, list) else [phones])]
    if body.get("maskedNumber"):  # a payer whom M-PESA hides: known to Safaricom alone
        phones = [str(body["maskedNumber"])] if str(body.get("telco", "")).lower() == "safaricom" else []
    return _send(
        house,
        request,
        str(body.get("username", "")),
        phones,
        str(body.get("message", "")),
        str(body.get("senderId") or ""),
    )


def _send(house: House, request: Request, username: str, phones: list[str], text: str, sender: str) -> Response:
    if not _is_ours(house, request, username):
        return _wrong_key()
    if not phones or not text:
        return Response("Must have to, message and username", 400, "text/plain")
    plans = {phone: house.store.plan(NAME, phone) for phone in phones}
    if slow := max((float(plan.get("slow") or 0) for plan in plans.values()), default=0):
        time.sleep(min(slow, 30))
    for plan in plans.values():
        if plan.get("http_status"):
            return Response("The service is not available.", int(plan["http_status"]), "text/plain")
    if sender and sender not in house.settings.africastalking_senders:
        return as_json({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}, 201)
    rows = [_recipient(house, phone, text, sender, plans[phone]) for phone in phones]
    if any(plan.get("malformed") for plan in plans.values()):
        return Response('{"SMSMessageData": {"Message": "Sent to 1/1', 201, "application/json")
    taken = [row for row in rows if row["statusCode"] in TAKEN]
    total = sum(_segments(text) * PRICE for _row in taken)
    message = f"Sent to {len(taken)}/{len(rows)} Total Cost: {_price(total) if taken else '0'}"
    return as_json({"SMSMessageData": {"Message": message, "Recipients": rows}}, 201)


def _recipient(house: House, phone: str, text: str, sender: str, plan: dict[str, Any]) -> dict[str, Any]:
    code = int(plan.get("status_code") or _natural_code(phone))
    cost = _segments(text) * PRICE
    if code in TAKEN and not house.store.spend("africastalking.balance", BALANCE, cost):
        code = 405
    if code not in TAKEN:
        return {"statusCode": code, "number": phone, "status": CODES[code], "cost": "0", "messageId": "None"}
    message_id = f"ATPid_{secrets.token_hex(16)}"
    final = str(plan.get("final") or "Success")
    delay = float(plan.get("delay") or 0)
    house.store.add(
        "sms",
        message_id=message_id,
        phone=_unmasked(house, phone),
        sender=sender or "AFRICASTKNG",
        text=text,
        at=time.time(),
        shown_at=time.time() + delay if final == "Success" else None,
        outcome=final,
    )
    _report(house, message_id, phone, final, plan, delay)
    return {
        "statusCode": code,
        "number": phone,
        "status": CODES[code],
        "cost": _price(cost),
        "messageId": message_id,
    }


def _report(house: House, message_id: str, phone: str, final: str, plan: dict[str, Any], delay: float) -> None:
    """Queue the delivery reports of one message: Sent, Submitted, then the final one."""
    order = str(plan.get("callbacks") or "NORMAL")
    steps = ["Sent", "Submitted", final]
    if order == "NONE":
        return
    if order == "OUT_OF_ORDER":
        steps = [final, "Submitted", "Sent"]
    if order == "DUPLICATE":
        steps = [step for step in steps for _twice in range(2)]
    url = house.store.setting("africastalking.delivery_url", house.settings.africastalking_delivery_url)
    for number, status in enumerate(steps, start=1):
        fields = {"id": message_id, "status": status, "phoneNumber": phone, "networkCode": _network(phone)}
        if status not in {"Sent", "Submitted", "Buffered", "Success"}:
            fields["failureReason"] = str(plan.get("reason") or "DeliveryFailure")
        house.store.call_back(NAME, url, urlencode(fields), FORM, delay + number * house.settings.callback_step)


def write(house: House, phone: str, text: str, to: str) -> int:
    """A person writes an SMS to a sender of the bank's: it waits in the inbox, and the word STOP is told at once."""
    if text.strip().upper() == "STOP":
        url = house.store.setting("africastalking.opt_out_url", house.settings.africastalking_opt_out_url)
        house.store.call_back(NAME, url, urlencode({"senderId": to, "phoneNumber": phone}), FORM, 0)
    row = {"sender": phone, "recipient": to, "text": text[:480], "link_id": secrets.token_hex(8), "at": time.time()}
    return house.store.add("incoming", **row)


def inbox(house: House, request: Request) -> Response:
    """`GET /version1/messaging`: what people wrote to the short code, after `lastReceivedId`."""
    if not _is_ours(house, request, request.query.get("username", "")):
        return _wrong_key()
    last = request.query.get("lastReceivedId") or "0"
    rows = house.store.rows(
        "SELECT * FROM incoming WHERE id > ? ORDER BY id LIMIT 100", int(last) if last.isdigit() else 0
    )
    messages = [
        {
            "linkId": row["link_id"],
            "text": row["text"],
            "to": row["recipient"],
            "id": row["id"],
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(row["at"])),
            "from": row["sender"],
        }
        for row in rows
    ]
    return as_json({"SMSMessageData": {"Messages": messages}})


def user(house: House, request: Request) -> Response:
    """`GET /version1/user`: what is left of the money."""
    if not _is_ours(house, request, request.query.get("username", "")):
        return _wrong_key()
    return as_json({"UserData": {"balance": f"KES {balance(house) / 10_000:.2f}"}})


def balance(house: House) -> int:
    """What is left, in ten-thousandths of a shilling."""
    return int(house.store.setting("africastalking.balance", str(BALANCE)))


def _is_ours(house: House, request: Request, username: str) -> bool:
    key_is_good = secrets.compare_digest(request.headers.get("apikey", ""), house.settings.africastalking_key)
    return key_is_good and username == house.settings.africastalking_username


def _wrong_key() -> Response:
    return Response("The supplied authentication is invalid", 401, "text/plain")


def _natural_code(phone: str) -> int:
    """What an unscripted number gets: mobiles their SMS, land lines and nonsense a refusal."""
    if _MASKED.fullmatch(phone):
        return 101
    if not re.fullmatch(r"\+\d{9,15}", phone):
        return 403
    if phone.startswith("+254") and not re.fullmatch(r"\+254[17]\d{8}", phone):
        return 404
    return 101


def _unmasked(house: House, phone: str) -> str:
    """Whose number a hash is, where M-PESA has met them."""
    if not _MASKED.fullmatch(phone):
        return phone
    met = (row["msisdn"] for row in house.store.rows("SELECT msisdn FROM daraja_subscriber"))
    return next((f"+{msisdn}" for msisdn in met if sha256(msisdn.encode()).hexdigest() == phone), phone)


def _network(phone: str) -> str:
    if _MASKED.fullmatch(phone):
        return "63902"
    prefix = phone[4:7]
    if prefix.startswith(("73", "75", "78", "10")):
        return "63903"
    if prefix.startswith("77"):
        return "63907"
    if prefix.startswith("763"):
        return "63999"
    return "63902" if phone.startswith("+254") else "99999"


def _segments(text: str) -> int:
    if all(char in _GSM7 for char in text):
        return 1 if len(text) <= 160 else -(-len(text) // 153)
    length = len(text.encode("utf-16-be")) // 2
    return 1 if length <= 70 else -(-length // 67)


def _price(amount: int) -> str:
    return f"KES {amount // 10_000}.{amount % 10_000:04d}"


def read_plan(values: dict[str, Any]) -> dict[str, Any]:
    """A plan from a form or from JSON; only what differs from the happy course. Raises ValueError."""
    plan: dict[str, Any] = {}
    for name, read in _READERS.items():
        if values.get(name) not in (None, "", "0", "false", 0, False):
            plan[name] = read(values[name])
    return plan


def _one_of(*known: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
        return str(value)

    return read


def _code(value: Any) -> int:
    if int(value) not in CODES:
        raise ValueError(f"{value} is no status code of theirs")
    return int(value)


def _seconds(value: Any) -> float:
    return min(max(float(value), 0.0), 300.0)


_READERS: dict[str, Callable[[Any], Any]] = {
    "status_code": _code,
    "final": _one_of(*FINALS),
    "callbacks": _one_of(*ORDERS),
    "delay": _seconds,
    "slow": _seconds,
    "http_status": int,
    "reason": lambda value: str(value)[:60],
    "malformed": bool,
}

ROUTES = [
    route("POST", "/africastalking/version1/messaging/?", send_form, NAME),
    route("POST", "/africastalking/version1/messaging/bulk/?", send_bulk, NAME),
    route("GET", "/africastalking/version1/messaging/?", inbox, NAME),
    route("GET", "/africastalking/version1/user/?", user, NAME),
]
