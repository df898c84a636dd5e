"""Events with a transactional outbox: published inside the transaction, delivered after it, at least once.

`publish` writes the event and one delivery per subscriber in the caller's transaction, so an event cannot exist
without its fact, nor a fact without its event. The relay (`apps.kernel.relay`) delivers each in its own transaction.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from threading import local
from typing import Any, ClassVar, TypeVar

from django.db import connection, transaction

from apps.kernel import statements

E = TypeVar("E", bound="Event")
CHANNEL = "kernel_outbox"

_kinds: dict[str, type["Event"]] = {}
_subscribers: dict[str, dict[str, Callable[[Any], None]]] = {}
_prompt: set[str] = set()
_first_tries: list[Callable[[int], object]] = []
_woken = local()

_INSERT = """
WITH written AS (
    INSERT INTO kernel_outboxevent (name, payload, published_at) VALUES (%s, %s::jsonb, clock_timestamp()) RETURNING id
)
INSERT INTO kernel_delivery (event_id, subscriber, status, attempts, next_attempt_at, last_error)
SELECT written.id, heard.subscriber, 'PENDING', 0, clock_timestamp(), ''
  FROM written, unnest(%s::text[]) AS heard(subscriber)
RETURNING subscriber, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: past tense, ids and primitives only. Subclasses set `name` (`app.noun.verb`)."""

    name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        if cls.name:  # dataclass(slots=True) makes the class twice; the second one, with the slots, stays
            _kinds[cls.name] = cls


def subscribe(kind: type[E], *, promptly: bool = False) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Hear `kind`: the function is called at least once for each event, in a transaction of its own.

    `promptly`: the publishing process makes the first try as soon as it has committed, because a person is waiting
    for the effect; should that fail, the relay delivers as ever.
    """

    def register(hear: Callable[[E], None]) -> Callable[[E], None]:
        name = f"{hear.__module__}.{hear.__qualname__}"
        _subscribers.setdefault(kind.name, {})[name] = hear
        if promptly:
            _prompt.add(name)
        return hear

    return register


def publish(event: Event) -> None:
    """Tell the floors above, once the transaction commits. The fact and its event share one open transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"{event.name} was published outside a transaction")
    heard_by = list(_subscribers.get(event.name, {}))
    told = json.dumps({field.name: getattr(event, field.name) for field in fields(event)})
    deliveries: dict[str, int] = dict(statements.rows(_INSERT, [event.name, told, heard_by]))
    for name in _prompt.intersection(deliveries):
        transaction.on_commit(partial(first_try, deliveries[name]), robust=True)
    if heard_by:
        transaction.on_commit(partial(_wake_the_relay, connection.run_on_commit))


def subscriber(name: str) -> Callable[[Event], None] | None:
    """The function registered as `name`; None when this deploy no longer has it."""
    for heard in _subscribers.values():
        if name in heard:
            return heard[name]
    return None


def read(name: str, payload: dict[str, Any]) -> Event:
    """An event as it was published; members a newer deploy added are ignored. Raises KeyError for an unknown name."""
    kind = _kinds[name]
    known = {field.name for field in fields(kind)}
    return kind(**{key: value for key, value in payload.items() if key in known})


def names() -> list[str]:
    """Every event the bank can publish."""
    return sorted(_kinds)


def first_try(delivery_id: int) -> None:
    """Make one delivery now; the relay fills this in when it is loaded."""
    _first_tries[-1](delivery_id)


def first_tries_by(deliver: Callable[[int], object]) -> None:
    """Let the relay plug in how one delivery is made."""
    _first_tries.append(deliver)


def _wake_the_relay(of_commit: list[Any]) -> None:
    # Once a commit, however many events it tells of: they have the same list of what comes after it. After the commit
    # and in a statement of its own: NOTIFY inside the transaction would take PostgreSQL's notification-queue lock
    # while the money is being committed, and so serialise every payment of the bank.
    if getattr(_woken, "by", None) is of_commit:
        return
    _woken.by = of_commit
    statements.run(f"NOTIFY {CHANNEL}", ())
