"""The ways exchange says no. None of them has moved money."""

from apps.kernel.errors import Conflict, DomainError, Unavailable


class RatesStale(Unavailable):
    """The newest rates are too old to be told, or there are none."""

    code = "rates_stale"


class SameCurrency(DomainError):
    """Nothing to exchange."""

    code, status = "same_currency", 400


class AmountTooSmall(DomainError):
    """One side would be nothing."""

    code, status = "amount_too_small", 422


class QuoteExpired(DomainError):
    """The minute is over."""

    code, status = "quote_expired", 422


class QuoteUsed(Conflict):
    """The quote made an exchange already."""

    code = "quote_used"


class BadSpread(DomainError):
    """A day that has begun, a share outside the limits."""

    code, status = "bad_spread", 422


class NotAcceptable(Conflict):
    """The feed cannot become rates any more."""

    code = "feed_not_acceptable"
