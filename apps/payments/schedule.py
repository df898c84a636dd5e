"""When a standing order is due: dates in, dates out; no clock, no rows, no money."""

from dataclasses import dataclass
from datetime import date, timedelta

GRACE = timedelta(days=3)  # how late an occurrence that the bank missed is still paid
_STEPS = {"DAILY": 1, "WEEKLY": 7}
LATEST = date(2199, 12, 31)


class BadSchedule(ValueError):
    """The parts do not make a schedule; the message says why."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Once on a date, or every day, week or month from it on; `times` occurrences, or up to `until`, or for ever.

    `day` (1 to 31) is for months alone: in a shorter month it is the last day. An occurrence that is skipped, missed or
    failed counts as one of `times`: the last date never moves.
    """

    cadence: str
    starts_on: date
    day: int | None = None
    times: int | None = None
    until: date | None = None

    def due_on(self, nth: int) -> date | None:
        """The date of the occurrence `nth` (from 0), before days off are looked at; None when it has ended by then."""
        if nth < 0 or (self.times is not None and nth >= self.times) or (self.cadence == "ONCE" and nth > 0):
            return None
        due = self._date(nth)
        return None if due is None or (self.until is not None and due > self.until) else due

    def _date(self, nth: int) -> date | None:
        """None after `LATEST`: looked at first, because the calendar of a computer ends as well."""
        if self.cadence != "MONTHLY":
            days = nth * _STEPS.get(self.cadence, 0)
            return None if days > (LATEST - self.starts_on).days else self.starts_on + timedelta(days=days)
        day = self.day or self.starts_on.day
        first = 0 if in_month(self.starts_on.year, self.starts_on.month, day) >= self.starts_on else 1
        years, month = divmod(self.starts_on.month - 1 + first + nth, 12)
        year = self.starts_on.year + years
        return None if year > LATEST.year else in_month(year, month + 1, day)

    def checked(self) -> "Schedule":
        """Itself when it holds together. Raises BadSchedule."""
        if self.day is not None and not (self.cadence == "MONTHLY" and 1 <= self.day <= 31):
            raise BadSchedule("The day of the month is 1 to 31, and only for a monthly order.")
        if self.times is not None and self.until is not None:
            raise BadSchedule("Choose either how many times or a last date, not both.")
        if self.cadence == "ONCE" and (self.times is not None or self.until is not None):
            raise BadSchedule("A payment on one date ends by itself.")
        if self.due_on(0) is None:
            raise BadSchedule("It would end before the first payment.")
        return self


def in_month(year: int, month: int, day: int) -> date:
    """Day `day` of a month, or its last day when the month is shorter."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def is_too_late(*, pay_from: date, following: date | None, today: date) -> bool:
    """Whether an occurrence that should have been paid from `pay_from` on is not paid any more.

    After three days the payer has found another way, and paying then would pay twice; once the `following` one is due
    as well, only that one is paid, so that a day on which the bank was down never takes two payments at once.
    """
    return today > pay_from + GRACE or (following is not None and following <= today)
