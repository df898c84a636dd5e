"""Africa's Talking Airtime: takes orders, asks the bank whether they are its own, loads phones, tells of it.

The plan of a number is that of its SMS: `status_code` 401 to 407 and 500 to 502 refuse the order, a `final` other than
Success is airtime that the network does not load, `callbacks`, `delay`, `slow`, `http_status` and `malformed` as there.
More for airtime: `value` (shillings told in the status in place of those ordered) and `hang_up` (the order is taken and
the answer lost). OUT_OF_ORDER tells the status before the order is answered.
"""

import json
import re
import secrets
import time
from typing import Any

from simulators import callbacks
from simulators.house import House
from simulators.providers.africastalking import BALANCE, CODES, NAME, TAKEN
from simulators.web import Request, Response, as_json, route

SCHEMA = """
CREATE TABLE IF NOT EXISTS airtime (
    id INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
    cents INTEGER NOT NULL, at REAL NOT NULL, due_at REAL NOT NULL, state TEXT NOT NULL DEFAULT 'SENT');
CREATE INDEX IF NOT EXISTS airtime_phone ON airtime (phone, id);
CREATE TABLE IF NOT EXISTS airtime_key (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
TABLES = ("airtime", "airtime_key")
DISCOUNT = 4  # of a hundred: what the bank pays less
JSON = "application/json"
_KENYAN = re.compile(r"\+254[17]\d{8}", re.ASCII)
_AMOUNT = re.compile(r"KES (\d{1,6})(?:\.(\d{1,2})0*)?", re.ASCII)


def send(house: House, request: Request) -> Response:
    """`POST /version1/airtime/send`, form-encoded; `recipients` is a JSON string."""
    form = request.form
    if not _is_ours(house, request, form.get("username", "")):
        return Response("The supplied authentication is invalid", 401, "text/plain")
    try:
        wanted = [(str(row["phoneNumber"]), str(row["amount"])) for row in json.loads(form.get("recipients", ""))]
    except (ValueError, TypeError, KeyError):
        return Response("Request is missing recipients", 400, "text/plain")
    plans = [house.store.plan(NAME, phone) for phone, _amount in wanted]
    if slow := max((float(plan.get("slow") or 0) for plan in plans), default=0):
        time.sleep(min(slow, 30))
    for plan in plans:
        if plan.get("http_status"):
            return Response("The service is not available.", int(plan["http_status"]), "text/plain")
    key = request.headers.get("idempotency-key") or None
    if key and not house.store.change("INSERT OR IGNORE INTO airtime_key VALUES (?)", key):
        return _answer([], "A duplicate request was received")
    rows = [_recipient(house, phone, amount, plan) for (phone, amount), plan in zip(wanted, plans, strict=True)]
    if any(plan.get("hang_up") for plan in plans):
        return Response(hangs_up=True)
    if any(plan.get("malformed") for plan in plans):
        return Response('{"errorMessage": "None", "responses": [', 201, JSON)
    return _answer(rows, "None")


def _answer(rows: list[dict[str, str]], error: str) -> Response:
    taken = [row for row in rows if row["status"] == "Sent"]
    return as_json(
        {
            "errorMessage": error,
            "numSent": len(taken),
            "totalAmount": f"KES {sum(_cents(row['amount']) for row in taken) / 100:.4f}" if taken else "0",
            "totalDiscount": f"KES {sum(_cents(row['discount']) for row in taken) / 100:.4f}" if taken else "0",
            "responses": rows,
        },
        201,
    )


def _recipient(house: House, phone: str, amount: str, plan: dict[str, Any]) -> dict[str, str]:
    cents = _cents(amount)
    code = int(plan.get("status_code") or (101 if _KENYAN.fullmatch(phone) and cents >= 500 else 403))
    if code in TAKEN and not house.store.spend("africastalking.balance", BALANCE, cents * (100 - DISCOUNT)):
        code = 405
    if code not in TAKEN:
        refusal = {"phoneNumber": phone, "errorMessage": CODES[code], "amount": amount, "status": "Failed"}
        return refusal | {"requestId": "None", "discount": "0"}
    request_id = f"ATQid_{secrets.token_hex(16)}"
    due = time.time() + float(plan.get("delay") or 0) + house.settings.callback_step
    house.store.add("airtime", request_id=request_id, phone=phone, cents=cents, at=time.time(), due_at=due)
    if plan.get("callbacks") == "OUT_OF_ORDER" and load(house, request_id):
        _post_status(house, request_id)
    return {
        "phoneNumber": phone,
        "errorMessage": "None",
        "amount": f"KES {cents / 100:.4f}",
        "status": "Sent",
        "requestId": request_id,
        "discount": _discount(cents),
    }


def work(house: House) -> None:
    """Load what is due."""
    due = "SELECT request_id FROM airtime WHERE state = 'SENT' AND due_at <= ? ORDER BY id LIMIT 20"
    for row in house.store.rows(due, time.time()):
        if load(house, row["request_id"]):
            _post_status(house, row["request_id"])


def load(house: House, request_id: str) -> bool:
    """Ask the bank whether it ordered this, then load it, or not; False when somebody else does."""
    if not house.store.change(
        "UPDATE airtime SET state = 'LOADING' WHERE request_id = ? AND state = 'SENT'", request_id
    ):
        return False
    row = house.store.row("SELECT * FROM airtime WHERE request_id = ?", request_id) or {}
    plan = house.store.plan(NAME, row["phone"])
    asked = {
        "transactionId": request_id,
        "phoneNumber": row["phone"],
        "sourceIpAddress": "127.0.0.1",
        "currencyCode": "KES",
        "amount": row["cents"] / 100,
    }
    url, body = house.store.setting("africastalking.airtime_validation_url", _validation(house)), json.dumps(asked)
    status, answer, error = callbacks.deliver(url, body, JSON)
    callbacks.note(house, NAME, url, JSON, body, status, answer or error)
    is_good = str(plan.get("final") or "Success") == "Success" and _allows(answer)
    state = "LOADED" if is_good else "FAILED"
    if not is_good:
        refunded = row["cents"] * (100 - DISCOUNT)
        house.store.spend("africastalking.balance", BALANCE, -refunded)
    house.store.change("UPDATE airtime SET state = ? WHERE request_id = ?", state, request_id)
    return True


def _allows(answer: str) -> bool:
    try:
        return json.loads(answer).get("status") == "Validated"
    except (ValueError, AttributeError):
        return False


def _post_status(house: House, request_id: str) -> None:
    row = house.store.row("SELECT * FROM airtime WHERE request_id = ?", request_id) or {}
    plan = house.store.plan(NAME, row["phone"])
    order = str(plan.get("callbacks") or "NORMAL")
    for _nth in range({"NONE": 0, "DUPLICATE": 2}.get(order, 1)):
        body = json.dumps(_told(row, plan))
        url = house.store.setting("africastalking.airtime_status_url", house.settings.africastalking_airtime_status_url)
        if order == "OUT_OF_ORDER":
            status, answer, error = callbacks.deliver(url, body, JSON)
            callbacks.note(house, NAME, url, JSON, body, status, answer or error)
        else:
            house.store.call_back(NAME, url, body, JSON, 0)


def _told(row: dict[str, Any], plan: dict[str, Any]) -> dict[str, str]:
    cents = int(float(plan["value"]) * 100) if plan.get("value") else row["cents"]
    is_good = row["state"] == "LOADED"
    return {
        "phoneNumber": row["phone"],
        "description": "Airtime Delivered Successfully" if is_good else "Airtime could not be delivered",
        "status": "Success" if is_good else "Failed",
        "requestId": row["request_id"],
        "discount": _discount(cents),
        "value": f"KES {cents / 100:.4f}",
    }


def find(house: House, request: Request) -> Response:
    """`GET /query/transaction/find`: what became of one."""
    if not _is_ours(house, request, request.query.get("username", "")):
        return Response("The supplied authentication is invalid", 401, "text/plain")
    row = house.store.row("SELECT * FROM airtime WHERE request_id = ?", request.query.get("transactionId", ""))
    if row is None:
        return as_json({"status": "Failure", "errorMessage": "No transaction found with that id"})
    states = {"SENT": "Sent", "LOADING": "Sent", "LOADED": "Success", "FAILED": "Failed"}
    told = _told(row, {}) | {"status": states[row["state"]], "transactionId": row["request_id"], "category": "Airtime"}
    return as_json({"status": "Success", "data": told})


def loads_of(house: House, phone: str, most: int) -> list[dict[str, Any]]:
    """What a phone was loaded with, newest first."""
    rows = house.store.rows(
        "SELECT * FROM airtime WHERE phone = ? AND state = 'LOADED' ORDER BY id DESC LIMIT ?", phone, most
    )
    for row in rows:
        row["shillings"] = f"{row['cents'] / 100:,.2f}"
    return rows


def read_more(values: dict[str, Any]) -> dict[str, Any]:
    """What a plan may hold for airtime alone. Raises ValueError."""
    plan: dict[str, Any] = {}
    if values.get("value"):
        plan["value"] = float(values["value"])
    if values.get("hang_up") not in (None, "", "0", "false", 0, False):
        plan["hang_up"] = True
    return plan


def _validation(house: House) -> str:
    return house.settings.africastalking_airtime_validation_url


def _is_ours(house: House, request: Request, username: str) -> bool:
    key_is_good = secrets.compare_digest(request.headers.get("apikey", ""), house.settings.africastalking_key)
    return key_is_good and username == house.settings.africastalking_username


def _cents(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    return int(found.group(1)) * 100 + int((found.group(2) or "0").ljust(2, "0")) if found else 0


def _discount(cents: int) -> str:
    return f"KES {cents * DISCOUNT / 10_000:.4f}"


ROUTES = [
    route("POST", "/africastalking/version1/airtime/send/?", send, NAME),
    route("GET", "/africastalking/query/transaction/find/?", find, NAME),
]
