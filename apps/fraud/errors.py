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


class BadRule(DomainError):
    """Not a rule of the language, or without its words or figures."""

    code, status = "bad_rule", 422


class RuleTooBroad(DomainError):
    """The back-test says it would stop too many, and nobody said that this is meant; `warnings` says which."""

    code, status = "rule_too_broad", 422


class RuleMovedOn(Conflict):
    """Another version was allowed since this one was tried."""

    code = "rule_moved_on"


class BadBlock(DomainError):
    """Nothing that can be blocked, or until a time that is over."""

    code, status = "bad_block", 400


class BlockedAlready(Conflict):
    """One live block a thing."""

    code = "blocked_already"


class BadChange(DomainError):
    """A change that has not happened yet."""

    code, status = "bad_change", 400
