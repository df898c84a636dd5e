"""How suspicious a payment looks: a sum of weighted rules, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

VERSION = "rules/1"
REVIEW_AT = Decimal("0.50")
BLOCK_AT = Decimal("0.85")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known before money moves. Amounts in shilling cents (or the minor unit of the payment's currency)."""

    amount_minor: int
    is_new_recipient: bool
    sent_in_ten_minutes: int = 0
    sent_in_a_day_minor: int = 0
    usual_minor: int | None = None  # the mean of the last fifty payments out; None when there are fewer than five
    seconds_since_last: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule's dated figures: what it looks at passes `threshold`, and `weight` is added."""

    threshold: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """The score from 0 to 1, what to do, and why."""

    score: Decimal
    action: str
    reasons: tuple[str, ...]


def is_unusual(facts: Facts, times: Decimal) -> bool:
    """More than `times` what this account usually pays."""
    return facts.usual_minor is not None and facts.amount_minor > times * facts.usual_minor


def _holds(code: str, facts: Facts, threshold: Decimal) -> bool:
    match code:
        case "VELOCITY" | "VELOCITY_EXTREME":
            return facts.sent_in_ten_minutes >= threshold
        case "LARGE_AMOUNT":
            return facts.amount_minor >= threshold
        case "LARGE_TO_NEW":
            return facts.is_new_recipient and facts.amount_minor >= threshold
        case "UNUSUAL_AMOUNT":
            return is_unusual(facts, threshold)
        case "LARGE_DAY":
            return facts.sent_in_a_day_minor + facts.amount_minor >= threshold
        case _:
            raise KeyError(f"no rule {code!r}")


CODES = ("VELOCITY", "VELOCITY_EXTREME", "LARGE_AMOUNT", "LARGE_TO_NEW", "UNUSUAL_AMOUNT", "LARGE_DAY")


def judge(facts: Facts, rules: Mapping[str, Rule]) -> Verdict:
    """The sum of the weights of the rules that hold, at most 1; REVIEW from 0.50, BLOCK from 0.85."""
    reasons = tuple(code for code in CODES if code in rules and _holds(code, facts, rules[code].threshold))
    score = min(sum((rules[code].weight for code in reasons), Decimal(0)), Decimal(1))
    action = "BLOCK" if score >= BLOCK_AT else "REVIEW" if score >= REVIEW_AT else "ALLOW"
    return Verdict(score, action, reasons)
