"""The way fraud says no."""

from apps.kernel.errors import Conflict, DomainError


class PaymentBlocked(DomainError):
    """The screen stopped it. What it saw is not told to who tried."""

    code, status = "payment_blocked", 403


class DisputedAlready(Conflict):
    """The line has a dispute that is not decided yet; `dispute` says which."""

    code = "disputed_already"


class NothingToDispute(DomainError):
    """Too long ago, or no movement of money out."""

    code, status = "nothing_to_dispute", 422
