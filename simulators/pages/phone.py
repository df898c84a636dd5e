"""The phone page: a number, and the SMS it received, newest first."""

import time
from hashlib import sha256
from typing import Any

from simulators import numbers
from simulators.house import House, shown_moment, shown_time
from simulators.pages import mpesa_phone, ussd_phone
from simulators.providers import africastalking_airtime, voice
from simulators.web import Request, Response, as_json, go_to, route

MOST = 50  # messages shown


def phones(house: House, request: Request) -> Response:
    """Pick or type a number."""
    wrong = ""
    if typed := request.query.get("number", "").strip():
        found = numbers.e164(typed)
        if found:
            return go_to(f"/phone/{found.lstrip('+')}/")
        wrong = typed
    rows = house.store.rows(
        "SELECT phone, max(id) AS last, count(*) AS messages FROM sms WHERE shown_at <= ? GROUP BY phone"
        " ORDER BY last DESC LIMIT 30",
        time.time(),
    )
    for row in rows:
        row["shown"], row["path"] = numbers.shown(row["phone"]), row["phone"].lstrip("+")
        newest = house.store.row("SELECT text, at FROM sms WHERE id = ?", row["last"]) or {"text": "", "at": 0.0}
        row["text"], row["time"] = newest["text"][:90], shown_time(newest["at"])
    return house.page("phones.html", phones=rows, wrong=wrong)


def phone(house: House, request: Request, number: str) -> Response:
    """One phone."""
    found = numbers.e164(number)
    if found is None:
        return house.page("phones.html", status=404, phones=[], wrong=number)
    return house.page("phone.html", said=mpesa_phone.said(request), **_screen(house, found))


def messages(house: House, request: Request, number: str) -> Response:
    """The list alone, for the page's script; 204 when nothing has changed since `?seen=`."""
    found = numbers.e164(number)
    if found is None:
        return Response("That is no phone number.", 404, "text/plain")
    screen = _screen(house, found)
    if request.query.get("seen") == screen["mark"]:
        return Response("", 204)
    return house.page("_messages.html", **screen)


def feed(house: House, request: Request, number: str) -> Response:
    """The same as JSON, for tests: newest first."""
    found = numbers.e164(number)
    if found is None:
        return as_json({"error": "That is no phone number."}, 404)
    rows = [
        {"id": row["id"], "message_id": row["message_id"], "from": row["sender"], "text": row["text"], "at": row["at"]}
        for row in _received(house, found)
    ]
    calls = [
        {"id": row["id"], "from": row["caller"], "state": row["state"], "words": row["words"], "at": row["at"]}
        for row in voice.calls_to(house, found, MOST)
    ]
    return as_json({"phone": found, "messages": rows, "calls": calls, "mpesa": mpesa_phone.screen(house, found)})


def _screen(house: House, number: str) -> dict[str, Any]:
    rows = _received(house, number)
    mpesa = mpesa_phone.screen(house, number)
    calls = voice.calls_to(house, number, 5)
    for row in [*rows, *calls]:
        row["time"], row["moment"] = shown_time(row["at"]), shown_moment(row["at"])
    return {
        "number": number,
        "shown": numbers.shown(number),
        "path": number.lstrip("+"),
        "messages": rows,
        "calls": calls,
        "loads": africastalking_airtime.loads_of(house, number, 3),
        **ussd_phone.screen(house, number),
        **mpesa,
        "mark": sha256(
            repr([[row["id"] for row in rows], [(row["id"], row["state"]) for row in calls], mpesa]).encode()
        ).hexdigest()[:16],
    }


def _received(house: House, number: str) -> list[dict[str, Any]]:
    return house.store.rows(
        "SELECT * FROM sms WHERE phone = ? AND shown_at <= ? ORDER BY shown_at DESC, id DESC LIMIT ?",
        number,
        time.time(),
        MOST,
    )


ROUTES = [
    route("GET", "/phone/?", phones),
    route("GET", r"/phone/(?P<number>[^/]+)\.json", feed),
    route("GET", "/phone/<number>/messages", messages),
    route("GET", "/phone/<number>/?", phone),
]
