"""The client's certificate behind a request, as a port: whoever ends TLS in front of the bank has seen it, and says so.

An app that registered a certificate proves itself with it too: at the provider's doors and at each call with a token.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from apps.open_banking import credentials
from apps.open_banking.models import ThirdPartyApp

Seen = Callable[[Mapping[str, Any]], str]  # of a request's META: the SHA-256 thumbprint in hex; "" for none


def by_proxy_header(meta: Mapping[str, Any]) -> str:
    """From the header that the proxy in front writes, and takes off what clients send (`CLIENT_CERTIFICATE_HEADER`).

    The PEM, escaped as nginx does (`$ssl_client_escaped_cert`) or with blanks for line ends. Without the setting no
    header is believed.
    """
    name = settings.CLIENT_CERTIFICATE_HEADER
    given = unquote(str(meta.get(f"HTTP_{name.upper().replace('-', '_')}", ""))) if name else ""
    if not given:
        return ""
    head, tail = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    inner = given.replace(head, "").replace(tail, "").split()
    try:
        return credentials.certificate("\n".join([head, *inner, tail])).thumbprint
    except credentials.Unreadable:
        return ""


_seen: list[Seen] = [by_proxy_header]


def see_with(seen: Seen) -> None:
    """Let something else say which certificate a request came with; the last one counts."""
    _seen[:] = [seen]


def is_its_own(app: ThirdPartyApp, meta: Mapping[str, Any], at: datetime) -> bool:
    """Whether a request comes with the certificate that the app registered, in its time; True where it has none."""
    if not app.certificate_thumbprint:
        return True
    known = credentials.certificate(app.certificate_pem)
    return _seen[0](meta) == app.certificate_thumbprint and known.begins_at <= at < known.ends_at
