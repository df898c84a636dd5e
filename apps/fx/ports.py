"""Who tells the bank its rates: one provider, plugged in at start-up."""

from typing import Protocol

from apps.fx.rules import Feed


class RateProvider(Protocol):
    """A source of mid-market rates. Called outside any transaction."""

    name: str

    def latest(self, base: str) -> Feed:
        """Units of every currency for one of `base`. Raises BadFeed, or Unavailable when there is no answer."""


_providers: list[RateProvider] = []


def register(provider: RateProvider) -> None:
    """Declare the provider; a later one takes its place. Called in `AppConfig.ready()`."""
    _providers.append(provider)


def provider() -> RateProvider:
    """The one that is asked."""
    return _providers[-1]
