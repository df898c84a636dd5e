"""How requests went, from the web process to the table: a bounded list in memory that a thread empties each second.

A process that dies loses its last second, and a flood the oldest of it: a log for developers, not a record.
"""

import atexit
import os
import threading
from collections import deque
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from apps.gateway.models import ApiRequest
from apps.gateway.operations.connections import note_outcomes
from apps.gateway.states import Direction
from apps.kernel import third_parties
from apps.kernel.clock import now
from apps.kernel.context import asker
from apps.kernel.http import Call

log = structlog.get_logger(__name__)
MOST = 5000
EVERY = 1.0  # seconds
_MOST_NAMES, _DEPTH = 40, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request. `mark` is what it showed of the app behind it."""

    at: datetime
    mark: str
    method: str
    path: str
    status: int
    ms: int
    request_id: str
    interaction_id: str
    error_code: str
    wrong: list[str]
    shape: Any
    direction: str = Direction.IN


_ALIKE = [one.name for one in fields(Seen) if one.name not in {"mark", "shape"}]
_waiting: deque[Seen] = deque(maxlen=MOST)
_threads: dict[int, threading.Thread] = {}
_starting = threading.Lock()


def note(seen: Seen) -> None:
    """Keep it for the next round."""
    _waiting.append(seen)
    if settings.REQUEST_LOG_BY_THREAD and os.getpid() not in _threads:
        _start()


def note_call(call: Call) -> None:
    """A call of ours to a provider. Its address may hold what must not be kept, so the provider's name stands there."""
    note(
        Seen(
            at=now(),
            mark="",
            method=call.method[:7],
            path=call.provider[:200],
            status=call.status,
            ms=call.ms,
            request_id=asker().request_id[:64],
            interaction_id="",
            error_code=call.error,
            wrong=[],
            shape=None,
            direction=Direction.OUT,
        )
    )


def _start() -> None:
    """One thread a process; a forked child begins its own."""
    with _starting:
        if os.getpid() in _threads:
            return
        _threads[os.getpid()] = threading.Thread(
            target=rounds, args=(threading.Event(),), name="request-log", daemon=True
        )
        _threads[os.getpid()].start()
        atexit.register(write_waiting)


def rounds(stop: threading.Event) -> None:
    """Write what waits, each second, until told to stop. What cannot be written is logged and dropped."""
    while not stop.wait(EVERY):
        try:
            write_waiting()
        except Exception as no:  # a log must not end because one line of it is odd, or the database rests
            log.error("request_log_not_written", exc_info=no)
            connection.close()  # the next round opens another


def write_waiting() -> int:
    """Write what waits, with two questions and one insert however much it is. Returns how many rows."""
    seen = [_waiting.popleft() for _nth in range(len(_waiting))]
    if not seen:
        return 0
    note_outcomes(
        (Call(one.path, one.method, one.status, one.error_code, one.ms), one.at)
        for one in seen
        if one.direction == Direction.OUT
    )
    apps = third_parties.marked({one.mark for one in seen if one.mark})
    rows = [
        ApiRequest(
            client=apps.get(one.mark),
            shape=one.shape if one.mark in apps else None,
            **{name: getattr(one, name) for name in _ALIKE},
        )
        for one in seen
    ]
    ApiRequest.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def forget() -> None:
    """Drop what waits: for tests."""
    _waiting.clear()


def struck(value: Any, depth: int = 0) -> Any:
    """A body's shape: the names it used and the kind of each value, none of the values themselves."""
    if isinstance(value, dict) and depth < _DEPTH:
        return {named(name): struck(inner, depth + 1) for name, inner in list(value.items())[:_MOST_NAMES]}
    if isinstance(value, list) and depth < _DEPTH:
        return [struck(inner, depth + 1) for inner in value[:3]]
    return {bool: "yes/no", int: "number", float: "number", str: "text", type(None): None}.get(type(value), "…")


def named(text: object) -> str:
    """A name that somebody else chose, as PostgreSQL can keep it."""
    return str(text)[:60].replace("\0", "").encode("utf-8", "replace").decode()
