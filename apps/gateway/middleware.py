"""Notes how each request to the API went; written down later, never in the way of the answer."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.gateway import traffic
from apps.kernel import third_parties
from apps.kernel.clock import now
from apps.kernel.context import asker

_LOGGED = ("/api/v1/", "/obp/", "/oauth/", "/my/logins/")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_LARGEST = 16_384  # bytes of a body that is looked at


class KeepRequest:
    """Stands around everything but the request's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, unchanged."""
        if not request.path.startswith(_LOGGED):
            return self.get_response(request)
        started, at = time.perf_counter(), now()
        response = self.get_response(request)
        ms = round((time.perf_counter() - started) * 1000)
        code, wrong = _why(response)
        mark = third_parties.mark(request)
        match = request.resolver_match
        seen = traffic.Seen(
            at=at,
            mark=mark,
            method=str(request.method)[:7],
            path=_path(match.route) if match else "unknown",
            status=response.status_code,
            ms=ms,
            request_id=asker().request_id,
            interaction_id=response.headers.get("x-fapi-interaction-id", "")[:36],
            error_code=code,
            wrong=wrong,
            shape=_shape(request) if mark else None,
        )
        traffic.note(seen)
        return response


def _path(route: str) -> str:
    """An address as the reference writes it, with names where the ids were."""
    return "/" + _PARAMETER.sub(r"{\1}", route)[:199]


def _why(response: HttpResponse) -> tuple[str, list[str]]:
    """The code of a refusal and the names of the fields that were wrong, in whichever format it was said."""
    if response.status_code < 400 or response.streaming or len(response.content) > _LARGEST:
        return "", []
    try:
        said = json.loads(response.content)
    except ValueError:
        return "", []
    if not isinstance(said, dict):
        return "", []
    message = said.get("message")
    if isinstance(message, str) and message.startswith("OBP-"):
        return message[:9], []
    errors = said.get("errors")
    wrong = sorted(traffic.named(name) for name in errors if name)[:20] if isinstance(errors, dict) else []
    return str(said.get("code") or said.get("error") or "")[:60], wrong


def _shape(request: HttpRequest) -> Any:
    """The JSON body with its values struck out; None without one, or when the view did not read it."""
    body = getattr(request, "_body", b"")
    if not body or len(body) > _LARGEST or request.content_type == "application/x-www-form-urlencoded":
        return None
    try:
        return traffic.struck(json.loads(body))
    except (ValueError, RecursionError):
        return "unreadable"
