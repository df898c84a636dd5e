"""What the watch looks for: each rule's figures, their bounds, and the clock of the law.

Two days from suspicion and USD 15,000 of cash: `reference/lending-and-kenya.md` (POCAMLA); a person confirms both
before they are relied on. The cash figure is a parameter of a dated version, never a constant of a query.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

REPORT_WITHIN = timedelta(days=2)
REMIND_BEFORE = timedelta(hours=12)
BUCKET_DAYS = 7  # an alert is one for a rule version, a customer and a week of this count
EACH_ALONE = ("CASH_OVER", "CORRIDOR")  # the law wants these of each customer: never one alert for several
BY_THE_DAY = ("CASH_OVER",)  # the law counts a day's cash, so the second day of a week is a sight of its own
LEVELS = ("LOW", "MEDIUM", "HIGH")


@dataclass(frozen=True, slots=True)
class Figure:
    """A parameter: where it starts, and between what it lies. Amounts are in minor units of KES."""

    first: Any
    least: Decimal
    most: Decimal


def _n(first: Any, least: Any, most: Any) -> Figure:
    return Figure(first, Decimal(str(least)), Decimal(str(most)))


_AMOUNT = (1, 10**13)
FIGURES: dict[str, dict[str, Figure]] = {
    "STRUCTURING": {"days": _n(7, 1, 30), "count": _n(3, 2, 100), "usd": _n(15_000, 1, 10**7)},
    "RAPID_IN_OUT": {"hours": _n(24, 1, 168), "share": _n("0.80", "0.1", 1), "least_minor": _n(15_000_000, *_AMOUNT),
                     "times_usual": _n("1.5", "0.1", 100)},
    "DORMANT_ACTIVE": {"days": _n(180, 30, 1000), "least_minor": _n(5_000_000, *_AMOUNT)},
    "ROUND_TRIP": {"days": _n(14, 1, 60), "share": _n("0.70", "0.1", 1), "hops": _n(4, 2, 6),
                   "least_minor": _n(10_000_000, *_AMOUNT)},
    "ROUND_AMOUNTS": {"days": _n(7, 1, 30), "count": _n(6, 2, 1000), "multiple_minor": _n(1_000_000, *_AMOUNT),
                      "least_minor": _n(5_000_000, *_AMOUNT)},
    "VELOCITY": {"count": _n(15, 2, 10_000), "times_usual": _n("5", 1, 1000)},
    "CASH_OVER": {"usd": _n(15_000, 1, 10**7)},
    "MANY_TO_ONE": {"hours": _n(24, 1, 168), "count": _n(8, 2, 1000), "least_minor": _n(10_000_000, *_AMOUNT)},
    "ONE_TO_MANY": {"hours": _n(24, 1, 168), "count": _n(8, 2, 1000), "least_minor": _n(10_000_000, *_AMOUNT)},
    "DRAIN": {"hours": _n(24, 1, 48), "share": _n("0.90", "0.1", 1), "least_minor": _n(10_000_000, *_AMOUNT),
              "times_usual": _n("2", 1, 1000)},
    "CORRIDOR": {"least_minor": _n(1, *_AMOUNT)},
    "CHAMA_THROUGH": {"days": _n(14, 1, 60), "share": _n("0.70", "0.1", 1), "least_minor": _n(10_000_000, *_AMOUNT),
                      "times_own": _n("3", 1, 1000), "times_usual": _n("2", "0.1", 1000)},
}  # fmt: skip
CODES = tuple(FIGURES)
OUTSIDE = ("FRAUD", "SCREENING", "CHAIN")  # what other watchers saw
SEVERITY = {
    "STRUCTURING": "HIGH", "RAPID_IN_OUT": "HIGH", "DORMANT_ACTIVE": "MEDIUM", "ROUND_TRIP": "HIGH",
    "ROUND_AMOUNTS": "LOW", "VELOCITY": "LOW", "CASH_OVER": "LOW", "MANY_TO_ONE": "HIGH", "ONE_TO_MANY": "MEDIUM",
    "DRAIN": "HIGH", "CORRIDOR": "MEDIUM", "CHAMA_THROUGH": "HIGH", "FRAUD": "MEDIUM", "SCREENING": "HIGH",
    "CHAIN": "HIGH",
}  # fmt: skip
# Countries subject to a call for action by the Financial Action Task Force, as known in 2026; confirmed by a person.
HIGH_RISK = "IR,KP,MM"
_WHOLE = {"days", "hours", "count", "usd", "hops"}


def first_parameters(code: str) -> dict[str, Any]:
    """What a rule starts with."""
    return {name: figure.first for name, figure in FIGURES[code].items()} | (
        {"countries": HIGH_RISK} if code == "CORRIDOR" else {}
    )


def read_parameters(code: str, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of a rule as they are kept, and of each that is wrong its name and bounds. Nothing is guessed."""
    kept: dict[str, Any] = {}
    names = {*FIGURES[code], *(["countries"] if code == "CORRIDOR" else [])}
    wrong = {name: "unknown" for name in given if name not in names}
    if code == "CORRIDOR":
        listed = str(given.get("countries", "")).replace(" ", "").upper()
        if all(len(one) == 2 and one.isalpha() and one.isascii() for one in listed.split(",")):
            kept["countries"] = listed
        else:
            wrong["countries"] = "ISO 3166: KP,IR"
    for name, figure in FIGURES[code].items():
        bounds = f"{figure.least:f}–{figure.most:f}"
        try:
            value = Decimal(str(given[name]))
        except (KeyError, InvalidOperation):
            wrong[name] = bounds
            continue
        whole = name in _WHOLE or name.endswith("_minor")
        if not value.is_finite() or not figure.least <= value <= figure.most or (whole and value != int(value)):
            wrong[name] = bounds
        else:
            kept[name] = int(value) if whole else f"{value:f}"
    return kept, wrong


def look_back(code: str, parameters: dict[str, Any]) -> timedelta:
    """How far before a moment a rule looks."""
    if "hours" in parameters:
        return timedelta(hours=int(parameters["hours"]))
    if code == "DORMANT_ACTIVE":
        return timedelta(days=1)
    return timedelta(days=int(parameters.get("days", 1)))


def due_at(suspicion_at: datetime) -> datetime:
    """When a report must be with the Financial Reporting Centre: two days, whatever days they are."""
    return suspicion_at + REPORT_WITHIN


def is_due_soon(due: datetime, at: datetime) -> bool:
    """Twelve hours or less are left."""
    return due - at <= REMIND_BEFORE
