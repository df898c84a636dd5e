"""The choices a loan is described by, in the words of the published cases."""

from enum import StrEnum


class Unit(StrEnum):
    """What repayment periods are counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Method(StrEnum):
    """What interest is charged on: what is still owed, or always the original principal."""

    DECLINING = "declining_balance"
    FLAT = "flat"


class Calculation(StrEnum):
    """Interest by whole repayment periods, or by days."""

    SAME_AS_PERIOD = "same_as_period"
    DAILY = "daily"


class DayCount(StrEnum):
    """How days become a share of a year."""

    THIRTY_360 = "30/360"
    ACTUAL_360 = "actual/360"
    ACTUAL_364 = "actual/364"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"


REAL_DAYS = frozenset(DayCount) - {DayCount.THIRTY_360}


class Amortisation(StrEnum):
    """How the principal comes back."""

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"
    FIXED_PRINCIPAL_PCT = "fixed_principal_pct"
    INTEREST_ONLY = "interest_only"
    BULLET = "bullet"


class Sizing(StrEnum):
    """Which days a period has while the instalment is sized; interest itself always uses the real days."""

    PERIOD_DAYS = "period_days"
    MONTH_30 = "month_30"


class Frequency(StrEnum):
    """When a payment off its due date starts to count."""

    DAILY = "daily"
    SAME_AS_PERIOD = "same_as_period"


class Prepayment(StrEnum):
    """What follows principal paid beyond plan."""

    REDUCE_INSTALMENT = "reduce_instalment"
