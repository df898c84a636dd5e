"""The client's certificate behind a request, as a port: whoever ends TLS in front of the bank has seen it, and says so.

An app that registered a certificate proves itself with it too: at the provider's doors and at each call with a token.
Its tokens are bound to the certificate they were given behind (RFC 8705), whatever the app registers afterwards.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from apps.open_banking import credentials
from apps.open_banking.models import AccessToken, ThirdPartyApp

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


def to_bind(app: ThirdPartyApp, meta: Mapping[str, Any]) -> str:
    """The thumbprint a token is bound to that is given by this request; "" of an app that registered no certificate."""
    return _seen[0](meta) if app.certificate_thumbprint else ""


def may_use(token: AccessToken, app: ThirdPartyApp, meta: Mapping[str, Any], at: datetime) -> bool:
    """Whether a request may use a token of its app: from behind the app's certificate, and behind the token's own."""
    bound = token.certificate_thumbprint
    return is_its_own(app, meta, at) and (not bound or _seen[0](meta) == bound)


def confirmation(token: AccessToken) -> dict[str, dict[str, str]]:
    """What introspection says of the binding: `cnf` with `x5t#S256`; nothing of a token that is not bound."""
    bound = bytes.fromhex(token.certificate_thumbprint)
    return {"cnf": {"x5t#S256": urlsafe_b64encode(bound).decode().rstrip("=")}} if bound else {}
