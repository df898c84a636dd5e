"""Every refusal as problem+json (RFC 9457): what happened, in plain words, with a code and the request id."""

from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.kernel.clock import now
from apps.kernel.context import asker
from apps.kernel.errors import DomainError
from apps.kernel.records import note_refusal

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
_RETRY_LATER = {"40001", "40P01", "55P03", "57014"}  # serialization, deadlock, lock and statement time-outs

CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}


def titles() -> dict[int, str]:
    """A short title for each status, in the reader's language."""
    return {
        400: _("We could not read that"),
        401: _("Sign in first"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not done that way"),
        406: _("Not available in that form"),
        409: _("Things have moved on"),
        413: _("Too large"),
        415: _("Send JSON"),
        422: _("Not done"),
        429: _("Too many tries"),
        500: _("Something broke on our side"),
        503: _("Not available now"),
    }


def body(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The members of a problem."""
    return {
        "type": f"{settings.PUBLIC_ADDRESS}/errors/{code}",
        "title": titles().get(status, _("Not done")),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": asker().request_id,
        **members,
    }


def answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. A bug (anything not known here) is left to become a logged 500."""
    made = _made_of(exc)
    if made is None:
        return None
    status, members, headers = made
    set_rollback()
    if status == 403 and (request := context.get("request")) is not None:
        note_refusal(request.user, request.path, now())
    return Response(members, status=status, headers=headers, content_type=CONTENT_TYPE)


def _made_of(exc: Exception) -> tuple[int, dict[str, Any], dict[str, str]] | None:
    if isinstance(exc, DomainError):
        wait = exc.facts.get("retry_after_seconds")
        headers = {"Retry-After": str(wait)} if wait else {}
        return exc.status, body(exc.status, exc.code, str(exc), **exc.facts), headers
    if isinstance(exc, Http404):
        return 404, body(404, "not_found", _("There is nothing here, or it is not yours.")), {}
    if isinstance(exc, PermissionDenied):
        return 403, body(403, "not_allowed", _("You may not do this.")), {}
    if isinstance(exc, ModelValidationError):
        return 400, body(400, "invalid", _("Correct the marked fields."), errors={"": exc.messages}), {}
    if isinstance(exc, OperationalError) and getattr(exc.__cause__, "sqlstate", None) in _RETRY_LATER:
        log.warning("database_busy", exc_info=exc)
        return 503, body(503, "busy", _("We are busy. Nothing was done; try again in a moment.")), {"Retry-After": "1"}
    if isinstance(exc, exceptions.APIException):
        return _made_of_api(exc)
    return None


def _made_of_api(exc: exceptions.APIException) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(exc, exceptions.ValidationError):
        errors = exc.detail if isinstance(exc.detail, dict) else {"": exc.detail}
        return 400, body(400, "invalid", _("Correct the marked fields. Nothing was done."), errors=errors), headers
    if isinstance(exc, exceptions.Throttled):
        wait = int(getattr(exc, "wait", None) or 1)
        headers["Retry-After"] = str(wait)
        detail = _("Too many requests. Try again in %(seconds)s seconds.") % {"seconds": wait}
        return 429, body(429, "too_many_requests", detail), headers
    status = exc.status_code
    code = CODES.get(status, "refused")
    said: Any = exc.detail
    if isinstance(said, dict):  # simplejwt: {"detail": …, "code": …}
        code, said = str(said.get("code", code)), said.get("detail", "")
    elif getattr(said, "code", "") not in {"", "error", "parse_error"}:
        code = str(said.code)
    return status, body(status, code, str(said) or _("Not done.")), headers


def page_of_problem(request: HttpRequest, status: int, detail: str, code: str | None = None) -> JsonResponse:
    """A problem outside DRF: middleware, unknown addresses under /api/, crashes."""
    return JsonResponse(
        body(status, code or CODES.get(status, "refused"), detail), status=status, content_type=CONTENT_TYPE
    )
