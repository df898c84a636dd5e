"""Where M-Pesa calls us back. Nothing is signed, so each address carries a word that only they were told.

Addresses of one request carry its id as well, so that an answer finds its request even when the answer to the
request itself was lost. Neutral words throughout: M-Pesa refuses its own name, and `query`, in an address.
"""

import hmac
import uuid
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core import checks


def of_all(product: str, event: str) -> str:
    """The address registered once for a product's event."""
    return f"{settings.DARAJA_CALLBACK_ADDRESS}/webhooks/daraja/{product}/{event}/{settings.DARAJA_CALLBACK_SECRET}"


def of_one(product: str, public_id: uuid.UUID, event: str = "") -> str:
    """The address for what becomes of one request."""
    middle = f"{product}/{event}" if event else product
    return f"{settings.DARAJA_CALLBACK_ADDRESS}/webhooks/daraja/{middle}/{token_of(public_id)}"


def token_of(public_id: uuid.UUID) -> str:
    """The id and a seal over it, in hexadecimal."""
    return public_id.hex + _seal(public_id.hex, settings.DARAJA_CALLBACK_SECRET)


def read_token(token: str) -> uuid.UUID | None:
    """The id inside a token; None when the seal is not ours."""
    if len(token) != 64 or not token.isascii():
        return None
    if not any(hmac.compare_digest(_seal(token[:32], secret), token[32:]) for secret in _secrets()):
        return None
    try:
        return uuid.UUID(hex=token[:32])
    except ValueError:
        return None


def is_ours(secret: str) -> bool:
    """Whether the word of a registered address is the one we gave."""
    return any(hmac.compare_digest(secret.encode(), ours.encode()) for ours in _secrets())


def _secrets() -> list[str]:
    """Ours, and the one before it while answers to what was asked under that are still to come; none without our own,
    because anyone could seal with nothing.
    """
    ours, before = settings.DARAJA_CALLBACK_SECRET, settings.DARAJA_CALLBACK_SECRET_BEFORE
    return [one for one in (ours, before) if one] if ours else []


def _seal(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()[:32]


def callbacks_are_sealed(**_: Any) -> list[checks.CheckMessage]:
    """Without a secret every callback is refused, so money sent in would wait unseen: the bank does not start so."""
    if settings.DARAJA_KEY and not settings.DARAJA_CALLBACK_SECRET:
        return [checks.Error("DARAJA_KEY is set and DARAJA_CALLBACK_SECRET is not.", id="mpesa.E001")]
    return []
