"""The style sheet and the one script, by name."""

from simulators.house import HERE, House
from simulators.web import Request, Response, route

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_KNOWN = ("simulators.css", "phone.js", "icon.svg")


def static(house: House, request: Request, name: str) -> Response:
    """One of the files we carry; nothing else can be named."""
    if name not in _KNOWN:
        return Response("There is nothing here.", 404, "text/plain")
    body = (HERE / "static" / name).read_bytes()
    return Response(body, 200, _TYPES[name.rpartition(".")[2]], {"Cache-Control": "no-cache"})


def icon(house: House, request: Request) -> Response:
    """What browsers ask for unasked."""
    return static(house, request, "icon.svg")


ROUTES = [route("GET", "/static/<name>", static), route("GET", r"/favicon\.ico", icon)]
