"""What a live loan shows before it fails: chances by days late, and signals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.credit_scoring.rules import scale

ARREARS_DAYS = 90  # what the rates by days late look ahead
SOON_DAYS = 3
LEAST_INCOME_MINOR = 1_000_00  # less a month is no income that could fall


@dataclass(frozen=True, slots=True)
class Prediction:
    """The chance of failing within the horizon, its band, and whether the lateness or the score says so."""

    probability: Decimal
    band: str
    by_lateness: bool


def predict(yearly: Decimal, days_late: int, rates: Sequence[tuple[int, Decimal]], horizon_days: int) -> Prediction:
    """The higher of what the score says and what loans this late do. `rates`: days from, chance within 90 days, the
    latest first."""
    by_score = scale.within(float(yearly), horizon_days)
    found = next((float(rate) for days, rate in rates if days_late >= days), 0.0)
    by_lateness = 1 - (1 - min(found, 1 - scale.SURELY)) ** (horizon_days / ARREARS_DAYS)
    chance = Decimal(max(by_score, by_lateness)).quantize(Decimal("0.000001"))
    return Prediction(chance, band_of(chance), by_lateness > by_score)


def band_of(chance: Decimal) -> str:
    """LOW under 5 %, MEDIUM under 15 %, HIGH under 40 %, SEVERE from there."""
    for band, below in (("LOW", Decimal("0.05")), ("MEDIUM", Decimal("0.15")), ("HIGH", Decimal("0.40"))):
        if chance < below:
            return band
    return "SEVERE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One live loan and its borrower's money, at a moment. Amounts in minor units of the home currency."""

    days_late: int
    missed: int
    money_in_30d_minor: int
    money_in_90d_minor: int
    available_minor: int
    next_due_minor: int
    days_to_next: int | None
    probability: Decimal | None
    probability_at_decision: Decimal | None


def signals(loan: Watched) -> dict[str, tuple[str, dict[str, int | str]]]:
    """What is noticed, how serious it is, and the figures behind it."""
    found: dict[str, tuple[str, dict[str, int | str]]] = {}
    if loan.days_late > 0:
        severity = "SEVERE" if loan.days_late > 30 else "SERIOUS" if loan.days_late > 7 else "NOTICE"
        found["DAYS_LATE"] = (severity, {"days_late": loan.days_late})
    if loan.missed >= 2:
        found["MISSED_TWO"] = ("SEVERE", {"missed": loan.missed})
    before = (loan.money_in_90d_minor - loan.money_in_30d_minor) // 2
    if before >= LEAST_INCOME_MINOR and loan.money_in_30d_minor * 2 < before:
        found["INCOME_FELL"] = ("SERIOUS", {"was_minor": before, "is_minor": loan.money_in_30d_minor})
    soon = loan.days_to_next is not None and 0 <= loan.days_to_next <= SOON_DAYS
    if soon and loan.available_minor < loan.next_due_minor:
        found["BALANCE_SHORT"] = ("NOTICE", {"due_minor": loan.next_due_minor, "available_minor": loan.available_minor})
    was, now = loan.probability_at_decision, loan.probability
    if was and now and now >= 2 * was:
        found["RISK_ROSE"] = ("SERIOUS", {"was": str(was), "is": str(now)})
    return found
