"""Seals personal data at rest: AES-256-GCM with key ids, and a keyed fingerprint for look-up.

A sealed value is `key id length (1 byte) ‖ key id ‖ nonce (12) ‖ ciphertext and tag` (NIST SP 800-38D). The place it
belongs to (table, column, row) is authenticated with it, so a value copied to another row does not open.
"""

import base64
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE = 12


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of the environment by id; `newest` encrypts, all decrypt."""

    newest: str
    keys: dict[str, AESGCM]


@lru_cache
def _keyring(pairs: tuple[str, ...]) -> Keyring:
    if not pairs:
        raise ImproperlyConfigured("FIELD_KEYS is empty: personal data cannot be encrypted.")
    keys = {}
    for pair in pairs:
        key_id, _, encoded = pair.partition(":")
        keys[key_id] = AESGCM(base64.b64decode(encoded, validate=True))
    return Keyring(newest=pairs[0].partition(":")[0], keys=keys)


def keyring() -> Keyring:
    """The keys in force. Raises ImproperlyConfigured when there are none."""
    return _keyring(tuple(settings.FIELD_KEYS))


def seal(clear: bytes, place: str) -> bytes:
    """Encrypt `clear` for `place` (`table.column:row`) with the newest key."""
    ring, nonce = keyring(), os.urandom(NONCE)
    key_id = ring.newest.encode()
    return bytes([len(key_id)]) + key_id + nonce + ring.keys[ring.newest].encrypt(nonce, clear, place.encode())


def key_id_of(sealed: bytes) -> str:
    """Which key sealed this."""
    return sealed[1 : 1 + sealed[0]].decode()


def unseal(sealed: bytes, place: str) -> bytes:
    """Decrypt what `seal` made for `place`. Raises InvalidTag when it was altered or belongs elsewhere."""
    start = 1 + sealed[0]
    key = keyring().keys.get(key_id_of(sealed))
    if key is None:
        raise ImproperlyConfigured(f"FIELD_KEYS lacks the key {key_id_of(sealed)!r} that sealed this value.")
    return key.decrypt(sealed[start : start + NONCE], sealed[start + NONCE :], place.encode())


def fingerprint(value: str, purpose: str) -> bytes:
    """A keyed hash (HMAC-SHA-256) by which a sealed value is found and kept unique, without being readable."""
    key = base64.b64decode(settings.BLIND_INDEX_KEY)
    if len(key) < 32:
        raise ImproperlyConfigured("BLIND_INDEX_KEY must be 32 bytes, base64.")
    return hmac.new(key, f"{purpose}\0{value}".encode(), sha256).digest()
