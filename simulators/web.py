"""A very small web framework: routes, requests, answers, and the headers every page carries."""

import json
import os
import re
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qs, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

if TYPE_CHECKING:
    from simulators.house import House

LARGEST = 2 * 1024 * 1024  # bytes of one request body
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_REASONS = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 303: "See Other", 400: "Bad Request"} | {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
SAFE_PAGE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass
class Request:
    """What came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def form(self) -> dict[str, str]:
        """The body as a form; the last value of a name that comes twice."""
        return {name: values[-1] for name, values in parse_qs(self.text, keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none, is nested without end, or holds half of a character."""
        try:
            value = json.loads(self.body or b"null")
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return None
        return value

    @property
    def values(self) -> dict[str, Any]:
        """What a program or a form sent, by name; nothing when a program sent anything but an object."""
        sent = self.json if self.wants_json else self.form
        return sent if isinstance(sent, dict) else {}

    @property
    def wants_json(self) -> bool:
        """Whether a program is asking."""
        return self.headers.get("content-type", "").startswith("application/json")


@dataclass
class Response:
    """What goes out. `content_type` is sent exactly as it is."""

    body: bytes | str = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False  # the line goes dead instead


def as_json(value: Any, status: int = 200) -> Response:
    """JSON, in the content type that strict clients look for: no charset."""
    return Response(json.dumps(value, ensure_ascii=False), status, "application/json")


def go_to(path: str) -> Response:
    """See other."""
    return Response("", 303, headers={"Location": path})


View = Callable[..., Response]


@dataclass
class Route:
    """One address: its methods, its pattern (named groups become arguments), its view, and whose it is.

    Only routes with a provider are written to the journal.
    """

    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    view: View
    provider: str = ""


def route(methods: str, pattern: str, view: View, provider: str = "") -> Route:
    """`route("GET POST", "/phone/", page)`; `<name>` matches one part of the path."""
    parts = re.sub(r"(?<!\?P)<(\w+)>", r"(?P<\1>[^/]+)", pattern)
    return Route(tuple(methods.split()), re.compile(parts), view, provider)


class Site:
    """The WSGI application over all routes."""

    def __init__(self, house: "House", routes: Iterable[Route]) -> None:
        self.house = house
        self.routes = list(routes)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = _read(environ)
        response = self._refusal(request) or self.answer(request)
        if response.hangs_up:
            _hang_up(environ["simulators.line"])
        payload = response.body.encode() if isinstance(response.body, str) else response.body
        headers = {**SAFE_PAGE, "Content-Type": response.content_type, **response.headers}
        headers["Content-Length"] = str(len(payload))
        start(f"{response.status} {_REASONS.get(response.status, 'Answer')}", list(headers.items()))
        return [payload]

    def answer(self, request: Request) -> Response:
        """Find the view and let it answer."""
        allowed: set[str] = set()
        for found in self.routes:
            match = found.pattern.fullmatch(request.path)
            if match is None:
                continue
            if request.method not in found.methods:
                allowed |= set(found.methods)
                continue
            response = found.view(self.house, request, **match.groupdict())
            if found.provider:
                self.house.note(found.provider, request, response)
            return response
        if allowed:
            return Response("Not done that way.", 405, "text/plain", {"Allow": ", ".join(sorted(allowed))})
        return Response("There is nothing here.", 404, "text/plain")

    @staticmethod
    def _refusal(request: Request) -> Response | None:
        """Only this machine, and no page of another site: a browser would post forms here for anybody."""
        host = request.headers.get("host", "")
        if host.rpartition(":")[0] not in _LOOPBACK and host not in _LOOPBACK:
            return Response("The simulators answer on this machine only.", 403, "text/plain")
        origin = request.headers.get("origin", "")
        if origin and origin != "null" and urlsplit(origin).netloc != host:
            return Response("Another site may not use the simulators.", 403, "text/plain")
        if len(request.body) > LARGEST:
            return Response("That is too much.", 413, "text/plain")
        return None


def _hang_up(line: socket.socket) -> NoReturn:
    """Reset the connection: the caller never learns what became of the request."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(line.detach())
    raise ConnectionAbortedError  # which the server takes for a caller who left


def _read(environ: WSGIEnvironment) -> Request:
    length = environ.get("CONTENT_LENGTH") or "0"
    wanted = min(int(length), LARGEST + 1) if str(length).isdigit() else 0
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE") or ""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "/"),
        query={name: values[-1] for name, values in query.items()},
        headers=headers,
        body=environ["wsgi.input"].read(wanted) if wanted else b"",
    )
