"""Who is asking, from where: facts of the request at hand, for records written far below the view."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

DEVICE_COOKIE = "kitbank_device"  # by which a browser is known again; the portals set it at sign-in


@dataclass(frozen=True, slots=True)
class Asker:
    """One request, or one task: its id, and the address and program it came from."""

    request_id: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    install: str = ""  # what an app or browser calls itself: an id of its own, never shown or kept as it is
    traits: str = ""  # what it says of itself: language, time zone, platform, model
    stay: str = ""  # the bank's session of who is signed in, once a door has seen it


_asker: ContextVar[Asker] = ContextVar("asker", default=Asker())


def asker() -> Asker:
    """The request at hand; empty in a command."""
    return _asker.get()


def note_stay(stay: object) -> None:
    """The door knows which session asks; kept until the request at hand is over."""
    _asker.set(replace(_asker.get(), stay=str(stay or "")))


@contextmanager
def asked_by(facts: Asker) -> Iterator[None]:
    """Everything inside is recorded as asked by `facts`."""
    token = _asker.set(facts)
    try:
        yield
    finally:
        _asker.reset(token)
