"""`Idempotency-Key`: the same key and body get the first answer; the same key with another body is refused.

The key's row is written in the transaction of the operation. A second request with the same key waits on the unique
index until the first has committed, then reads its answer. A refused first try leaves no row: nothing moved, so the
caller may try again with the same key.
"""

import json
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from apps.kernel.clock import now
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST_KEPT = 100  # characters; with what apps put before a key it fits into their columns
_CLAIM = """
INSERT INTO kernel_idempotencykey (user_id, key, body_hash, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (user_id, key) DO NOTHING
"""


class KeyReused(Conflict):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class BadKey(DomainError):
    """Not a key: 1 to 255 printable ASCII characters are wanted."""

    code, status = "bad_idempotency_key", 400


def key_of(request: Request) -> str | None:
    """The caller's key, checked; None when none was sent. Raises BadKey.

    A long one is answered as its SHA-256: who keeps keys keeps them whole, so that two that begin alike stay two.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise BadKey(_("An idempotency key has 1 to 255 printable ASCII characters."))
    return key if len(key) <= LONGEST_KEPT else sha256(key.encode()).hexdigest()


def body_hash(request: Request) -> bytes:
    """What was asked, whatever the order of its members: method, path and body."""
    canonical = json.dumps(request.data, sort_keys=True, default=str)
    return sha256(f"{request.method} {request.path.rstrip('/')}\n{canonical}".encode()).digest()


def honours_key(view: Callable[..., Response]) -> Callable[..., Response]:
    """Say in the published schema that a view takes an `Idempotency-Key`, by which it, or what it calls, acts once."""
    view.honours_idempotency = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def idempotent_after(prepare: Callable[..., Any]) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """As `idempotent`, for a view that first asks a provider: `prepare(self, request)` does so outside the transaction,
    and the view gets what it found as `prepared`.
    """

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        inner = idempotent(view)

        @wraps(view)
        def outer(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            return inner(self, request, *args, prepared=prepare(self, request), **kwargs)

        return honours_key(outer)

    return decorate


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """Make a POST that moves money safe to send twice. The view and its key are one transaction."""

    @wraps(view)
    def once(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = key_of(request)
        if key is None:
            return view(self, request, *args, **kwargs)
        caller, digest = int(request.user.pk or 0), body_hash(request)
        with transaction.atomic():
            first = first_answer(caller, key, digest)
            if first is not None:
                return Response(first.answer, status=first.status, headers={"Idempotent-Replay": "true"})
            response = view(self, request, *args, **kwargs)
            keep_answer(caller, key, response.status_code, response.data)
        return response

    return honours_key(once)


def first_answer(caller: int, key: str, digest: bytes) -> IdempotencyKey | None:
    """Take a key for this transaction: None when it is new, else what was answered first. Raises KeyReused.

    Whoever took it keeps the answer by `keep_answer` before the transaction ends; another with the same key waits here.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [caller, key, digest, now()])
        if cursor.rowcount == 1:
            return None
    row = IdempotencyKey.objects.get(user_id=caller, key=key)
    if bytes(row.body_hash) != digest:
        raise KeyReused(_("This key was used for another request. Nothing was done; use a new key for a new request."))
    return row


def keep_answer(caller: int, key: str, status: int, answer: Any) -> None:
    """What the key is answered with from now on."""
    plain = json.loads(json.dumps(answer, cls=JSONEncoder))
    IdempotencyKey.objects.filter(user_id=caller, key=key).update(status=status, answer=plain)
