"""Whether a person agreed to something that needs their consent: asked on any floor, answered by whoever keeps it.

Compliance plugs itself in and keeps each word that was given or withdrawn. Until somebody does, nobody has agreed.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

MARKETING = "MARKETING"
BUREAU = "BUREAU"
PROFILING = "PROFILING"


class Keeper(Protocol):
    """Who keeps what people agreed to."""

    def holds(self, user_id: int, purpose: str) -> bool:
        """Whether the person's last word on `purpose` was yes."""
        ...

    def among(self, user_ids: Collection[int], purpose: str) -> set[int]:
        """Whose last word on `purpose` was yes, of many people at once."""
        ...

    def change(self, *, user: Any, purpose: str, is_given: bool, channel: str, at: datetime) -> None:
        """Write the person's word down; the same word twice is one."""
        ...


_keepers: list[Keeper] = []


def keep_with(keeper: Keeper) -> None:
    """Let `keeper` keep consents; called in `AppConfig.ready()`, the last one counts."""
    _keepers[:] = [keeper]


def holds(user_id: int, purpose: str) -> bool:
    """Whether this person agrees to `purpose` now; no, while nobody keeps consents."""
    return bool(_keepers) and _keepers[0].holds(user_id, purpose)


def among(user_ids: Collection[int], purpose: str) -> set[int]:
    """Who of these people agrees to `purpose` now; nobody, while nobody keeps consents."""
    return _keepers[0].among(user_ids, purpose) if _keepers else set()


def change(*, user: Any, purpose: str, is_given: bool, channel: str, at: datetime) -> None:
    """Keep the word on `purpose`, said by `channel` (PORTAL, API, BRANCH, SMS). Raises what the keeper raises."""
    if not _keepers:
        raise RuntimeError("nobody keeps consents: no app has plugged itself in")
    _keepers[0].change(user=user, purpose=purpose, is_given=is_given, channel=channel, at=at)
