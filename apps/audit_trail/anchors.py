"""Where the day's root is written down outside the bank; apps above register the places."""

from datetime import date
from typing import Protocol


class Anchor(Protocol):
    """A public place that keeps a root: a blockchain, a newspaper, a notary. Calls happen outside any transaction."""

    def put(self, *, root: bytes, period: date) -> str:
        """Write the root down and return a reference by which anyone finds it. Raises Unavailable.

        The same root and period may come twice: it is then the same entry.
        """
        ...

    def stands(self, *, root: bytes, reference: str) -> bool:
        """Whether the place now shows this root under `reference`. Raises Unavailable."""
        ...


_anchors: dict[str, Anchor] = {}


def register(chain: str, anchor: Anchor) -> None:
    """Add a place; called in `AppConfig.ready()`."""
    _anchors[chain] = anchor


def registered() -> dict[str, Anchor]:
    """The places by name; empty when none has been filled in, and then nothing is anchored or claimed to be."""
    return dict(_anchors)
