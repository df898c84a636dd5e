"""What may be asked of a consent and of an app: values in, answers out."""

import ipaddress
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit

ACCOUNTS, BALANCES, TRANSACTIONS, FUNDS, PAYMENT = "ACCOUNTS", "BALANCES", "TRANSACTIONS", "FUNDS", "PAYMENT"
IDENTITY_SCOPES = frozenset({"openid", "profile", "email"})
CONSENT_SCOPE = "consent:"
SCOPE_OF = {"AIS": "accounts", "PIS": "payments", "CBPII": "fundsconfirmations"}
MOST_URIS = 10
LOOPBACK = ("127.0.0.1", "::1")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
_PRIVATE = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".intranet")
_PLAIN = re.compile(r"[!-~]+$")


@dataclass(frozen=True, slots=True)
class Cap:
    """The most of one time: how many payments and how many minor units; None: no such limit.

    `period` is MONTH, YEAR (the bank's calendar's) or EVER.
    """

    period: str
    count: int | None
    minor: int | None


class Unfit(ValueError):
    """An address that cannot be registered; says why."""


def latest_end(asked: datetime, begun: datetime, most: timedelta) -> datetime:
    """When a consent ends: as asked, and never later than the longest time allowed."""
    return min(asked, begun + most)


def redirect_address(text: str, *, loopback: bool) -> str:
    """A redirect URI as it may be registered, compared letter by letter ever after.

    https on a public name; http on the machine itself only where `loopback` says so (sandbox and installed apps,
    RFC 8252 section 7.3). No fragment, no user, no wildcard. Raises Unfit.
    """
    parts = _split(text)
    if loopback and parts.scheme == "http" and parts.hostname in LOOPBACK:
        return text
    if parts.scheme != "https":
        raise Unfit("https")
    _require_public(parts)
    return text


def logo_address(text: str) -> str:
    """Where an app's picture lies: https, a public name, a file that is a picture and cannot hold a script.

    It is shown as an address to staff and never loaded by our pages. SVG is none: it may carry scripts. Raises Unfit.
    """
    parts = _split(text)
    if parts.scheme != "https":
        raise Unfit("https")
    _require_public(parts)
    if not parts.path.lower().endswith((".png", ".jpg", ".jpeg", ".webp")):
        raise Unfit("picture")
    return text


def web_address(text: str) -> str:
    """An app's site: https on a public name. Raises Unfit."""
    parts = _split(text)
    if parts.scheme != "https":
        raise Unfit("https")
    _require_public(parts)
    return text


def _split(text: str) -> SplitResult:
    if not 0 < len(text) <= 500 or not _PLAIN.match(text) or any(char in text for char in "<>\"'`\\*"):
        raise Unfit("characters")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as no:
        raise Unfit("address") from no
    if not parts.hostname or "@" in parts.netloc or "#" in text:
        raise Unfit("address")
    return parts


def _require_public(parts: SplitResult) -> None:
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.match(host) or host.endswith(_PRIVATE):
            raise Unfit("host") from None
    else:
        raise Unfit("host")


def origin(text: str) -> str:
    """`https://app.example` of a redirect URI: what a page's policy must let its form lead to."""
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}"


def consent_named(scopes: Iterable[str]) -> uuid.UUID | None:
    """The one consent that `consent:<id>` names; None without one. Raises Unfit for two, or for what is no id."""
    named = [scope.removeprefix(CONSENT_SCOPE) for scope in scopes if scope.startswith(CONSENT_SCOPE)]
    if len(named) > 1:
        raise Unfit("two")
    try:
        return uuid.UUID(named[0]) if named else None
    except ValueError as no:
        raise Unfit("id") from no


def choice(account_ids: Iterable[int]) -> str:
    """A short mark of a choice of accounts: proof for one choice is none for another."""
    return sha256(",".join(map(str, sorted(set(account_ids)))).encode()).hexdigest()[:16]


def checksum(token: str) -> str:
    """How the toolkit keeps tokens and finds them again; they are random and long, so a plain hash hides them."""
    return sha256(token.encode()).hexdigest()
