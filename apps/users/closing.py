"""Closing a profile for good, a person's or a business's: the floors above say what stands against it by an act that
raises, and end what they keep for it.
"""

from collections.abc import Callable
from datetime import datetime

from apps.users.models import User

Act = Callable[[User, User, datetime], None]  # whose profile, by whom, at what moment
_acts: list[Act] = []


def register(act: Act) -> None:
    """Have `act` done before a profile is closed, in the same transaction; it raises a Conflict where it cannot be.
    Called in `AppConfig.ready()`.
    """
    _acts.append(act)


def end_everything(party: User, *, by: User, at: datetime) -> None:
    """End what the floors above keep for them, within the caller's transaction. Raises what the first act against it
    raises.
    """
    for act in _acts:
        act(party, by, at)
