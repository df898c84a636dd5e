"""The control page of other banks: how each account answers, what was carried out, sending a payment back late."""

import re
from collections.abc import Callable
from typing import Any

from simulators.house import House
from simulators.providers.interbank import sending, site
from simulators.providers.interbank.books import CHANNELS, NAME, book
from simulators.web import Request, Response, as_json, go_to, route

_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{2}")


def control(house: House, request: Request, wrong: str = "") -> Response:
    """Plans, transfers and files."""
    plans = house.store.rows("SELECT subject, plan FROM script WHERE provider = ? ORDER BY subject", NAME)
    return house.page(
        "interbank.html",
        status=400 if wrong else 200,
        wrong=wrong,
        outcomes=site.OUTCOMES.items(),
        plans=plans,
        transfers=house.store.rows("SELECT * FROM ib_transfer ORDER BY rowid DESC LIMIT 50"),
        channels=CHANNELS,
        sent=house.store.rows("SELECT * FROM ib_sent ORDER BY rowid DESC LIMIT 50"),
        files=house.store.rows("SELECT * FROM ib_file ORDER BY rowid DESC LIMIT 20"),
    )


def set_plan(house: House, request: Request) -> Response:
    """Plan an account; an empty outcome takes its plan away."""
    values: dict[str, Any] = request.values
    account = str(values.get("account") or "*").strip()[:40]
    outcome, reason = str(values.get("outcome") or ""), str(values.get("reason") or "").upper()
    if outcome not in site.OUTCOMES or (reason and not _CODE.fullmatch(reason)):
        return _refuse(house, request, "There is no such outcome, or the reason is no ISO code.")
    plan = {"outcome": outcome} | ({"reason": reason} if reason else {})
    house.store.script(NAME, account, plan if outcome else None)
    return as_json({"account": account, "plan": plan}) if request.wants_json else go_to("/control/interbank/")


def send_back(house: House, request: Request) -> Response:
    """Return a settled transfer late: all of it, or some."""
    values: dict[str, Any] = request.values
    row = house.store.row(
        "SELECT * FROM ib_transfer WHERE reference = ? AND status = 'ACSC'", str(values.get("reference", ""))
    )
    minor = str(values.get("minor") or (row or {}).get("minor", ""))
    if row is None or not minor.isdigit():
        return _refuse(house, request, "There is no settled transfer of that reference.")
    book(house, row, int(minor), reason=str(values.get("reason") or "AC04").upper()[:4])
    return as_json({"returned": row["reference"]}) if request.wants_json else go_to("/control/interbank/")


def send(house: House, request: Request) -> Response:
    """Somebody at another bank pays a customer of the bank under test."""
    return _done(house, request, lambda values: sending.send(house, values))


def ask(house: House, request: Request) -> Response:
    """Find out what became of one."""
    return _done(house, request, lambda values: sending.ask(house, str(values.get("uetr"))))


def ask_back(house: House, request: Request) -> Response:
    """Ask for one back; asked once more, fetch the answer."""

    def act(values: dict[str, Any]) -> dict[str, Any]:
        uetr, reason = str(values.get("uetr")), str(values.get("reason") or "CUST").upper()[:4]
        if values.get("fetch"):
            return sending.fetch_answer(house, uetr)
        return sending.ask_back(house, uetr, reason, str(values.get("words") or ""))

    return _done(house, request, act)


def _done(house: House, request: Request, act: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    values: dict[str, Any] = request.values
    try:
        row = act(values)
    except ValueError as no:
        return _refuse(house, request, f"That cannot be done: {no}.")
    return as_json(row) if request.wants_json else go_to("/control/interbank/")


def _refuse(house: House, request: Request, why: str) -> Response:
    return as_json({"error": why}, 400) if request.wants_json else control(house, request, wrong=why)


ROUTES = [
    route("GET", "/control/interbank/?", control),
    route("POST", "/control/interbank/plans/?", set_plan),
    route("POST", "/control/interbank/returns/?", send_back),
    route("POST", "/control/interbank/sent/?", send),
    route("POST", "/control/interbank/sent/ask/?", ask),
    route("POST", "/control/interbank/sent/back/?", ask_back),
]
