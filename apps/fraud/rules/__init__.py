"""The arithmetic of the screen: facts, the language of rules, and the sum that decides."""

from apps.fraud.rules.facts import FACTS, Facts, Kind, Value
from apps.fraud.rules.judging import BLOCK_AT, REVIEW_AT, VERSION, Rule, Verdict, judge
from apps.fraud.rules.language import BadExpression, Expression, read
from apps.fraud.rules.sentences import fill

__all__ = [
    "BLOCK_AT",
    "FACTS",
    "REVIEW_AT",
    "VERSION",
    "BadExpression",
    "Expression",
    "Facts",
    "Kind",
    "Rule",
    "Value",
    "Verdict",
    "fill",
    "judge",
    "read",
]
