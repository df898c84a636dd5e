"""The way fraud says no."""

from apps.kernel.errors import DomainError


class PaymentBlocked(DomainError):
    """The screen stopped it. What it saw is not told to who tried."""

    code, status = "payment_blocked", 403
