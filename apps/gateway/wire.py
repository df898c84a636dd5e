"""Sends one webhook to a server nobody vouches for: to public addresses alone, within a fixed time, reading little.

The name is resolved once and every address looked at; the connection is made to one of these, not to the name, so a
name server that answers differently the second time changes nothing. Redirects are not followed, proxies not asked.
"""

import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import structlog

from apps.gateway import rules

log = structlog.get_logger(__name__)
CONNECT, READ, TOTAL = 3.0, 5.0, 10.0  # seconds
MOST_BYTES = 4096  # of an answer; the rest is not read
_EXCERPT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went: a status, or why there is none (`error`); the beginning of what was said."""

    status: int | None
    ms: int
    said: str = ""
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300


class _Refused(Exception):
    """The name leads nowhere we would go."""


class _NotBelieved(Exception):
    """The certificate is not the name's, or nobody vouches for it."""


def post(url: str, body: bytes, headers: dict[str, str], *, loopback: bool) -> Answer:
    """POST `body`. Never raises for what the other side does. Not to be used inside a transaction."""
    began = monotonic()
    try:
        rules.webhook_address(url, loopback=loopback)
        status, said = _exchange(url, body, headers, _Guarded(began + TOTAL, loopback=loopback))
        found = Answer(status, _since(began), said)
    except (rules.Unfit, _Refused):
        found = Answer(None, _since(began), error="ADDRESS")
    except (httpcore.ConnectTimeout, httpcore.ReadTimeout, httpcore.WriteTimeout, httpcore.PoolTimeout):
        found = Answer(None, _since(began), error="TIME_OUT")
    except _NotBelieved:
        found = Answer(None, _since(began), error="TLS")
    except httpcore.ConnectError:
        found = Answer(None, _since(began), error="NOT_REACHED")
    except (httpcore.NetworkError, httpcore.ProtocolError):
        found = Answer(None, _since(began), error="BROKEN_OFF")
    # The host alone: an address may carry a word of its maker's.
    host = urlsplit(url).hostname
    log.info("webhook_sent", host=host, outcome=found.status or found.error, ms=found.ms)
    return found


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)


def _exchange(url: str, body: bytes, headers: dict[str, str], backend: "_Guarded") -> tuple[int, str]:
    times = {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT}
    with (
        httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=backend, retries=0) as pool,
        pool.stream(
            "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": times}
        ) as response,
    ):
        read = b""
        for chunk in response.iter_stream():
            read += chunk
            if len(read) >= MOST_BYTES:
                break
        return response.status, read[:MOST_BYTES].decode("utf-8", "replace").replace("\0", "")[:_EXCERPT]


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that rules allow, and ends everything at one deadline."""

    def __init__(self, deadline: float, *, loopback: bool) -> None:
        self.deadline, self.loopback = deadline, loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """To the first address that answers. Raises what httpcore raises, and _Refused."""
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port):
            wait = min(timeout or CONNECT, self.deadline - monotonic())
            if wait <= 0:
                raise httpcore.ConnectTimeout
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, timeout=wait)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as no:
                failed = no
            else:
                return _Timed(stream, self.deadline)
        raise failed

    def _addresses(self, host: str, port: int) -> list[str]:
        """What the name resolves to, now and for this call. One inner address among them condemns all."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as no:
            raise httpcore.ConnectError(str(no)) from no
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        if not addresses or not all(rules.may_connect(one, loopback=self.loopback) for one in addresses):
            raise _Refused(host)
        return addresses[:3]


class _Timed(httpcore.NetworkStream):
    """A stream that waits no longer than to the deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self.inner, self.deadline = inner, deadline

    def _left(self, timeout: float | None, over: type[Exception]) -> float:
        left = self.deadline - monotonic()
        if left <= 0:
            raise over
        return min(timeout or READ, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As much as comes."""
        return self.inner.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of it."""
        self.inner.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The certificate must be the name's, whatever address it led to. Raises _NotBelieved."""
        wait = self._left(timeout, httpcore.ConnectTimeout)
        try:
            return _Timed(self.inner.start_tls(ssl_context, server_hostname, wait), self.deadline)
        except httpcore.ConnectError as no:
            if isinstance(no.__cause__, ssl.SSLError):
                raise _NotBelieved from no
            raise

    def get_extra_info(self, info: str) -> Any:
        """Of the socket below."""
        return self.inner.get_extra_info(info)

    def close(self) -> None:
        """Hang up."""
        self.inner.close()
