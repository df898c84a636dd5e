"""What the books tell the floors above.

There is no event per posting: the app that posts knows what it meant, and says that.
"""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksUnbalanced(Event):
    """The nightly check found that something does not hold; `first` is the first finding."""

    name = "ledger.books.unbalanced"
    day: str
    findings: int
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosed(Event):
    """A business day has ended and the next one is open."""

    name = "ledger.day.closed"
    day: str
    next_day: str
