"""Africa's Talking USSD: a phone dials, every step is posted to the bank as the gateway does, the answer is the screen.

The journal keeps how many inputs a session had, not the inputs: a PIN is among them.
"""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

from simulators import callbacks
from simulators.house import House
from simulators.providers.africastalking import FORM, NAME, _network

SCHEMA = """
CREATE TABLE IF NOT EXISTS ussd (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL,
    at REAL NOT NULL, screen TEXT NOT NULL, is_open INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS ussd_phone ON ussd (phone, id);
"""
TABLES = ("ussd",)
IDLE = 180.0  # seconds a session may last
LONGEST = 182
BROKEN = "Connection problem or invalid MMI code."


def dial(house: House, phone: str, code: str) -> dict[str, Any]:
    """A new session; another one on that phone ends."""
    house.store.change("UPDATE ussd SET is_open = 0, text = '' WHERE phone = ? AND is_open = 1", phone)
    session = f"ATUid_{secrets.token_hex(16)}"
    house.store.add("ussd", session=session, phone=phone, code=code, text="", at=time.time(), screen="", is_open=1)
    return step(house, session, "")


def reply(house: House, phone: str, typed: str, *, again: bool = False) -> dict[str, Any] | None:
    """Type into the open session; `again` posts the last step once more, as a network that heard no answer does."""
    row = on_screen(house, phone)
    if row is None or not row["is_open"]:
        return None
    text = row["text"] if again else f"{row['text']}*{typed}" if row["text"] else typed
    return step(house, row["session"], text)


def step(house: House, session: str, text: str) -> dict[str, Any]:
    """Post one step to the bank, and show what it answers. What does not begin with CON or END ends the session."""
    row = house.store.row("SELECT * FROM ussd WHERE session = ?", session) or {}
    url = house.store.setting("africastalking.ussd_url", house.settings.africastalking_ussd_url)
    fields = {
        "sessionId": session,
        "phoneNumber": row["phone"],
        "networkCode": _network(row["phone"]),
        "serviceCode": row["code"],
        "text": text,
    }
    status, answer, error = callbacks.deliver(url, urlencode(fields), FORM)
    hidden = urlencode(fields | {"text": f"({text.count('*') + 1 if text else 0} inputs)"})
    callbacks.note(house, NAME, url, FORM, hidden, status, answer or error)
    kind, words = answer[:3], answer[4:]
    goes_on = status == 200 and kind == "CON" and len(answer) <= LONGEST
    shown = words if status == 200 and kind in {"CON", "END"} and len(answer) <= LONGEST else BROKEN
    kept = "UPDATE ussd SET text = ?, screen = ?, is_open = ?, at = ? WHERE session = ?"
    house.store.change(kept, text if goes_on else "", shown, int(goes_on), time.time(), session)
    return {"session": session, "screen": shown, "goes_on": goes_on, "answer": answer}


def hang_up(house: House, phone: str) -> None:
    """The person cancels."""
    house.store.change("UPDATE ussd SET is_open = 0, text = '', screen = '' WHERE phone = ?", phone)


def on_screen(house: House, phone: str) -> dict[str, Any] | None:
    """The newest session of a phone, while its words are still there."""
    row = house.store.row("SELECT * FROM ussd WHERE phone = ? ORDER BY id DESC LIMIT 1", phone)
    return row if row and row["screen"] and row["at"] > time.time() - IDLE else None
