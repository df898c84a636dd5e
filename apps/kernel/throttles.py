"""How often a caller may come through a door: one atomic counter per scope, caller and window, shared by all doors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.kernel import statements
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import RateCounter

_SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86_400}
_COUNT = """
INSERT INTO kernel_ratecounter (scope, caller, "window", count) VALUES (%s, %s, %s, 1)
ON CONFLICT (scope, caller, "window") DO UPDATE SET count = kernel_ratecounter.count + 1
RETURNING count
"""


class TooMany(DomainError):
    """The caller has come too often; `retry_after_seconds` says when to come back."""

    code, status = "too_many_requests", 429


def limit_of(scope: str) -> tuple[int, int]:
    """(requests, seconds) of a scope, from settings.RATE_LIMITS (`"30/min"`)."""
    number, _, unit = settings.RATE_LIMITS[scope].partition("/")
    if unit not in _SECONDS:
        raise ImproperlyConfigured(f"RATE_LIMITS[{scope!r}] must end in /sec, /min, /hour or /day")
    return int(number), _SECONDS[unit]


def count(scope: str, caller: str) -> tuple[bool, int, int, int]:
    """Count one request. Returns (allowed, limit, left, seconds until the window ends)."""
    limit, seconds = limit_of(scope)
    at = int(now().timestamp())
    window = at - at % seconds
    (so_far,) = statements.row(_COUNT, [scope, caller[:80], window])
    return so_far <= limit, limit, max(limit - so_far, 0), window + seconds - at


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one limit after a request was counted; `left` below zero: it was one too many."""

    limit: int
    left: int
    wait: int  # seconds until the window ends


def count_each(caller: str, limits: Mapping[str, tuple[int, int]]) -> dict[str, Allowance]:
    """Count one request against several limits of one caller, (requests, seconds) by scope, with one statement."""
    at = int(now().timestamp())
    windows = {scope: at - at % seconds for scope, (_limit, seconds) in limits.items()}
    rows = ", ".join(["(%s, %s, %s, 1)"] * len(windows))
    given = [value for scope in sorted(windows) for value in (scope, caller[:80], windows[scope])]
    asked = _COUNT.replace("(%s, %s, %s, 1)", rows).replace("RETURNING", "RETURNING scope,")
    so_far: dict[str, int] = dict(statements.rows(asked, given))
    return {
        scope: Allowance(limit, limit - so_far[scope], windows[scope] + seconds - at)
        for scope, (limit, seconds) in limits.items()
    }


@dataclass(frozen=True, slots=True)
class SoFar:
    """Requests that were counted in the window that runs, and the seconds until it ends."""

    calls: int
    wait: int


def calls_so_far(caller: str, periods: Mapping[str, int]) -> dict[str, SoFar]:
    """What was counted of one caller, by scope with its seconds; counts nothing."""
    at = int(now().timestamp())
    windows = {scope: at - at % seconds for scope, seconds in periods.items()}
    rows = RateCounter.objects.filter(scope__in=windows, caller=caller[:80], window__in=windows.values())
    made = {(row.scope, row.window): row.count for row in rows}
    return {
        scope: SoFar(made.get((scope, window), 0), window + periods[scope] - at) for scope, window in windows.items()
    }


def require(scope: str, caller: str, message: Any) -> None:
    """Count one request of a page. Raises TooMany with `message`."""
    allowed, _, _, wait = count(scope, caller)
    if not allowed:
        raise TooMany(message, retry_after_seconds=wait)


def caller_of(request: Any) -> str:
    """Who is counted: the signed-in person, else the address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"ip:{request.META.get('REMOTE_ADDR', '')}"


class ScopedLimit(BaseThrottle):
    """DRF's throttle on the counters; a view names its scope in `throttle_scope`, else it is `default`."""

    left = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count, and leave the figures for the RateLimit-* headers."""
        scope = getattr(view, "throttle_scope", None) or "default"
        allowed, limit, left, self.left = count(scope, caller_of(request))
        request._request.rate_limit = (limit, left, self.left)  # type: ignore[attr-defined]
        return allowed

    def wait(self) -> float:
        """Seconds until the window ends."""
        return float(self.left)
