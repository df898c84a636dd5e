"""What exchange tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesUpdated(Event):
    """New rates hold."""

    name = "fx.rates.updated"
    source: str
    fetched_at: str
    currencies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRefused(Event):
    """A feed was not believed; the rates before it stand."""

    name = "fx.feed.refused"
    refused_id: int
    because: str
