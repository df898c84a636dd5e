"""The other banks' doors, and everything that can go wrong behind them.

A plan, by the account that is paid or by the MsgId of a file (`*` is every one), is an `outcome` and for REJECT and
RETURN a `reason`. A transfer is counted once by its UETR, a file by its MsgId; asked again they say what they said.
"""

import hashlib
import secrets
from datetime import date
from typing import Any

from simulators.house import House
from simulators.providers.interbank import sending, wire
from simulators.providers.interbank.books import NAME, book, plan_of
from simulators.web import Request, Response, as_json, route

KEY = "Bearer simulated"
OUTCOMES = {
    "": "Settled at once",
    "PENDING": "Accepted; settled when asked about",
    "REJECT": "Rejected with the reason",
    "RETURN": "Settled, and sent back with the reason",
    "TIMEOUT": "Carried out, but the answer is lost",
    "LOST": "The line is cut before it is read",
    "GARBAGE": "Carried out, answered with rubbish",
    "TWICE": "Settled, and said twice",
    "STRANGER": "Answered about another transfer",
    "HTTP_500": "Server error, nothing done",
    "NO_NAME": "The bank does not tell the name",
    "KEEP": "Settled; a recall is refused with the reason",
    "SILENT": "Settled; of a file or a recall nothing is told",
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS ib_transfer (
    uetr TEXT PRIMARY KEY, channel TEXT NOT NULL, message TEXT NOT NULL, reference TEXT NOT NULL,
    minor INTEGER NOT NULL, currency TEXT NOT NULL, account TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    theirs TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ib_file (
    message TEXT PRIMARY KEY, digest TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ib_entry (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, sequence INTEGER NOT NULL, day TEXT NOT NULL, currency TEXT NOT NULL,
    minor INTEGER NOT NULL, reference TEXT NOT NULL, theirs TEXT NOT NULL, is_return INTEGER NOT NULL,
    reason TEXT NOT NULL, UNIQUE (channel, sequence));
CREATE TABLE IF NOT EXISTS ib_recall (
    id TEXT PRIMARY KEY, uetr TEXT NOT NULL, reference TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL);
"""
TABLES = ["ib_transfer", "ib_file", "ib_entry", "ib_recall"]
_OPENING = 5_000_000_000_00  # minor units; what the account held before everything
_NAMES = (
    "Grace Akinyi Odhiambo",
    "Peter Kamau Mwangi",
    "Amina Hassan Ali",
    "John Kiprono Koech",
    "Mary Wanjiru Njoroge",
)


def transfers(house: House, request: Request, channel: str) -> Response:
    """A pacs.008."""
    if refusal := _stranger(request):
        return refusal
    try:
        body = wire.parse(request.body, "pacs.008.001.08")
        told = wire.transfer_in(next(body.iter("CdtTrfTxInf")), "IntrBkSttlmAmt")
    except (wire.Bad, StopIteration, ValueError):
        return Response("<not-understood/>", 400, "application/xml")
    message = body.findtext("GrpHdr/MsgId") or ""
    plan = plan_of(house, told["account"])
    outcome = plan.get("outcome", "")
    if outcome == "LOST":
        return Response(hangs_up=True)
    if outcome == "HTTP_500":
        return Response("Internal error", 500, "text/plain")
    row = take(house, channel, message, told, plan)
    if outcome == "TIMEOUT":
        return Response(hangs_up=True)
    if outcome == "GARBAGE":
        return Response("<html>It works!", 200, "application/xml")
    if outcome == "STRANGER":
        row = {**row, "reference": "KSTRANGER", "uetr": "00000000-0000-4000-8000-000000000000"}
    return _xml(wire.pacs002(message, [row, row] if outcome == "TWICE" else [row]))


def take(house: House, channel: str, message: str, told: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    """Carry one transfer out, once by its UETR."""
    with house.store.write():
        known = house.store.row("SELECT * FROM ib_transfer WHERE uetr = ?", told["uetr"])
        if known:
            return known
        outcome = plan.get("outcome", "")
        status = {"REJECT": "RJCT", "PENDING": "ACSP"}.get(outcome, "ACSC")
        row = {name: told[name] for name in ("uetr", "reference", "minor", "currency", "account")}
        row |= {"channel": channel, "message": message, "status": status, "theirs": f"T{secrets.token_hex(6).upper()}"}
        row |= {"reason": plan.get("reason", "AC01") if outcome == "REJECT" else ""}
        house.store.add("ib_transfer", **row)
        if status == "ACSC":
            book(house, row, -row["minor"])
        if outcome == "RETURN":
            book(house, row, row["minor"], reason=plan.get("reason", "AC04"))
        return row


def transfer(house: House, request: Request, channel: str, uetr: str) -> Response:
    """What became of a transfer."""
    if refusal := _stranger(request):
        return refusal
    row = house.store.row("SELECT * FROM ib_transfer WHERE uetr = ? AND channel = ?", uetr, channel)
    if row is None:
        return Response("", 404, "text/plain")
    _settle(house, row)
    return _xml(wire.pacs002(row["message"], [row]))


def _settle(house: House, row: dict[str, Any]) -> None:
    """What was accepted is carried out, once."""
    with house.store.write():
        if house.store.change("UPDATE ib_transfer SET status = 'ACSC' WHERE uetr = ? AND status = 'ACSP'", row["uetr"]):
            row["status"] = "ACSC"
            book(house, row, -row["minor"])


def name(house: House, request: Request, channel: str) -> Response:
    """Whom an account belongs to."""
    if refusal := _stranger(request):
        return refusal
    account = request.query.get("account", "")
    plan = plan_of(house, account)
    if plan.get("outcome") == "NO_NAME":
        return as_json({"name": ""})
    if plan.get("outcome") == "HTTP_500":
        return Response("Internal error", 500, "text/plain")
    if account.endswith("0000"):
        return as_json({"reason": "AC01"}, 404)
    return as_json({"name": _NAMES[sum(map(ord, account)) % len(_NAMES)]})


def put_file(house: House, request: Request, channel: str, message: str) -> Response:
    """A pain.001, counted once by its MsgId; carried out at once, each transfer by its plan."""
    if refusal := _stranger(request):
        return refusal
    plan = plan_of(house, message)
    outcome = plan.get("outcome", "")
    if outcome == "HTTP_500":
        return Response("Internal error", 500, "text/plain")
    if outcome == "LOST":
        return Response(hangs_up=True)
    try:
        body = wire.parse(request.body, "pain.001.001.09")
        rows = [wire.transfer_in(row, "Amt/InstdAmt") for row in body.iter("CdtTrfTxInf")]
    except (wire.Bad, ValueError):
        return Response("", 400, "text/plain")
    if not _take_file(house, channel, message, hashlib.sha256(request.body).hexdigest(), rows, plan):
        return Response("", 409, "text/plain")
    if outcome == "TIMEOUT":
        return Response(hangs_up=True)
    return Response("<html>It works!" if outcome == "GARBAGE" else "", 202, "text/plain")


def _take_file(
    house: House, channel: str, message: str, digest: str, rows: list[dict[str, Any]], plan: dict[str, Any]
) -> bool:
    """Carry a file out, once by its name; False for other words under a name that was used."""
    with house.store.write():
        if known := house.store.row("SELECT digest FROM ib_file WHERE message = ?", message):
            return bool(known["digest"] == digest)
        is_refused = plan.get("outcome") == "REJECT"
        status, reason = ("RJCT", plan.get("reason", "FF01")) if is_refused else ("ACSP", "")
        house.store.add("ib_file", message=message, digest=digest, status=status, reason=reason)
        for told in rows if not is_refused else ():
            take(house, channel, message, told, plan_of(house, told["account"]))
    return True


def file_status(house: House, request: Request, channel: str, message: str) -> Response:
    """What became of a file; what was accepted and not settled yet settles now."""
    if refusal := _stranger(request):
        return refusal
    file = house.store.row("SELECT * FROM ib_file WHERE message = ?", message)
    outcome = plan_of(house, message).get("outcome", "")
    if file is None or outcome == "SILENT":
        return Response("", 404, "text/plain")
    if outcome == "GARBAGE":
        return Response("<html>It works!", 200, "application/xml")
    rows = house.store.rows("SELECT * FROM ib_transfer WHERE message = ? ORDER BY theirs", message)
    for row in rows:
        _settle(house, row)
    about = "KSTRANGER" if outcome == "STRANGER" else message
    return _xml(wire.pain002(about, file["status"], file["reason"], rows * (1 + (outcome == "TWICE"))))


def recall(house: House, request: Request, channel: str) -> Response:
    """A camt.056: sent back at once with news, unless the plan of the account says KEEP (refused) or SILENT."""
    if refusal := _stranger(request):
        return refusal
    try:
        told = wire.recall_in(wire.parse(request.body, "camt.056.001.12"))
    except wire.Bad:
        return Response("<not-understood/>", 400, "application/xml")
    with house.store.write():
        if house.store.row("SELECT 1 FROM ib_recall WHERE id = ?", told["id"]):
            return Response("", 202, "text/plain")
        row = house.store.row("SELECT * FROM ib_transfer WHERE uetr = ? AND channel = ?", told["uetr"], channel)
        plan = plan_of(house, row["account"]) if row else {}
        outcome = plan.get("outcome", "")
        gone = row is None or row["status"] != "ACSC"
        status = "RJCR" if gone or outcome == "KEEP" else "PDCR" if outcome == "SILENT" else "CNCL"
        reason = ("NOOR" if gone else plan.get("reason") or "CUST") if status == "RJCR" else ""
        house.store.add("ib_recall", **told, status=status, reason=reason)
        if status == "CNCL" and row:
            book(house, row, row["minor"], reason="FOCR")
    return Response("", 202, "text/plain")


def take_back(house: House, request: Request, channel: str) -> Response:
    """A pacs.004: what was sent to the bank under test, coming back."""
    if refusal := _stranger(request):
        return refusal
    try:
        told = wire.return_in(wire.parse(request.body, "pacs.004.001.09"))
    except (wire.Bad, ValueError):
        return Response("<not-understood/>", 400, "application/xml")
    back = sending.take_back(house, channel, told)
    return _xml(wire.pacs002(told["id"], [{**back, "reference": told["reference"]}]))


def resolution(house: House, request: Request, channel: str, case: str) -> Response:
    """The camt.029 about a case."""
    if refusal := _stranger(request):
        return refusal
    row = house.store.row("SELECT * FROM ib_recall WHERE id = ?", case)
    return _xml(wire.camt029(row)) if row else Response("", 404, "text/plain")


def news(house: House, request: Request, channel: str, sequence: str) -> Response:
    """One camt.054."""
    if refusal := _stranger(request):
        return refusal
    if house.store.plan(NAME, "*").get("outcome") == "GARBAGE":
        return _xml("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    row = house.store.row("SELECT * FROM ib_entry WHERE channel = ? AND sequence = ?", channel, sequence)
    if row is None:
        return Response("", 404, "text/plain")
    rows = [sending.details_of(house, row)]
    return _xml(wire.camt("054", identity=f"N-{channel}-{sequence}", sequence=int(sequence), rows=rows))


def statement(house: House, request: Request, channel: str, day: str, currency: str) -> Response:
    """A day's camt.053."""
    if refusal := _stranger(request):
        return refusal
    asked = "SELECT * FROM ib_entry WHERE channel = ? AND currency = ? AND day {} ? ORDER BY id"
    before = house.store.rows(asked.format("<"), channel, currency, day)
    rows = [sending.details_of(house, row) for row in house.store.rows(asked.format("="), channel, currency, day)]
    opening = _OPENING + sum(row["minor"] for row in before)
    closing = opening + sum(row["minor"] for row in rows)
    balances = wire.balance("OPBD", opening, currency, day) + wire.balance("CLBD", closing, currency, day)
    try:
        number = date.fromisoformat(day).toordinal()
    except ValueError:  # a day that is none has no statement
        return Response("", 404, "text/plain")
    identity = f"ST-{channel}-{currency}-{day}"
    return _xml(wire.camt("053", identity=identity, sequence=number, rows=rows, balances=balances))


def _stranger(request: Request) -> Response | None:
    return None if request.headers.get("authorization") == KEY else Response("", 401, "text/plain")


def _xml(text: str) -> Response:
    return Response(text, 200, "application/xml; charset=utf-8")


_AT = r"/interbank/(?P<channel>pesalink|bank|abroad)"
ROUTES = [
    route("POST", rf"{_AT}/transfers", transfers, NAME),
    route("GET", rf"{_AT}/transfers/<uetr>", transfer, NAME),
    route("POST", rf"{_AT}/recalls", recall, NAME),
    route("GET", rf"{_AT}/recalls/<case>", resolution, NAME),
    route("POST", rf"{_AT}/returns", take_back, NAME),
    route("GET", rf"{_AT}/names", name, NAME),
    route("PUT", rf"{_AT}/files/<message>", put_file, NAME),
    route("GET", rf"{_AT}/files/<message>/status", file_status, NAME),
    route("GET", rf"{_AT}/news/(?P<sequence>\d{{1,9}})", news, NAME),
    route("GET", rf"{_AT}/statements/(?P<day>\d{{4}}-\d\d-\d\d)/(?P<currency>[A-Z]{{3}})", statement, NAME),
]
