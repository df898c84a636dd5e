"""The one way out to providers over HTTP: time-outs, a breaker, and a plain word for what a failure means.

What matters to the bank about a call that failed is whether the provider may have acted on it. `NotReached` says it
cannot have: nothing left this machine. `NoAnswer` says it may have: never send that again, ask instead.
"""

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import stamina
import structlog
from django.utils.translation import gettext_lazy as _

from apps.kernel import breaker
from apps.kernel.context import asker
from apps.kernel.errors import Unavailable
from apps.kernel.text import storable

log = structlog.get_logger(__name__)
_watchers: list[Callable[["Call"], None]] = []

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)  # seconds
MOST_SECONDS, MOST_BYTES = 60.0, 32 * 1024 * 1024  # of one answer
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Call:
    """One try of a call to a provider: the status of the answer, or the `error` that came instead."""

    provider: str
    method: str
    status: int
    error: str
    ms: int


def watch_with(watch: Callable[[Call], None]) -> None:
    """Tell `watch` of every try, after it; called in `AppConfig.ready()`, the last one counts. It must not raise."""
    _watchers[:] = [watch]


class NotReached(Unavailable):
    """The provider was not reached: it cannot have acted, so the call may be made again."""

    code = "provider_not_reached"


class NoAnswer(Unavailable):
    """The request left, but no answer came back: the provider may or may not have acted on it."""

    code = "provider_silent"


def _has_answered(response: httpx.Response) -> bool:
    return response.status_code < httpx.codes.INTERNAL_SERVER_ERROR


def send(
    provider: str,
    method: str,
    url: str,
    *,
    idempotent: bool = False,
    timeout: httpx.Timeout = TIMEOUT,
    is_well: Callable[[httpx.Response], bool] = _has_answered,
    **request: Any,
) -> httpx.Response:
    """Call `provider` and return its answer, whatever its status. Not to be used inside a transaction.

    A failed connection is tried three times, because nothing was sent; a lost answer only when `idempotent`. Five
    failures or 5xx answers in a row rest the provider; `is_well` tells otherwise of one that answers what it knows with
    a 5xx. Raises ProviderResting, NotReached (nothing was sent) or NoAnswer (it may have been acted on).
    """
    breaker.require_closed(provider)
    again = (NotReached, NoAnswer) if idempotent else NotReached
    try:
        for attempt in stamina.retry_context(on=again, attempts=3, wait_initial=0.1, wait_max=1.0, timeout=15.0):
            with attempt:
                response = _once(provider, method, url, timeout, request)
    except (NotReached, NoAnswer) as no:
        breaker.failed(provider, f"{type(no).__name__}: {no.__cause__}")
        raise
    if is_well(response):
        breaker.worked(provider)
    else:
        breaker.failed(provider, f"HTTP {response.status_code}")
    return response


def _once(provider: str, method: str, url: str, timeout: httpx.Timeout, request: dict[str, Any]) -> httpx.Response:
    headers = {"X-Request-ID": asker().request_id} if asker().request_id else {}
    started = perf_counter()
    status, error = 0, ""
    try:
        client = _client(os.getpid(), provider, urlsplit(url).hostname in _LOOPBACK)
        request = {**request, "headers": {**headers, **request.get("headers", {})}}
        with client.stream(method, url, timeout=timeout, **request) as answer:
            response = _whole(answer, until=started + MOST_SECONDS)
        status = response.status_code
    except _NEVER_LEFT as no:
        error = NotReached.code
        raise NotReached(_("A service we depend on could not be reached. Nothing was sent.")) from no
    except httpx.RequestError as no:  # a body that is not packed as it says among them
        error = NoAnswer.code
        raise NoAnswer(_("A service we depend on did not answer. We are checking what happened.")) from no
    finally:
        note(Call(provider, method, status, error, round((perf_counter() - started) * 1000)), url)
    return response


def _whole(answer: httpx.Response, until: float) -> httpx.Response:
    """The answer with its body, unless that goes on and on: a drop each few seconds would hold a worker for ever."""
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > MOST_BYTES or perf_counter() > until:
            raise httpx.ReadTimeout("its answer had no end", request=answer.request)
    return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(body), request=answer.request)


def json_of(response: httpx.Response) -> Any:
    """The JSON of an answer, its texts as we may keep them. Raises ValueError for what is none, or has no end."""
    try:
        return _kept(response.json())
    except RecursionError as no:
        raise ValueError("nested without end") from no


def _kept(told: Any) -> Any:
    if isinstance(told, str):
        return storable(told)
    if isinstance(told, list):
        return [_kept(one) for one in told]
    return {_kept(name): _kept(value) for name, value in told.items()} if isinstance(told, dict) else told


def note(call: Call, url: str) -> None:
    """Write down one try, also of calls that leave by another way (`kernel.guarded`)."""
    # The path alone: a query may carry what must not be logged.
    log.info(
        "provider_called", provider=call.provider, path=urlsplit(url).path, outcome=call.status or "failed", ms=call.ms
    )
    for watch in _watchers:
        watch(call)


@lru_cache(maxsize=64)
def _client(_process: int, _provider: str, is_local: bool) -> httpx.Client:  # noqa: FBT001
    """One client per process and provider, so that connections are used again; a forked child gets its own."""
    # Proxies of the environment are for the outside, not for the simulators on this machine.
    return httpx.Client(
        follow_redirects=False, trust_env=not is_local, verify=_trusted(), headers={"User-Agent": "KitBank"}
    )


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Whom we believe, read once: the list of authorities takes longer to load than a call to make."""
    return httpx.create_ssl_context()
