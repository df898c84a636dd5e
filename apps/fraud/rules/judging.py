"""How suspicious a payment looks: a sum of weighted rules, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.fraud.rules.facts import Facts
from apps.fraud.rules.language import Expression

VERSION = "rules/2"
REVIEW_AT = Decimal("0.50")
BLOCK_AT = Decimal("0.85")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule: when `expression` holds, `weight` (0 to 1) is added.

    `customer_may_answer`: whether the customer's own yes is worth something when it holds.
    """

    code: str
    expression: Expression
    weight: Decimal
    version: int = 1
    customer_may_answer: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The score from 0 to 1, what to do, why, and whether the customer may say that it was them."""

    score: Decimal
    action: str
    reasons: tuple[str, ...]
    customer_may_answer: bool = False


def judge(facts: Facts, rules: Sequence[Rule]) -> Verdict:
    """The sum of the weights of the rules that hold, at most 1; REVIEW from 0.50, BLOCK from 0.85."""
    held = [rule for rule in rules if rule.expression.holds(facts)]
    score = min(sum((rule.weight for rule in held), Decimal(0)), Decimal(1))
    action = "BLOCK" if score >= BLOCK_AT else "REVIEW" if score >= REVIEW_AT else "ALLOW"
    may_answer = action == "REVIEW" and all(rule.customer_may_answer for rule in held)
    return Verdict(score, action, tuple(rule.code for rule in held), may_answer)
