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


@dataclass(frozen=True, slots=True)
class BlindKeys:
    """The keys of blind indexes: `newest` writes, a look-up matches any; `lasting` never changes."""

    newest: bytes
    older: tuple[bytes, ...]
    lasting: bytes


@lru_cache
def _blind_keys(listed: str, lasting: str) -> BlindKeys:
    pairs = [pair.strip() for pair in listed.split(",") if pair.strip()]
    keys = [_blind_key(pair.rpartition(":")[2]) for pair in pairs]
    if not keys:
        raise ImproperlyConfigured("BLIND_INDEX_KEY is empty: nobody could be found by phone, e-mail or ID number.")
    if not lasting and (len(pairs) > 1 or ":" in pairs[0]):
        raise ImproperlyConfigured(
            "BLIND_INDEX_KEY has named keys, so LASTING_PRINT_KEY must say which key the lasting prints keep: "
            "the one that BLIND_INDEX_KEY was before its first rotation."
        )
    return BlindKeys(keys[0], tuple(keys[1:]), _blind_key(lasting) if lasting else keys[0])


def _blind_key(encoded: str) -> bytes:
    key = base64.b64decode(encoded)
    if len(key) < 32:
        raise ImproperlyConfigured("Each key of BLIND_INDEX_KEY, and LASTING_PRINT_KEY, must be 32 bytes, base64.")
    return key


def blind_keys() -> BlindKeys:
    """The keys in force. Raises ImproperlyConfigured when there are none, or none for lasting prints."""
    return _blind_keys(settings.BLIND_INDEX_KEY, settings.LASTING_PRINT_KEY)


class Print(bytes):
    """A blind index as it is written; `older` are those of the same value under the other keys in force.

    `turn` is the same whichever keys are: what a lock about the value is named by, also where a process with other
    keys takes it.
    """

    older: tuple[bytes, ...]
    turn: bytes

    @property
    def any_of(self) -> tuple[bytes, ...]:
        """Every print under which the value may stand."""
        return (bytes(self), *self.older)


def blind_index(value: str, purpose: str) -> Print:
    """A keyed hash (HMAC-SHA-256) by which a sealed value is found and kept unique, without being readable."""
    keys = blind_keys()
    made = Print(_hmac(keys.newest, value, purpose))
    made.older = tuple(_hmac(key, value, purpose) for key in keys.older)
    made.turn = bytes(made) if keys.newest == keys.lasting else _hmac(keys.lasting, value, purpose)
    return made


def fingerprint(value: str, purpose: str) -> bytes:
    """A keyed hash that stays the same for ever, whichever key makes blind indexes: others know things by it, or the
    value behind it is not kept.
    """
    return _hmac(blind_keys().lasting, value, purpose)


def _hmac(key: bytes, value: str, purpose: str) -> bytes:
    return hmac.new(key, f"{purpose}\0{value}".encode(), sha256).digest()
