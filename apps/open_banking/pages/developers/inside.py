"""Calls the bank's own API as an app would, past every middleware, without leaving the process or naming a host.

The address is one of the reference's own, so nothing typed into a form decides where a request goes.
"""

import io
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import get_language

from apps.open_banking.pages.developers.operations import Operation

_VALUE = re.compile(r"[A-Za-z0-9._-]{1,255}")
_SHOWN = 20_000  # characters of an answer
_HEADERS = ("content-type", "x-request-id", "x-rate-limit-remaining", "ratelimit-remaining", "retry-after", "etag")


class Unfit(ValueError):
    """A value that cannot stand in an address; its argument names the field."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, and what came back."""

    path: str
    body: str
    status: int
    headers: list[tuple[str, str]]
    said: str


@lru_cache(maxsize=1)
def _bank() -> WSGIHandler:
    return WSGIHandler()


def address(one: Operation, given: dict[str, str]) -> str:
    """The path and query of a call. Raises Unfit."""
    path = one.path
    for parameter in one.parameters:
        if parameter.place == "path":
            value = given.get(parameter.name, "").strip()
            if not _VALUE.fullmatch(value) or set(value) == {"."}:
                raise Unfit(parameter.name)
            path = path.replace(f"{{{parameter.name}}}", quote(value, safe=""))
    query = {
        parameter.name: given[parameter.name].strip()
        for parameter in one.parameters
        if parameter.place == "query" and given.get(parameter.name, "").strip()
    }
    return f"{path}?{urlencode(query)}" if query else path


def call(one: Operation, given: dict[str, str], *, token: str, body: str, asked_by: HttpRequest) -> Sent:
    """Make the call with somebody's token, counted as theirs. Raises Unfit."""
    path, raw = address(one, given), body.encode() if one.method != "GET" else b""
    plain, _mark, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": one.method, "PATH_INFO": plain, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "", "SERVER_PORT": "", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "https" if asked_by.is_secure() else "http",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        "HTTP_HOST": asked_by.get_host(), "REMOTE_ADDR": asked_by.META.get("REMOTE_ADDR", ""),
        "HTTP_USER_AGENT": "KitBank-Try/1", "HTTP_ACCEPT": "application/json",
    }  # fmt: skip
    for name in ("HTTP_X_FORWARDED_PROTO", "SERVER_NAME", "SERVER_PORT"):
        if name in asked_by.META:
            environ[name] = asked_by.META[name]
    if raw:
        environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(raw))}
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return _exchange(environ, path, body if raw else "")


def _exchange(environ: dict[str, object], path: str, body: str) -> Sent:
    """Past the handler's signals, which belong to the request around this one and tidy the connection they share."""
    request = WSGIRequest(environ)
    with translation.override(get_language()):  # which the inner request chooses anew, in this thread
        response = _bank().get_response(request)
    said = b"".join(response).decode("utf-8", "replace")
    request.close()
    shown = [(name, value) for name, value in response.items() if name.lower() in _HEADERS]
    return Sent(path, body, response.status_code, shown, _pretty(said)[:_SHOWN])


def _pretty(said: str) -> str:
    try:
        return json.dumps(json.loads(said), indent=2, ensure_ascii=False)
    except ValueError:
        return said
