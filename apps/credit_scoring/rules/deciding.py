"""What a score leads to: approved, referred to a person, or rejected with a human review."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.credit_scoring.rules.factors import AGE, Reason

MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Lines:
    """Above `approve_above` with no active loan a machine may say yes; at `reject_upto` or below it says no."""

    approve_above: int
    reject_upto: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """APPROVED, REFERRED or REJECTED, and the codes that say why."""

    outcome: str
    reasons: tuple[str, ...]


def rule(
    *,
    decision_score: int,
    without_age: int,
    active_loans: int,
    is_thin: bool,
    factors: Iterable[Reason],
    lines: Lines,
) -> Ruling:
    """Nobody is declined because little is known of them, and age is never the lone reason of anything."""
    told = list(factors)
    against = [f"{row.code}.DOWN" for row in told if row.direction == "DOWN"][:MOST_REASONS]
    if decision_score > lines.approve_above:
        if active_loans:
            return Ruling("REFERRED", ("ACTIVE_LOAN",))
        return Ruling("APPROVED", tuple(f"{row.code}.UP" for row in told if row.direction == "UP")[:MOST_REASONS])
    first = ["ACTIVE_LOAN"] if active_loans else []
    if without_age > lines.approve_above:
        return Ruling("REFERRED", (*first, "AGE_ALONE_DOES_NOT_DECIDE"))
    if decision_score > lines.reject_upto:
        return Ruling("REFERRED", (*first, "SCORE_BETWEEN", *against))
    if is_thin:
        return Ruling("REFERRED", (*first, "LITTLE_IS_KNOWN", *against))
    if without_age > lines.reject_upto or set(against) <= {f"{AGE}.DOWN"}:
        return Ruling("REFERRED", (*first, "AGE_ALONE_DOES_NOT_DECIDE", *against))
    return Ruling("REJECTED", (*first, "SCORE_LOW", *against))
