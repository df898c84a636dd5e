"""What customers of other banks send to the bank under test, and what those banks ask back of it.

PesaLink and the partner abroad ask before a transfer settles; the settlement bank carries files, and its entry is the
first that is heard of one. Who got no answer asks again with the UETR.
"""

import secrets
import uuid
from typing import Any

from simulators import callbacks
from simulators.house import House
from simulators.providers.interbank import wire
from simulators.providers.interbank.books import CHANNELS, NAME, book, plan_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS ib_sent (
    uetr TEXT PRIMARY KEY, channel TEXT NOT NULL, message TEXT NOT NULL, reference TEXT NOT NULL,
    minor INTEGER NOT NULL, currency TEXT NOT NULL,
    payer TEXT NOT NULL, payer_account TEXT NOT NULL, bank TEXT NOT NULL, account TEXT NOT NULL,
    name TEXT NOT NULL, words TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, theirs TEXT NOT NULL,
    wish TEXT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ib_sent_theirs ON ib_sent (theirs);
CREATE TABLE IF NOT EXISTS ib_back (
    id TEXT PRIMARY KEY, uetr TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, theirs TEXT NOT NULL);
"""
TABLES = ["ib_sent", "ib_back"]
SETTLED = {"ACSC", "ACCC"}
XML = "application/xml; charset=utf-8"
MOST_MINOR = 10**15


def send(house: House, values: dict[str, Any]) -> dict[str, Any]:
    """Somebody sends money: `channel`, `account`, `amount` in shillings, and who. Raises ValueError."""
    channel = str(values.get("channel") or "pesalink")
    if channel not in CHANNELS:
        raise ValueError("there is no such channel")
    minor = wire.minor_of(str(values.get("amount") or "0").replace(",", ""), str(values.get("currency") or "KES"))
    if not 0 < minor < MOST_MINOR:
        raise ValueError("the amount must be more than nothing")
    told = str(values.get("uetr") or uuid.uuid4())
    row = {
        "uetr": told,
        "channel": channel,
        "message": f"OB{secrets.token_hex(8).upper()}",
        "reference": str(values.get("reference") or f"E2E{secrets.token_hex(6).upper()}")[:35],
        "minor": minor,
        "currency": str(values.get("currency") or "KES")[:3],
        "payer": str(values.get("payer") or "PETER KAMAU MWANGI")[:140],
        "payer_account": str(values.get("payer_account") or "0110123456789")[:34],
        "bank": str(values.get("bank") or "EQBLKENA")[:11],
        "account": str(values.get("account") or "").strip()[:34],
        "name": str(values.get("name") or "")[:140],
        "words": str(values.get("words") or "")[:140],
        "status": "",
        "reason": "",
        "theirs": f"C{secrets.token_hex(6).upper()}",
        "wish": "",
        "answer": "",
    }
    house.store.add("ib_sent", **row)
    if channel == "bank":
        _settle(house, row, "ACSC", "")
    else:
        _hear(house, row, *_call(house, row, "transfers/", wire.pacs008(row)))
    return _known(house, told)


def ask(house: House, uetr: str) -> dict[str, Any]:
    """Find out what became of one whose answer was lost; sent again when they never had it. Raises ValueError."""
    row = _known(house, uetr)
    if row["status"] in SETTLED | {"RJCT"}:
        return row
    status, answer = _call(house, row, f"transfers/{uetr}/")
    if status == 404:
        status, answer = _call(house, row, "transfers/", wire.pacs008(row))
    _hear(house, row, status, answer)
    return _known(house, uetr)


def ask_back(house: House, uetr: str, reason: str, words: str = "") -> dict[str, Any]:
    """Ask for it back, under one case however often. Raises ValueError."""
    row = _known(house, uetr)
    case = row["wish"] or f"OBC{secrets.token_hex(8).upper()}"
    house.store.change("UPDATE ib_sent SET wish = ? WHERE uetr = ?", case, uetr)
    _call(house, row, "recalls/", wire.camt056(row, case, reason, words))
    return _known(house, uetr)


def fetch_answer(house: House, uetr: str) -> dict[str, Any]:
    """What they say about it. Raises ValueError."""
    row = _known(house, uetr)
    status, answer = _call(house, row, f"recalls/{row['wish']}/")
    if status == 200:
        said = wire.parse(answer.encode(), "camt.029.001.14")
        reason = said.findtext("CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd") or ""
        told = f"{said.findtext('Sts/Conf')} {reason}".strip()
        house.store.change("UPDATE ib_sent SET answer = ? WHERE uetr = ?", told, uetr)
    return _known(house, uetr)


def take_back(house: House, channel: str, told: dict[str, Any]) -> dict[str, Any]:
    """A return of theirs, once by its identification; one of more or less than was sent, or twice, is not taken."""
    with house.store.write():
        if known := house.store.row("SELECT * FROM ib_back WHERE id = ?", told["id"]):
            return known
        row = house.store.row("SELECT * FROM ib_sent WHERE uetr = ? AND channel = ?", told["uetr"], channel)
        twice = house.store.row("SELECT 1 FROM ib_back WHERE uetr = ? AND status = 'ACSC'", told["uetr"])
        wrong = row is None or row["minor"] != told["minor"] or row["status"] not in SETTLED
        plan = plan_of(house, row["payer_account"]) if row else {}
        reason = "AM09" if wrong else "DUPL" if twice else ""
        if not reason and plan.get("outcome") == "REJECT":
            reason = plan.get("reason", "AC04")
        back = {"id": told["id"], "uetr": told["uetr"], "reason": reason, "status": "RJCT" if reason else "ACSC"}
        back["theirs"] = f"R{secrets.token_hex(6).upper()}"
        house.store.add("ib_back", **back)
        if not reason and row:
            why = told["reason"] or "NARR"
            book(house, {**row, "theirs": back["theirs"]}, -row["minor"], reason=why, theirs=back["theirs"])
        return back


def details_of(house: House, entry: dict[str, Any]) -> dict[str, Any]:
    """An entry with what its transfer says, where it is one of ours."""
    sent = house.store.row("SELECT * FROM ib_sent WHERE theirs = ?", entry["theirs"])
    if sent is None and (back := house.store.row("SELECT * FROM ib_back WHERE theirs = ?", entry["theirs"])):
        return {**entry, "uetr": back["uetr"]}
    return {**entry, "uetr": sent["uetr"], "sent": sent} if sent else entry


def _known(house: House, uetr: str) -> dict[str, Any]:
    row = house.store.row("SELECT * FROM ib_sent WHERE uetr = ?", uetr)
    if row is None:
        raise ValueError("there is no such transfer")
    return row


def _call(house: House, row: dict[str, Any], path: str, body: str | None = None) -> tuple[int | None, str]:
    url = f"{house.settings.interbank_bank_url}/{row['channel']}/{path}"
    key = {"Authorization": f"Bearer {house.settings.interbank_bank_key}"}
    status, answer, error = callbacks.deliver(url, body, XML, headers=key)
    callbacks.note(house, NAME, url, XML, body or "", status, answer or error)
    return status, answer


def _hear(house: House, row: dict[str, Any], status: int | None, answer: str) -> None:
    """Only a report that can be read settles; anything else is asked about."""
    try:
        said = wire.parse(answer.encode(), "pacs.002.001.10")
    except wire.Bad:
        refused = "HTTP" if status is not None and 400 <= status < 500 else ""
        house.store.change("UPDATE ib_sent SET status = ? WHERE uetr = ?", refused, row["uetr"])
        return
    _settle(house, row, said.findtext("TxInfAndSts/TxSts") or "", said.findtext("TxInfAndSts/StsRsnInf/Rsn/Cd") or "")


def _settle(house: House, row: dict[str, Any], status: str, reason: str) -> None:
    """Write the outcome down once; what is settled is an entry on their account."""
    with house.store.write():
        if not house.store.change(
            "UPDATE ib_sent SET status = ?, reason = ? WHERE uetr = ? AND status = ''", status, reason, row["uetr"]
        ):
            return
        if status in SETTLED:
            book(house, row, row["minor"], theirs=row["theirs"])
