"""What every address of this API does alike: versions, methods, headers, conditional answers, refusals."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from hashlib import sha256
from typing import Any, NamedTuple

import structlog
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.kernel.errors import DomainError
from apps.kernel.json import can_be_kept
from apps.open_banking.obp.entry import caller_of, count_stranger, interaction_of
from apps.open_banking.obp.refusals import Refused, refusal_of

log = structlog.get_logger(__name__)
VERSIONS = frozenset(
    {"v1.2.1", "v1.3.0", "v1.4.0", "v2.0.0", "v2.1.0", "v2.2.0", "v3.0.0", "v3.1.0", "v4.0.0", "v5.0.0", "v5.1.0",
     "v6.0.0"}
)  # fmt: skip
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "1728000",
}
View = Callable[..., Any]
_TOKENS = {"person_of": "person", "app_of": "app"}


class Told(NamedTuple):
    """What the developers' reference says of a door: what it does, and whose token it takes; "" none."""

    words: str
    token: str


def door(
    *methods: str, open_to_all: bool = False, whose: Callable[[HttpRequest], Any] = caller_of
) -> Callable[[View], View]:
    """An address that takes `methods` (GET, unless told), from callers that `whose` lets in.

    The view gets the caller, or None where it is open to all, and answers with what becomes JSON, or with (status,
    that, headers). What operations refuse is said in OBP's numbers.
    """
    taken = methods or ("GET",)

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def behind(request: HttpRequest, **ids: str) -> HttpResponse:
            if request.method == "OPTIONS":
                return finished(request, HttpResponse(status=204), None)
            caller: Any = None
            try:
                _require_known(request, ids, taken)
                if open_to_all:
                    count_stranger(request)
                else:
                    caller = whose(request)
                response = _answered(request, view(request, caller, **ids))
            except Refused as no:
                response = _refused(no)
            except DomainError as no:
                response = _refused(refusal_of(no))
            except Exception:  # a bug of ours: logged and told as Django does, answered as clients of this API read it
                log.exception("obp_broke", path=request.path)
                got_request_exception.send(sender=None, request=request)
                response = _refused(Refused(50015, f"Reference {interaction_of(request)}"))
            return finished(request, response, caller)

        told = Told(view.__doc__ or "", "" if open_to_all else _TOKENS.get(whose.__name__, "customer"))
        behind.told = dict.fromkeys(taken, told)  # type: ignore[attr-defined]  # the developers' reference reads it
        return behind

    return decorate


def told_by(view: Any) -> dict[str, Told]:
    """What each method of a door does."""
    found: dict[str, Told] = view.told
    return found


def _require_known(request: HttpRequest, ids: dict[str, str], taken: tuple[str, ...]) -> None:
    if "version" in ids and ids["version"] not in VERSIONS:
        raise Refused(10404, f"Current path is {request.path[:200]}")
    if request.method not in taken and not (request.method == "HEAD" and "GET" in taken):
        raise Refused(10405)


def _answered(request: HttpRequest, given: Any) -> HttpResponse:
    status, body, headers = given if isinstance(given, tuple) else (200, given, {})
    if status == 204:
        return HttpResponse(status=204, headers=headers)
    response: HttpResponse = JsonResponse(body, status=status, headers=headers)
    if request.method in {"GET", "HEAD"} and status == 200:
        mark = f'"{sha256(response.content).hexdigest()[:32]}"'
        if mark in request.headers.get("If-None-Match", "") or request.headers.get("If-None-Match") == "*":
            response = HttpResponse(status=304, headers=headers)
        response["ETag"] = mark
        response["Cache-Control"] = "private, no-cache"
    return response


def _refused(no: Refused) -> HttpResponse:
    response = JsonResponse(no.body(), status=no.status)
    if no.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="KitBank", DirectLogin realm="KitBank"'
    if limit := no.limit:
        _say_limit(response, limit.limit, 0, limit.wait)
        response["Retry-After"] = str(limit.wait)
    return response


def finished(request: HttpRequest, response: HttpResponse, caller: Any) -> HttpResponse:
    """With the headers that every answer of this API carries."""
    for name, value in _CORS.items():
        response[name] = value
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Correlation-Id"] = response["x-fapi-interaction-id"] = str(interaction_of(request))
    if caller is not None:
        _say_limit(response, caller.limit.limit, max(caller.limit.left, 0), caller.limit.wait)
    return response


def _say_limit(response: HttpResponse, limit: int, left: int, wait: int) -> None:
    response["X-Rate-Limit-Limit"], response["X-Rate-Limit-Remaining"] = str(limit), str(left)
    response["X-Rate-Limit-Reset"] = str(wait)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request, whatever its content type says; no figure of it becomes a float. Raises Refused."""
    try:
        found = json.loads(request.body or b"", parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError) as no:
        raise Refused(10001) from no
    if not isinstance(found, dict) or not can_be_kept(found):
        raise Refused(10001)
    return found


def by_method(**views: View) -> View:
    """One address, another view for each method; a method it has no view for is refused by the first's door."""
    first = next(iter(views.values()))

    @csrf_exempt
    def pick(request: HttpRequest, **ids: str) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        found: HttpResponse = views.get(method, first)(request, **ids)
        return found

    pick.told = {method: view.told[method] for method, view in views.items()}  # type: ignore[attr-defined]
    return pick
