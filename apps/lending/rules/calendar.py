"""The days of a loan: due dates, real days, and the share of a year that days are."""

from calendar import isleap, monthrange
from datetime import date, timedelta
from decimal import Decimal

from apps.lending.rules.choices import DayCount, Unit
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.figures import Ratio
from apps.lending.rules.terms import Every, LoanTerms

BASES = {DayCount.ACTUAL_360: 360, DayCount.ACTUAL_364: 364, DayCount.ACTUAL_365: 365, DayCount.THIRTY_360: 360}


def later(day: date, every: Every, times: int) -> date:
    """`times` steps after a day; months and years keep its day of the month, cut to the month's last day.

    Raises BadTerms beyond the calendar (year 9999).
    """
    try:
        if every.unit is Unit.DAY:
            return day + timedelta(days=every.n * times)
        if every.unit is Unit.WEEK:
            return day + timedelta(weeks=every.n * times)
        months = every.n * times * (12 if every.unit is Unit.YEAR else 1)
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError) as no:
        raise BadTerms("beyond_the_calendar", "The loan would end after the year 9999.") from no


def due_date(terms: LoanTerms, k: int) -> date | None:
    """The day instalment `k` is due (0: the start of period 1); None for a loan without dates.

    Each is counted from the start, never from the one before, so that the 31st comes back after a short month.
    """
    if terms.start is None or k == 0:
        return terms.start
    if terms.first_due is not None:
        return later(terms.first_due, terms.repay_every, k - 1)
    return later(terms.start, terms.repay_every, k)


def of_a_year(day_count: DayCount, start: date, end: date) -> Ratio:
    """The share of a year between two days by an `actual/…` count, real days, also in leap years."""
    if day_count is not DayCount.ACTUAL_ACTUAL:
        return Ratio(Decimal((end - start).days), Decimal(BASES[day_count]))
    common, leap = days_by_year(start, end)
    if not leap:
        return Ratio(Decimal(common), Decimal(365))
    if not common:
        return Ratio(Decimal(leap), Decimal(366))
    return Ratio(Decimal(common * 366 + leap * 365), Decimal(365 * 366))


def days_by_year(start: date, end: date) -> tuple[int, int]:
    """The days between two days that fall in common years and in leap years."""
    common = leap = 0
    for year in range(start.year, end.year + 1):
        first, last = max(start, date(year, 1, 1)), end if year == end.year else date(year + 1, 1, 1)
        if isleap(year):
            leap += (last - first).days
        else:
            common += (last - first).days
    return common, leap
