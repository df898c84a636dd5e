"""Public keys and certificates that apps register: text in, what is kept of it out. No table, no clock of its own."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwcrypto import jwk
from jwcrypto.common import JWException

from apps.kernel.json import can_be_kept

MOST_KEYS = 5
LONGEST = 12_000
LEAST_BITS = 2048
ALGORITHMS = ("RS256", "PS256", "ES256")


class Unreadable(ValueError):
    """No key set, or no certificate, that can be used; says why in a word."""


def public_keys(text: str) -> dict[str, Any]:
    """A key set (RFC 7517) with public keys alone: RSA of 2048 bits or more, or EC P-256. Raises Unreadable."""
    try:
        found = json.loads(text[: LONGEST + 1]).get("keys")
        keys = [jwk.JWK(**one) for one in found]
    except (JWException, ValueError, TypeError, AttributeError, RecursionError) as no:
        raise Unreadable("keys") from no
    if not can_be_kept(found):
        raise Unreadable("keys")
    if not 1 <= len(keys) <= MOST_KEYS:
        raise Unreadable("keys")
    for key in keys:
        if key.has_private or not key.has_public:
            raise Unreadable("private")
        if not _is_strong(key):
            raise Unreadable("weak")
    return {"keys": [json.loads(key.export_public()) for key in keys]}


def _is_strong(key: jwk.JWK) -> bool:
    try:
        public = key.get_op_key("verify")
    except (JWException, ValueError) as no:  # for another use than signing, or no point of the curve
        raise Unreadable("keys") from no
    if isinstance(public, rsa.RSAPublicKey):
        return public.key_size >= LEAST_BITS
    return isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is told of a certificate. `thumbprint`: SHA-256 of the whole, in hex."""

    pem: str
    thumbprint: str
    subject: str
    issuer: str
    begins_at: datetime
    ends_at: datetime


def certificate(pem: str) -> Certificate:
    """Raises Unreadable."""
    try:
        found = x509.load_pem_x509_certificate(pem[:LONGEST].encode("ascii"))
        return Certificate(  # names and times are read as they are asked for
            pem=pem.strip(), thumbprint=found.fingerprint(hashes.SHA256()).hex(),
            subject=found.subject.rfc4514_string(), issuer=found.issuer.rfc4514_string(),
            begins_at=found.not_valid_before_utc, ends_at=found.not_valid_after_utc,
        )  # fmt: skip
    except (ValueError, x509.InvalidVersion) as no:
        raise Unreadable("certificate") from no
