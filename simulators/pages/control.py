"""The control page: what each number gets, the journal, and sending a callback once more."""

import json
import time
from typing import Any

from simulators import callbacks, numbers
from simulators.house import House, shown_moment
from simulators.providers import africastalking, africastalking_airtime
from simulators.web import Request, Response, as_json, go_to, route

MOST = 100


def home(house: House, request: Request) -> Response:
    """What there is."""
    return house.page("home.html")


def control(house: House, request: Request, wrong: str = "") -> Response:
    """Scripts, balance, callbacks that wait."""
    scripts = house.store.rows("SELECT * FROM script ORDER BY provider, subject")
    waiting = house.store.rows("SELECT * FROM callback WHERE done_at IS NULL ORDER BY due_at LIMIT 20")
    for row in waiting:
        row["moment"] = shown_moment(row["due_at"])
    return house.page(
        "control.html",
        status=400 if wrong else 200,
        wrong=wrong,
        scripts=scripts,
        waiting=waiting,
        balance=f"{africastalking.balance(house) / 10_000:,.2f}",
        codes=sorted(africastalking.CODES.items()),
        finals=africastalking.FINALS,
        orders=africastalking.ORDERS,
        delivery_url=house.store.setting("africastalking.delivery_url", house.settings.africastalking_delivery_url),
    )


def set_script(house: House, request: Request) -> Response:
    """Script a number; an empty plan takes its script away."""
    values: dict[str, Any] = request.values
    number = numbers.e164(str(values.get("phone", "")))
    if number is None:
        return _refuse(house, request, "That is no phone number.")
    try:
        plan = africastalking.read_plan(values) | africastalking_airtime.read_more(values)
    except (ValueError, TypeError) as no:
        return _refuse(house, request, str(no))
    house.store.script(africastalking.NAME, number, plan)
    return as_json({"phone": number, "plan": plan}) if request.wants_json else go_to("/control/")


def set_balance(house: House, request: Request) -> Response:
    """Top the balance up, or empty it: shillings."""
    values = request.values
    try:
        shillings = float(values.get("balance", ""))
        house.store.set("africastalking.balance", str(int(shillings * 10_000)))
    except (ValueError, TypeError, OverflowError):
        return _refuse(house, request, "The balance is a number of shillings.")
    return as_json({"balance": shillings}) if request.wants_json else go_to("/control/")


def set_delivery_url(house: House, request: Request) -> Response:
    """Where delivery reports go; on this machine only."""
    values = request.values
    url = str(values.get("url", ""))
    if not url.startswith(("http://127.0.0.1:", "http://localhost:")):
        return _refuse(house, request, "Reports are posted to this machine only.")
    house.store.set("africastalking.delivery_url", url)
    return as_json({"url": url}) if request.wants_json else go_to("/control/")


def text_in(house: House, request: Request) -> Response:
    """A person writes an SMS to the short code; it waits in the inbox."""
    values = request.values
    number = numbers.e164(str(values.get("phone", "")))
    if number is None:
        return _refuse(house, request, "That is no phone number.")
    written = africastalking.write(house, number, str(values.get("text", "")), str(values.get("to") or "20880"))
    return as_json({"id": written}) if request.wants_json else go_to("/control/")


def forget(house: House, request: Request) -> Response:
    """Empty everything."""
    house.store.forget()
    return as_json({"forgotten": True}) if request.wants_json else go_to("/control/")


def journal(house: House, request: Request) -> Response:
    """What came in and what went out, newest first."""
    return house.page("journal.html", entries=_entries(house, request.query.get("provider", "")))


def journal_feed(house: House, request: Request) -> Response:
    """The same as JSON."""
    return as_json({"entries": _entries(house, request.query.get("provider", ""))})


def replay(house: House, request: Request, number: str) -> Response:
    """Post a callback of the journal once more, as it was."""
    entry = house.store.row("SELECT * FROM journal WHERE id = ? AND direction = 'OUT'", number)
    if entry is None:
        return Response("Only what was posted to the bank can be posted again.", 404, "text/plain")
    status, answer, error = callbacks.deliver(
        entry["path"], entry["body"], json.loads(entry["headers"])["content-type"]
    )
    house.store.add(
        "journal",
        at=time.time(),
        direction="OUT",
        provider=entry["provider"],
        method="POST",
        path=entry["path"],
        headers=entry["headers"],
        body=entry["body"],
        status=status,
        answer=answer or error,
    )
    return as_json({"status": status, "error": error}) if request.wants_json else go_to("/control/journal/")


def _entries(house: House, provider: str) -> list[dict[str, Any]]:
    rows = house.store.rows("SELECT * FROM journal WHERE ? IN ('', provider) ORDER BY id DESC LIMIT ?", provider, MOST)
    return [{**row, "moment": shown_moment(row["at"])} for row in rows]


def _refuse(house: House, request: Request, why: str) -> Response:
    return as_json({"error": why}, 400) if request.wants_json else control(house, request, wrong=why)


ROUTES = [
    route("GET", "/", home),
    route("GET", "/control/?", control),
    route("POST", "/control/scripts/?", set_script),
    route("POST", "/control/balance/?", set_balance),
    route("POST", "/control/delivery-url/?", set_delivery_url),
    route("POST", "/control/incoming/?", text_in),
    route("POST", "/control/forget/?", forget),
    route("GET", "/control/journal/?", journal),
    route("GET", r"/control/journal\.json", journal_feed),
    route("POST", r"/control/journal/(?P<number>\d+)/replay/?", replay),
]
