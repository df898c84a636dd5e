"""One probability of default, published on two scales.

decision = clamp(600 + 80 · log2(odds of repaying ÷ 9), 0, 1000): a PD of 10 % is 600, and 80 points double the odds.
credit score = 300 + 0.55 × decision, so it lies between 300 and 850.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

ANCHOR, ANCHOR_ODDS, DOUBLES = 600, 9.0, 80
HIGHEST = 1000
SURELY = 1e-6  # no probability is nearer to nothing or to certainty than this
LOW_FROM, HIGH_UPTO = 750, 600


@dataclass(frozen=True, slots=True)
class Published:
    """What is told of a probability of default (0 to 1, six decimals)."""

    probability_of_default: Decimal
    decision_score: int  # 0 to 1000
    score: int  # 300 to 850
    risk_level: str  # LOW, MEDIUM, HIGH


def published(probability: float) -> Published:
    """Both scales and the risk level. Raises ValueError for what is no probability."""
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability")
    kept = min(max(probability, SURELY), 1 - SURELY)
    decision = decision_of(math.log((1 - kept) / kept))
    score = score_of(decision)
    return Published(Decimal(kept).quantize(Decimal("0.000001")), decision, score, risk_of(score))


def decision_of(log_odds: float) -> int:
    """The decision score of natural log odds of repaying."""
    points = ANCHOR + DOUBLES * (log_odds - math.log(ANCHOR_ODDS)) / math.log(2)
    return round(min(max(points, 0.0), float(HIGHEST)))


def score_of(decision: int) -> int:
    """300 to 850. Whole numbers throughout: 0.55 is 11 twentieths."""
    return 300 + (11 * decision + 10) // 20


def risk_of(score: int) -> str:
    """LOW from 750, HIGH up to 600, MEDIUM between."""
    if score >= LOW_FROM:
        return "LOW"
    return "HIGH" if score <= HIGH_UPTO else "MEDIUM"


def probability_of(log_odds: float) -> float:
    """The probability of default of natural log odds of repaying."""
    if log_odds >= 0:
        shrunk = math.exp(-log_odds)
        return shrunk / (1 + shrunk)
    return 1 / (1 + math.exp(log_odds))


def points_of(log_odds: float) -> float:
    """What a part of the log odds is worth in decision points."""
    return DOUBLES * log_odds / math.log(2)


def log_odds_of(decision: float) -> float:
    """Natural log odds of repaying at a decision score."""
    return math.log(ANCHOR_ODDS) + (decision - ANCHOR) * math.log(2) / DOUBLES


def within(probability: float, days: int) -> float:
    """A probability over a year as one over `days`, at a constant rate."""
    return float(1 - (1 - min(max(probability, 0.0), 1 - SURELY)) ** (days / 365))
