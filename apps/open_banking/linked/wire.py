"""Calls another bank by the guarded way out, and says in one word what went wrong."""

import json
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpcore
from django.conf import settings

from apps.kernel import breaker, guarded, http
from apps.open_banking.models.linked import Trouble

MOST_BYTES = 1_000_000
_LOST = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, guarded.Refused)


class Troubled(Exception):
    """A call to another bank came to nothing; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


def on_loopback() -> bool:
    """Whether a bank may stand on this machine: only where simulators may."""
    return bool(getattr(settings, "SIMULATORS_ALLOWED", False))


def call(
    method: str, url: str, *, token: str = "", basic: tuple[str, str] | None = None,
    form: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None, address: str = "",
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """The status and the JSON object it came with ({} where there is none). Redirects are an answer like any other.

    A bank that does not answer five times in a row is left alone for half a minute, as any provider. `address` is the
    customer's, while they are there. Not to be used inside a transaction. Raises Troubled.
    """
    headers = {"Accept": "application/json", "User-Agent": "KitBank"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if basic:
        # RFC 6749 section 2.3.1: each half is form-encoded before they are joined.
        pair = f"{quote(basic[0], safe='')}:{quote(basic[1], safe='')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    if address:
        headers["x-fapi-customer-ip-address"] = address
    sent = b""
    if form is not None:
        sent, headers["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
    elif body is not None:
        sent, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    provider = f"bank {urlsplit(url).netloc}"[:40]
    try:
        breaker.require_closed(provider)
    except breaker.ProviderResting as no:
        raise Troubled(Trouble.SILENT) from no
    said = _said(provider, method, url, headers, sent)
    if said.status >= 500:
        breaker.failed(provider, f"HTTP {said.status}")
        raise Troubled(Trouble.SILENT)
    breaker.worked(provider)
    return said.status, _object(said)


def _said(provider: str, method: str, url: str, headers: dict[str, str], sent: bytes) -> guarded.Said:
    """One try, written down as calls to providers are. Raises Troubled."""
    started, status, error = monotonic(), 0, ""
    try:
        guarded.public_address(url.partition("?")[0], loopback=on_loopback())
        backend = guarded.Guarded(started + guarded.TOTAL, loopback=on_loopback())
        said = guarded.exchange(method, url, headers, sent, most_bytes=MOST_BYTES, backend=backend)
        status = said.status
    except (guarded.Unfit, guarded.NotBelieved) as no:
        error = Trouble.NOT_THEM.value
        raise Troubled(Trouble.NOT_THEM) from no
    except _LOST as no:
        error = Trouble.SILENT.value
        breaker.failed(provider, type(no).__name__)
        raise Troubled(Trouble.SILENT) from no
    finally:
        http.note(http.Call(provider, method, status, error, round((monotonic() - started) * 1000)), url)
    return said


def _object(said: guarded.Said) -> dict[str, Any]:
    """One object of plain values, without NaN; amounts are text, so a number is none. Raises Troubled."""
    if not said.body.strip():
        return {}
    try:
        found = None if said.is_cut else json.loads(said.body, parse_constant=_no_constant, parse_float=Decimal)
    except (ValueError, RecursionError) as no:
        if said.status >= 300:
            return {}
        raise Troubled(Trouble.UNREADABLE) from no
    if isinstance(found, dict):
        return found
    if said.status >= 300:
        return {}
    raise Troubled(Trouble.UNREADABLE)


def _no_constant(text: str) -> None:
    raise ValueError(text)
