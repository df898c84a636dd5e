"""Where a webhook may lead, when it is tried again and how it is signed: values in, answers out."""

import hmac
import ipaddress
import re
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit

ATTEMPTS = 8
# After the first attempt at once: 24 hours in all.
_WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=4),
          timedelta(hours=7), timedelta(hours=10, minutes=24)]  # fmt: skip
PAUSED_AFTER = 50  # failures in a row
TOLERANCE = 300  # seconds a receiver should believe a signature
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
_INNER = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".intranet", ".onion", ".test", ".invalid")
_PLAIN = re.compile(r"[!-~]{1,500}$")
# What `is_global` of this Python does not know, or what leads to an IPv4 address in disguise.
_NEVER = [ipaddress.ip_network(text) for text in (
    "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
    "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")]  # fmt: skip


class Unfit(ValueError):
    """An address that no webhook may be sent to; says why in a word."""


def webhook_address(text: str, *, loopback: bool) -> str:
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
    """Whether a webhook may be sent to this IP address: public unicast, or this machine where `loopback` says so."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if loopback and found.is_loopback:
        return True
    return found.is_global and not any(found in network for network in _NEVER if network.version == found.version)


def next_wait(attempts: int) -> timedelta | None:
    """How long after the given number of attempts the next one is made; None: there is none."""
    return _WAITS[attempts - 1] if attempts < ATTEMPTS else None


def signature(body: bytes, *, secrets: Iterable[str], timestamp: int) -> str:
    """`t=<unix>,v1=<hex>`, with one v1 for each secret: HMAC-SHA256 over `<unix>.<body>`."""
    return ",".join([f"t={timestamp}", *(f"v1={_mac(secret, timestamp, body)}" for secret in secrets)])


def _mac(secret: str, timestamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def fault_of(header: str, body: bytes, *, secrets: Iterable[str], at: int) -> str:
    """Why a signature is not to be believed: "header", "old" or "mac"; "" when it is good."""
    given = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _equals, value in given if name == "t" and value.isascii() and value.isdigit()]
    macs = [value for name, _equals, value in given if name == "v1"]
    if len(stamps) != 1 or not macs or len(stamps[0]) > 12:
        return "header"
    wanted = [_mac(secret, int(stamps[0]), body) for secret in secrets]
    if not any(hmac.compare_digest(mac.encode(), mine.encode()) for mac in macs for mine in wanted):
        return "mac"
    return "old" if abs(at - int(stamps[0])) > TOLERANCE else ""
