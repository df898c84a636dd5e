"""Looks at connections that nobody called for five minutes, so that a silent provider is known before it is needed."""

from base64 import b64encode
from datetime import datetime, timedelta
from time import monotonic

import httpcore
import httpx
import structlog
from django.conf import settings

from apps.gateway.models import ExternalApiConnection
from apps.gateway.states import AuthKind
from apps.kernel import breaker, guarded, http
from apps.kernel.errors import Unavailable

log = structlog.get_logger(__name__)
QUIET = timedelta(minutes=5)
PATIENCE = httpx.Timeout(5.0, connect=3.0, pool=3.0)
MOST_BYTES = 1024  # only whether it answers matters
_LOST = (guarded.Refused, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError)


def probe_due(*, at: datetime) -> int:
    """Ask each such connection once. Returns how many answered. Not to be used inside a transaction.

    Any answer below 500 is one: what is asked is whether somebody is there. Each try counts at the breaker like a call.
    """
    return sum(_probe(row, at) for row in ExternalApiConnection.objects.unheard(at - QUIET))


def _probe(row: ExternalApiConnection, at: datetime) -> bool:
    """False also where another job took it first, or the provider rests."""
    mine = ExternalApiConnection.objects.filter(pk=row.pk, last_tried_at=row.last_tried_at)
    if not mine.update(last_tried_at=at):
        return False
    try:
        status = _status_built_in(row) if row.is_built_in else _status(row)
    except Unavailable as no:
        log.info("connection_silent", connection=row.name, code=no.code)
        return False
    is_well = status < httpx.codes.INTERNAL_SERVER_ERROR
    if is_well:
        ExternalApiConnection.objects.filter(pk=row.pk).update(last_ok_at=at)
    return is_well


def _status_built_in(row: ExternalApiConnection) -> int:
    """By the way of the bank's own calls: it may stand on an inner network, and its operator said so."""
    return http.send(row.name, "GET", row.base_url, timeout=PATIENCE).status_code


def _status(row: ExternalApiConnection) -> int:
    """By the guarded way: staff may have typed any address. Raises ProviderResting, NotReached."""
    breaker.require_closed(row.name)
    started, status, error = monotonic(), 0, ""
    try:
        backend = guarded.Guarded(started + guarded.TOTAL, loopback=settings.WEBHOOKS_TO_LOOPBACK)
        headers = {"User-Agent": "KitBank", **_proof(row)}
        said = guarded.exchange("GET", row.base_url, headers, b"", most_bytes=MOST_BYTES, backend=backend)
        status = said.status
    except (guarded.NotBelieved, *_LOST) as no:
        error = http.NotReached.code
        breaker.failed(row.name, type(no).__name__)
        raise http.NotReached("") from no
    finally:
        http.note(http.Call(row.name, "GET", status, error, round((monotonic() - started) * 1000)), row.base_url)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        breaker.failed(row.name, f"HTTP {status}")
    else:
        breaker.worked(row.name)
    return status


def _proof(row: ExternalApiConnection) -> dict[str, str]:
    given = str(row.credentials)
    if row.auth_kind == AuthKind.BEARER:
        return {"Authorization": f"Bearer {given}"}
    if row.auth_kind == AuthKind.BASIC:
        return {"Authorization": f"Basic {b64encode(given.encode()).decode()}"}
    return {"X-API-Key": given} if row.auth_kind == AuthKind.API_KEY else {}
