"""When an account sleeps, when its holder is told, when it goes to the Authority; and when a balance is low."""

from datetime import date

ASLEEP_AFTER = 12  # months without the holder's own act
TOLD_AFTER = 24  # months
HANDED_OVER_AFTER = 60  # months: Unclaimed Financial Assets Act, 2011
NOTICE = 30  # days the holder has after the letter
LOW = 20  # per cent of the average
AVERAGE_OF = 90  # days


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def is_low(balance: int, average: int) -> bool:
    """Whether a balance is below a fifth of the average."""
    return average > 0 and balance * 100 < average * LOW
