"""Where a webhook may lead, when it is tried again and how it is signed: values in, answers out."""

import hmac
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256

ATTEMPTS = 8
# After the first attempt at once: 24 hours in all.
_WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=4),
          timedelta(hours=7), timedelta(hours=10, minutes=24)]  # fmt: skip
PAUSED_AFTER = 50  # failures in a row
TOLERANCE = 300  # seconds a receiver should believe a signature


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
