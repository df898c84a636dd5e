"""Which days banks work: the law's holidays and the gazetted ones together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from apps.ledger.models import Holiday
from apps.ledger.rules import calendar


@dataclass(frozen=True, slots=True)
class Calendar:
    """The gazetted days of a stretch of time, read once and asked often."""

    gazetted: Collection[date]

    def is_working_day(self, day: date) -> bool:
        """Whether banks work on `day`."""
        return calendar.is_working_day(day, self.gazetted)

    def working_day_from(self, day: date) -> date:
        """`day`, or the next one on which banks work."""
        return calendar.working_day_from(day, self.gazetted)


def calendar_of(first: date, last: date) -> Calendar:
    """The calendar from `first` to `last` and somewhat beyond, in one query."""
    beyond = last + timedelta(days=calendar.LONGEST_BREAK)
    rows = Holiday.objects.filter(on__range=(first, beyond), withdrawn_at=None)
    return Calendar(frozenset(rows.values_list("on", flat=True)))


@dataclass(frozen=True, slots=True)
class HolidayShown:
    """A day off: `id` and `notice` when it was gazetted, else it is the law's."""

    on: date
    name: str
    id: int | None = None
    notice: str = ""


def holidays(year: int) -> list[HolidayShown]:
    """All public holidays of a year, in order."""
    by_law = [HolidayShown(day, name) for day, name in calendar.public_holidays(year).items()]
    rows = Holiday.objects.filter(on__year=year, withdrawn_at=None)
    return sorted(
        [*by_law, *(HolidayShown(row.on, row.name, row.pk, row.notice) for row in rows)], key=lambda one: one.on
    )
