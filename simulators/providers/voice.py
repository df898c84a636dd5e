"""Africa's Talking Voice: takes a call, rings, asks the bank what to say, and tells it when the call has ended.

The plan of a number is that of its SMS: `status_code` 403, 404, 405 refuse the call in their words, a `final` other
than Success is a phone that nobody picks up, `delay` lets it ring that long; `http_status` and `malformed` as there.
"""

import secrets
import time
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from simulators import callbacks
from simulators.house import House
from simulators.providers.africastalking import FORM, NAME
from simulators.web import Request, Response, as_json, route

SCHEMA = """
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, caller TEXT NOT NULL, at REAL NOT NULL,
    rings_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'RINGING',
    words TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS call_phone ON call (phone, id);
"""
TABLES = ("call",)
REFUSALS = {403: "InvalidPhoneNumber", 404: "DestinationNotSupported", 405: "InsufficientCredit"}
PRICE = 30_000  # a started minute to Kenya: KES 3.0000
TRIES = 5


def call(house: House, request: Request) -> Response:
    """`POST /call`, form-encoded."""
    form = request.form
    ours = secrets.compare_digest(request.headers.get("apikey", ""), house.settings.africastalking_key)
    if not ours or form.get("username") != house.settings.africastalking_username:
        return Response("The supplied authentication is invalid", 401, "text/plain")
    phones = [phone.strip() for phone in form.get("to", "").split(",") if phone.strip()]
    if not phones or not form.get("from"):
        return Response("Must have from, to and username", 400, "text/plain")
    plans = {phone: house.store.plan(NAME, phone) for phone in phones}
    for plan in plans.values():
        if plan.get("http_status"):
            return Response("The service is not available.", int(plan["http_status"]), "text/plain")
        if plan.get("malformed"):
            return Response('{"entries": [{"status": "Qu', 201, "application/json")
    entries = [_entry(house, phone, form["from"], plans[phone]) for phone in phones]
    return as_json({"entries": entries, "errorMessage": "None"}, 201)


def _entry(house: House, phone: str, caller: str, plan: dict[str, Any]) -> dict[str, str]:
    refusal = REFUSALS.get(int(plan.get("status_code") or 0))
    if not refusal and not (phone.startswith("+") and phone[1:].isdigit() and 9 <= len(phone) - 1 <= 15):
        refusal = "InvalidPhoneNumber"
    if refusal:
        return {"status": refusal, "phoneNumber": phone, "sessionId": "None"}
    session = f"ATVId_{secrets.token_hex(16)}"
    rings_at = time.time() + float(plan.get("delay") or 0) + house.settings.callback_step
    house.store.add("call", session=session, phone=phone, caller=caller, at=time.time(), rings_at=rings_at)
    return {"status": "Queued", "phoneNumber": phone, "sessionId": session}


def ring(house: House) -> None:
    """Have every phone that rings picked up, or not."""
    due = "SELECT * FROM call WHERE state = 'RINGING' AND rings_at <= ? ORDER BY id LIMIT 20"
    for row in house.store.rows(due, time.time()):
        missed = str(house.store.plan(NAME, row["phone"]).get("final") or "Success") != "Success"
        _end(house, row, "MISSED", "") if missed else _speak(house, row)


def calls_to(house: House, phone: str, most: int) -> list[dict[str, Any]]:
    """The calls of a number that rang, newest first."""
    rang = "SELECT * FROM call WHERE phone = ? AND rings_at <= ? ORDER BY id DESC LIMIT ?"
    return house.store.rows(rang, phone, time.time(), most)


def _speak(house: House, row: dict[str, Any]) -> None:
    status, answer = _post(house, row, isActive="1")
    if status is None and row["tries"] < TRIES:
        again = "UPDATE call SET tries = tries + 1, rings_at = ? WHERE id = ?"
        house.store.change(again, time.time() + callbacks.AGAIN_AFTER, row["id"])
        return
    _end(house, row, "HEARD", read(answer))


def _end(house: House, row: dict[str, Any], state: str, words: str) -> None:
    house.store.change("UPDATE call SET state = ?, words = ? WHERE id = ?", state, words, row["id"])
    seconds = 4 + len(words) // 12 if state == "HEARD" else 0
    cost = -(-seconds // 60) * PRICE
    _post(
        house,
        row,
        isActive="0",
        durationInSeconds=str(seconds),
        currencyCode="KES",
        amount=f"{cost // 10_000}.{cost % 10_000:04d}",
        callSessionState="Completed" if seconds else "NoAnswer",
    )


def _post(house: House, row: dict[str, Any], **fields: str) -> tuple[int | None, str]:
    url = house.store.setting("africastalking.voice_url", house.settings.africastalking_voice_url)
    about = {
        "sessionId": row["session"],
        "direction": "Outbound",
        "callerNumber": row["caller"],
        "destinationNumber": row["phone"],
    }
    body = urlencode({**fields, **about})
    status, answer, error = callbacks.deliver(url, body, FORM)
    callbacks.note(house, NAME, url, FORM, body, status, answer or error)
    return status, answer


def read(answer: str) -> str:
    """What the XML has said: the words of every Say, once each; empty when it says nothing or is no XML."""
    try:
        root = ElementTree.fromstring(answer)  # noqa: S314 our own bank's answer
    except ElementTree.ParseError:
        return ""
    said = [(node.text or "").strip() for node in root.iter("Say")] if root.tag == "Response" else []
    return " ".join(dict.fromkeys(said))


ROUTES = [route("POST", "/africastalking/voice/call/?", call, NAME)]
