"""Calls to servers nobody vouches for: to public addresses alone, within a fixed time, reading little.

A name is resolved once and every address looked at; the connection is made to one of these, not to the name, so a
name server that answers differently the second time changes nothing. Redirects are not followed, proxies not asked.
"""

import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
import httpx

CONNECT, READ, TOTAL = 3.0, 5.0, 10.0  # seconds
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOOK_UPS = BoundedSemaphore(16)  # names asked for at once by a process; a name server that hangs takes no more
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
_INNER = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".intranet", ".onion", ".test", ".invalid")
_PLAIN = re.compile(r"[!-~]{1,500}$")
# What `is_global` of this Python does not know, or what leads to an IPv4 address in disguise.
_NEVER = [ipaddress.ip_network(text) for text in (
    "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
    "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")]  # fmt: skip


class Unfit(ValueError):
    """An address that nothing may be sent to; says why in a word."""


class Refused(Exception):
    """The name leads nowhere we would go."""


class NotBelieved(Exception):
    """The certificate is not the name's, or nobody vouches for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a server answered; of a longer body the beginning, and then `is_cut`."""

    status: int
    body: bytes
    is_cut: bool


def public_address(text: str, *, loopback: bool) -> str:
    """An address as it may be registered: https on a public name, port 443 or above 1023.

    `loopback` lets http and https on this machine through, for the simulators. Raises Unfit.
    """
    parts = _split(text)
    if loopback and parts.hostname in LOOPBACK and parts.scheme in {"http", "https"}:
        return text
    if parts.scheme != "https":
        raise Unfit("https")
    host = parts.hostname or ""
    if not _HOST.match(host) or host.endswith(_INNER):
        raise Unfit("host")
    if parts.port is not None and parts.port != 443 and parts.port < 1024:
        raise Unfit("port")
    return text


def _split(text: str) -> SplitResult:
    if not _PLAIN.match(text) or any(char in text for char in "<>\"'`\\*#"):
        raise Unfit("characters")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as no:
        raise Unfit("address") from no
    if not parts.hostname or "@" in parts.netloc:
        raise Unfit("address")
    return parts


def may_connect(address: str, *, loopback: bool) -> bool:
    """Whether we may connect to this IP address: public unicast, or this machine where `loopback` says so."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if loopback and found.is_loopback:
        return True
    return found.is_global and not any(found in network for network in _NEVER if network.version == found.version)


def exchange(
    method: str, url: str, headers: dict[str, str], body: bytes, *, most_bytes: int, backend: "Guarded"
) -> Said:
    """One call. Raises Refused, NotBelieved, and what httpcore raises. Not to be used inside a transaction."""
    times = {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT}
    with (
        httpcore.ConnectionPool(ssl_context=trusted(), network_backend=backend, retries=0) as pool,
        pool.stream(
            method, url, headers=list(headers.items()), content=body, extensions={"timeout": times}
        ) as response,
    ):
        read = b""
        for chunk in response.iter_stream():
            read += chunk
            if len(read) >= most_bytes:
                break
        return Said(response.status, read[:most_bytes], len(read) >= most_bytes)


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """Whom we believe, read once."""
    return httpx.create_ssl_context(trust_env=False)


class Guarded(httpcore.NetworkBackend):
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
        """To the first address that answers. Raises what httpcore raises, and Refused."""
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
            found = _looked_up(host, port, until=min(monotonic() + CONNECT, self.deadline))
        except (OSError, UnicodeError) as no:
            raise httpcore.ConnectError(str(no)) from no
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        if not addresses or not all(may_connect(one, loopback=self.loopback) for one in addresses):
            raise Refused(host)
        return addresses[:3]


def _looked_up(host: str, port: int, *, until: float) -> list[Any]:
    """As `socket.getaddrinfo`, which has no time of its own and cannot be stopped: a thread asks and, when it hangs, is
    left to end by itself. No more of them hang at once than `_LOOK_UPS`. Raises ConnectTimeout, and what it raises.
    """
    if not _LOOK_UPS.acquire(timeout=max(until - monotonic(), 0)):
        raise httpcore.ConnectTimeout
    answer: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as no:  # handed to whoever waits
            answer.set_exception(no)
        finally:
            _LOOK_UPS.release()

    Thread(target=ask, name="look-up", daemon=True).start()  # a daemon: what hangs does not keep a worker from ending
    try:
        return answer.result(timeout=max(until - monotonic(), 0))
    except TimeoutError:
        raise httpcore.ConnectTimeout from None


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
        """The certificate must be the name's, whatever address it led to. Raises NotBelieved."""
        wait = self._left(timeout, httpcore.ConnectTimeout)
        try:
            return _Timed(self.inner.start_tls(ssl_context, server_hostname, wait), self.deadline)
        except httpcore.ConnectError as no:
            if isinstance(no.__cause__, ssl.SSLError):
                raise NotBelieved from no
            raise

    def get_extra_info(self, info: str) -> Any:
        """Of the socket below."""
        return self.inner.get_extra_info(info)

    def close(self) -> None:
        """Hang up."""
        self.inner.close()
