"""Five factors, weighed 35/20/20/15/10: the scorecard of a thin file, and what the bank falls back to.

Each factor is a share of what it could be, 0 to 1; one half is neutral. The weighed share s gives
decision = 300 + 600 · s, so that a customer in the middle stands at 600, a PD of 10 %.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.credit_scoring.rules import scale
from apps.credit_scoring.rules.features import Features

VERSION = "five-factors/1"
WEIGHTS: dict[str, Decimal] = {
    "PAYMENT_HISTORY": Decimal(35),
    "SAVINGS": Decimal(20),
    "INCOME": Decimal(20),
    "OBLIGATIONS": Decimal(15),
    "TENURE": Decimal(10),
}
LOWEST, SPAN = 300, 600
PLENTY_MINOR = 50_000_00  # a balance that earns the whole of its share
AGE = "AGE"
YOUNG = 21


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a score is what it is: a code, whether it helps (UP) or hurts (DOWN), and decision points."""

    code: str
    direction: str
    points: int

    def payload(self) -> dict[str, str | int]:
        """As JSON."""
        return {"code": self.code, "direction": self.direction, "points": self.points}


@dataclass(frozen=True, slots=True)
class Judged:
    """A probability of default and its reasons, the weightiest first; `without_age` is the decision score had the
    customer's age not been known."""

    probability: float
    reasons: tuple[Reason, ...]
    without_age: int


def judge(features: Features, weights: Mapping[str, Decimal] = WEIGHTS) -> Judged:
    """The five factors as a probability of default. Raises ValueError when the weights are not 100 together."""
    if sum(weights.values()) != 100 or set(weights) != set(WEIGHTS):
        raise ValueError("the five weights make 100")
    shares = shares_of(features)
    worth = {code: SPAN * float(weights[code]) / 100 for code in WEIGHTS}
    decision = LOWEST + sum(worth[code] * shares[code] for code in WEIGHTS)
    reasons = [Reason(code, *_told((shares[code] - 0.5) * worth[code])) for code in WEIGHTS]
    ageless = shares_of(replace(features, age=None))["TENURE"]
    if lost := round((ageless - shares["TENURE"]) * worth["TENURE"]):
        reasons.append(Reason(AGE, "DOWN", -lost))
    without_age = round(decision + (ageless - shares["TENURE"]) * worth["TENURE"])
    probability = scale.probability_of(scale.log_odds_of(decision))
    return Judged(probability, ordered(reasons), without_age)


def _told(points: float) -> tuple[str, int]:
    whole = round(points)
    return ("UP" if whole >= 0 else "DOWN", whole)


def ordered(reasons: list[Reason]) -> tuple[Reason, ...]:
    """The weightiest first; what moves nothing is left out."""
    return tuple(sorted((row for row in reasons if row.points), key=lambda row: (-abs(row.points), row.code)))


def shares_of(features: Features) -> dict[str, float]:
    """Each factor's share, 0 to 1."""
    return {
        "PAYMENT_HISTORY": _payment_history(features),
        "SAVINGS": _savings(features),
        "INCOME": _income(features),
        "OBLIGATIONS": _obligations(features),
        "TENURE": _tenure(features),
    }


def _payment_history(seen: Features) -> float:
    shares = []
    if seen.existing_loans:
        rate = 1.0 if seen.repayment_rate is None else seen.repayment_rate
        lost = 0.15 * seen.missed_payments + min(seen.worst_days_late, 90) / 180 + min(seen.days_late_now, 90) / 90
        shares.append(_share(rate - lost))
    if seen.bureau_score is not None:
        shares.append(_share((seen.bureau_score - 300) / 550))
    return sum(shares) / len(shares) if shares else 0.5


def _savings(seen: Features) -> float:
    return _share(0.2 + 0.4 * _plenty(seen.average_balance_minor) + 0.4 * _plenty(seen.minimum_balance_6m_minor))


def _income(seen: Features) -> float:
    if not seen.money_in_90d_minor:
        return 0.05 if seen.declared_income_minor else 0.0
    regularity = 0.5 if seen.income_regularity is None else seen.income_regularity
    keeps = 0.2 if seen.money_out_90d_minor <= seen.money_in_90d_minor else 0.0
    return _share(0.5 * regularity + 0.1 * min(seen.income_count_30d, 3) + keeps)


def _obligations(seen: Features) -> float:
    if not seen.active_loans:
        return 0.7
    burden = seen.debt_burden or 0.0
    return _share(0.5 - 0.25 * (seen.active_loans - 1) - 0.2 * min(burden, 2))


def _tenure(seen: Features) -> float:
    share = 0.2 + 0.4 * min(seen.account_age_days, 730) / 730
    share += {"TIER_2": 0.15, "TIER_3": 0.2}.get(seen.kyc_tier, 0.0)
    share += 0.1 if seen.employment_status in {"EMPLOYED", "SELF_EMPLOYED"} else 0.0
    share += 0.1 if seen.age is None or seen.age >= YOUNG else 0.0
    return _share(share)


def _plenty(minor: int) -> float:
    """0 for nothing, 1 for plenty, by the logarithm between: the first thousand says more than the fiftieth."""
    return min(math.log1p(max(minor, 0) / 100) / math.log1p(PLENTY_MINOR / 100), 1.0)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
