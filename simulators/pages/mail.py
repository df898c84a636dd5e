"""The caught mails, newest first."""

import json
from typing import Any

from simulators.house import House, shown_moment
from simulators.web import Request, Response, as_json, route

MOST = 100


def mails(house: House, request: Request) -> Response:
    """The list, or those of one address (`?to=`)."""
    return house.page("mails.html", mails=_caught(house, request.query.get("to", "")), to=request.query.get("to", ""))


def mail(house: House, request: Request, number: str) -> Response:
    """One mail as text."""
    row = house.store.row("SELECT * FROM mail WHERE id = ?", number)
    if row is None:
        return Response("There is no such mail.", 404, "text/plain")
    return house.page("mail.html", mail=_shown(row))


def raw(house: House, request: Request, number: str) -> Response:
    """One mail as it came over the wire."""
    row = house.store.row("SELECT raw FROM mail WHERE id = ?", number)
    if row is None:
        return Response("There is no such mail.", 404, "text/plain")
    return Response(bytes(row["raw"]), 200, "text/plain; charset=utf-8")


def feed(house: House, request: Request) -> Response:
    """The same as JSON, for tests."""
    rows = [
        {name: row[name] for name in ("id", "at", "sender", "to", "subject", "text")}
        for row in _caught(house, request.query.get("to", ""))
    ]
    return as_json({"mails": rows})


def _caught(house: House, to: str) -> list[dict[str, Any]]:
    rows = [_shown(row) for row in house.store.rows("SELECT * FROM mail ORDER BY id DESC LIMIT 500")]
    return [row for row in rows if not to or to.lower() in [address.lower() for address in row["to"]]][:MOST]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "to": json.loads(row["recipients"]), "moment": shown_moment(row["at"])}


ROUTES = [
    route("GET", "/mail/?", mails),
    route("GET", r"/mail\.json", feed),
    route("GET", r"/mail/(?P<number>\d+)/?", mail),
    route("GET", r"/mail/(?P<number>\d+)/raw", raw),
]
