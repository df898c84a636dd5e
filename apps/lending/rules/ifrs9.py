"""What a lender expects to lose by IFRS 9: the stage of a loan, and probability x loss x exposure, discounted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from enum import IntEnum

from apps.lending.rules.figures import ONE, PRECISION, ZERO


class Stage(IntEnum):
    """12 months' expected loss, lifetime, or lifetime of an impaired loan (IFRS 9, 5.5.3, 5.5.5, appendix A)."""

    PERFORMING = 1
    WORSE = 2
    IMPAIRED = 3


@dataclass(frozen=True, slots=True)
class Backstops:
    """Days past due beyond which a stage is presumed: more than 30 and more than 90 (IFRS 9, 5.5.11 and B5.5.37)."""

    worse_after: int = 30
    impaired_after: int = 90


@dataclass(frozen=True, slots=True)
class Exposure:
    """What would be owed in one month ahead, in minor units, and the probability of failing in just that month."""

    months: int
    minor: int
    probability: Decimal


def stage(
    days_past_due: int,
    *,
    significantly_riskier: bool = False,
    impaired: bool = False,
    backstops: Backstops = Backstops(),
) -> Stage:
    """The stage of a loan. Facts beside lateness only ever make it worse; rebutting a backstop is another table."""
    if days_past_due < 0:
        raise ValueError("days past due are never negative")
    if impaired or days_past_due > backstops.impaired_after:
        return Stage.IMPAIRED
    if significantly_riskier or days_past_due > backstops.worse_after:
        return Stage.WORSE
    return Stage.PERFORMING


def expected_loss(
    at: Stage, exposures: Sequence[Exposure], *, loss_given_default: Decimal, monthly_rate: Decimal
) -> int:
    """PD x LGD x EAD of each month, discounted at the effective rate, in minor units rounded up.

    Stage 1 looks twelve months ahead, the others to the end. Stage 3 has failed: the probability is 1 and the exposure
    is today's, the first given (IFRS 9, B5.5.33). Raises ValueError for shares outside 0 to 1.
    """
    shares = [loss_given_default, *(one.probability for one in exposures)]
    if any(not share.is_finite() or not 0 <= share <= 1 for share in shares):
        raise ValueError("probabilities and losses are shares from 0 to 1")
    if sum(one.probability for one in exposures) > 1:
        raise ValueError("a loan fails once: its probabilities come to 1 at most")
    if monthly_rate < 0 or any(one.minor < 0 or one.months < 0 for one in exposures):
        raise ValueError("rates, exposures and months are never negative")
    with localcontext(prec=PRECISION):
        if at is Stage.IMPAIRED:
            lost = exposures[0].minor * loss_given_default if exposures else ZERO
        else:
            ahead = [one for one in exposures if at is Stage.WORSE or one.months <= 12]
            lost = sum(
                (
                    one.minor * one.probability * loss_given_default / (ONE + monthly_rate) ** one.months
                    for one in ahead
                ),
                ZERO,
            )
        return int(lost.to_integral_value(rounding=ROUND_CEILING))
