"""`x-idempotency-key`: a POST that moves money acts once for a key, however often it is sent."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from apps.kernel.idempotency import KeyReused, first_answer, keep_answer
from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.refusals import Refused

HEADER, LONGEST = "x-idempotency-key", 40
Answer = tuple[int, Any, dict[str, str]]


def once(request: HttpRequest, caller: Caller, act: Callable[[], Answer]) -> Answer:
    """What `act` answers, or what it answered to this key before; one transaction with the key. Without a key a second
    request is a second payment. Whatever `act` raises leaves the key free: nothing was done by it.

    Raises Refused for a key that was used for another request, or is none.
    """
    key = request.headers.get(HEADER)
    if key is None:
        with transaction.atomic():
            return act()
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise Refused(10001, words="x-idempotency-key has 1 to 40 printable ASCII characters. Nothing was done.")
    place = sha256(request.path.encode()).hexdigest()[:16]
    # A sandbox that began anew has forgotten its payments, so it forgets their keys.
    since = f"{caller.persona.made_at:%y%m%d%H%M%S%f}/" if caller.persona else ""
    held = f"obp/{caller.app.pk}/{since}{place}/{key}"
    try:
        with transaction.atomic():
            first = first_answer(caller.user.pk, held, _digest(request))
            if first is not None:
                return int(first.status or 200), first.answer, {"Idempotent-Replay": "true"}
            status, body, headers = act()
            keep_answer(caller.user.pk, held, status, body)
            return status, body, headers
    except KeyReused as no:
        raise Refused(10001, words="This x-idempotency-key was used for another request. Nothing was done.") from no


def _digest(request: HttpRequest) -> bytes:
    """The body whatever the order of its members."""
    try:
        plain = json.dumps(json.loads(request.body or b"", parse_float=str), sort_keys=True).encode()
    except ValueError:
        plain = bytes(request.body)
    return sha256(plain).digest()
