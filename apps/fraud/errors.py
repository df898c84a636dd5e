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


class NotTriedYet(Conflict):
    """So many payments that the back-test runs by itself, and it has not yet."""

    code = "not_tried_yet"


class CannotTrain(DomainError):
    """Too few checks to learn from."""

    code, status = "cannot_train", 422


class ModelUnusable(DomainError):
    """The model's text is not the one that was trained, or cannot be read."""

    code, status = "model_unusable", 422


class SimSilent(DomainError):
    """The operator does not say how old a SIM is; `why` is for staff."""

    code, status = "sim_silent", 503
