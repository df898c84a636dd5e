"""What a score looks at, as it stood at one moment: measured by the bank, told by lending, told by the customer."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

THIN_DAYS, THIN_LINES = 90, 5  # younger, or quieter over 90 days, than this is a thin file


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """One customer at one moment. Amounts are minor units of the home currency; None is not known."""

    account_age_days: int = 0
    average_balance_minor: int = 0  # over 90 days, by time
    minimum_balance_6m_minor: int = 0
    lines_90d: int = 0
    income_count_30d: int = 0
    expense_count_30d: int = 0
    money_in_30d_minor: int = 0
    money_in_90d_minor: int = 0
    money_out_90d_minor: int = 0
    deposits_90d: int = 0
    deposit_average_90d_minor: int = 0
    income_regularity: float | None = None  # 1: the same every 30 days; 0: all in one of them
    existing_loans: int = 0
    active_loans: int = 0
    repayment_rate: float | None = None
    missed_payments: int = 0
    worst_days_late: int = 0
    days_late_now: int = 0
    outstanding_minor: int = 0
    bureau_score: int | None = None
    age: int | None = None
    employment_status: str = ""
    declared_income_minor: int | None = None
    kyc_tier: str = "TIER_1"

    @property
    def is_thin(self) -> bool:
        """Too little of an account's life was seen for the statistical model."""
        return self.account_age_days < THIN_DAYS or self.lines_90d < THIN_LINES

    @property
    def has_history(self) -> bool:
        """Whether any deposit in 90 days can carry a limit."""
        return self.deposits_90d > 0

    @property
    def spending_share(self) -> float | None:
        """Money out over money in, 90 days; None without money in."""
        return self.money_out_90d_minor / self.money_in_90d_minor if self.money_in_90d_minor else None

    @property
    def debt_burden(self) -> float | None:
        """What is owed here over a month's money in; None when nothing is known of income and nothing is owed."""
        if not self.outstanding_minor:
            return 0.0
        return self.outstanding_minor / self.monthly_income if self.monthly_income else 99.0

    @property
    def monthly_income(self) -> float:
        """Minor units: money in over 90 days by three."""
        return self.money_in_90d_minor / 3

    def payload(self) -> dict[str, Any]:
        """As JSON, for the record."""
        return asdict(self)


def from_payload(payload: dict[str, Any]) -> Features:
    """What was recorded; members that a later version added are at their defaults."""
    known = {field.name for field in fields(Features)}
    return Features(**{name: value for name, value in payload.items() if name in known})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInputs:
    """What a customer tells of themself. It counts little, and never in place of what the bank has seen."""

    age: int | None = None
    employment_status: str = ""
    monthly_income_minor: int | None = None
    credit_bureau_score: int | None = None  # counts only when staff bring it
    told: dict[str, Any] | None = None  # everything else that was said, kept for the record and not used

    def payload(self) -> dict[str, Any]:
        """As JSON, what was not said left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", {})}


@dataclass(frozen=True, slots=True)
class Seen:
    """Features and the moment they were taken at."""

    features: Features
    as_of: datetime


# What the statistical models see, in this order, with the direction in which each may only move the chance of
# repaying: +1 the more the better, -1 the more the worse, 0 free. Age, name, sex, place and tier are not among them.
CHARACTERISTICS: dict[str, int] = {
    "ACCOUNT_AGE": 1,
    "AVERAGE_BALANCE": 1,
    "MINIMUM_BALANCE": 1,
    "INCOME_COUNT": 1,
    "INCOME_REGULARITY": 1,
    "DEPOSIT_SIZE": 1,
    "SPENDING_SHARE": -1,
    "REPAYMENT_RATE": 1,
    "MISSED_PAYMENTS": -1,
    "DAYS_LATE": -1,
    "ACTIVE_LOANS": -1,
    "DEBT_BURDEN": -1,
    "BUREAU": 1,
}


def vector(features: Features) -> dict[str, float | None]:
    """The characteristics as numbers; None is missing and has a bin of its own."""
    rate, loans = features.repayment_rate, features.existing_loans
    return {
        "ACCOUNT_AGE": float(features.account_age_days),
        "AVERAGE_BALANCE": float(features.average_balance_minor),
        "MINIMUM_BALANCE": float(features.minimum_balance_6m_minor),
        "INCOME_COUNT": float(features.income_count_30d),
        "INCOME_REGULARITY": _number(features.income_regularity),
        "DEPOSIT_SIZE": float(features.deposit_average_90d_minor),
        "SPENDING_SHARE": _number(features.spending_share),
        "REPAYMENT_RATE": _number(rate),
        "MISSED_PAYMENTS": float(features.missed_payments) if loans else None,
        "DAYS_LATE": float(features.worst_days_late) if loans else None,
        "ACTIVE_LOANS": float(features.active_loans),
        "DEBT_BURDEN": _number(features.debt_burden),
        "BUREAU": _number(features.bureau_score),
    }


def _number(value: float | int | Decimal | None) -> float | None:
    return None if value is None else float(value)
