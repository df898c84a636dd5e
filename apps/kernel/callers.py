"""Where a request came from: the connection itself, or what the bank's own proxies wrote down on the way."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings

_WITH_PORT = 1  # colons of `192.0.2.7:51234`, as some proxies write it; an IPv6 address has more


def address_of(meta: Mapping[str, Any]) -> str:
    """The client's address. Of X-Forwarded-For as many entries are believed, from the right, as there are proxies of
    ours (`TRUSTED_PROXIES`): each wrote who knocked at it, and what stands before that was written by the client.
    """
    direct = str(meta.get("REMOTE_ADDR") or "")
    proxies = settings.TRUSTED_PROXIES
    if proxies < 1:
        return direct
    written = [entry.strip() for entry in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")][-proxies:]
    return _read(written[0]) or direct


def _read(entry: str) -> str:
    """An address as it is compared; nothing when it is none."""
    bare = entry.partition("]")[0].removeprefix("[")
    if bare.count(":") == _WITH_PORT:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""
