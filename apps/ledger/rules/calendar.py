"""Days on which banks work in Kenya: Mondays to Fridays that are no public holiday.

Source: Public Holidays Act, Cap. 110, and its schedule as amended (10 October is Mazingira Day since 2024): when a day
falls on a Sunday, the next day that is no holiday is one too. Days that depend on the moon (Idd) or on a notice in the
Gazette cannot be computed and are handed in as `gazetted`.
"""

from collections.abc import Collection
from datetime import date, timedelta

FIXED = {
    (1, 1): "New Year's Day",
    (5, 1): "Labour Day",
    (6, 1): "Madaraka Day",
    (10, 10): "Mazingira Day",
    (10, 20): "Mashujaa Day",
    (12, 12): "Jamhuri Day",
    (12, 25): "Christmas Day",
    (12, 26): "Boxing Day",
}
_DAY = timedelta(days=1)
LONGEST_BREAK = 30  # days; a calendar with more days off in a row than this is wrong


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def public_holidays(year: int) -> dict[date, str]:
    """The holidays of a year that the law itself fixes, by day, those observed on a Monday or later included."""
    sunday = easter(year)
    found = {date(year, month, day): name for (month, day), name in FIXED.items()}
    found |= {sunday - 2 * _DAY: "Good Friday", sunday + _DAY: "Easter Monday"}
    for day in sorted(found):
        if day.weekday() == 6:
            observed = day + _DAY
            while observed in found:
                observed += _DAY
            found[observed] = f"{found[day]} (observed)"
    return found


def is_working_day(day: date, gazetted: Collection[date] = ()) -> bool:
    """Whether banks work on `day`."""
    return day.weekday() < 5 and day not in gazetted and day not in public_holidays(day.year)


def working_day_from(day: date, gazetted: Collection[date] = ()) -> date:
    """`day` itself when banks work, else the next day on which they do. Raises ValueError when none comes."""
    for ahead in range(LONGEST_BREAK + 1):
        if is_working_day(day + ahead * _DAY, gazetted):
            return day + ahead * _DAY
    raise ValueError(f"no working day within {LONGEST_BREAK} days of {day}")
