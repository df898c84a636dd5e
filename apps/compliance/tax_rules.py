"""The arithmetic of a tax return and of its due date: numbers in, numbers out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the books say of a tax and a month, in minor units; positive is owed to the revenue authority.

    `late` is what came up for months that had been computed before; `on_account` was paid within the month, before
    there was a return; `credit` is what earlier months gave back or paid beyond what they owed.
    """

    opening: int
    accrued: int
    reversed: int
    late: int
    paid: int
    on_account: int
    credit: int

    @property
    def due(self) -> int:
        """The tax of this return; below nothing when more was given back than came up."""
        return self.accrued - self.reversed + self.late

    @property
    def payable(self) -> int:
        """What is to be paid for it."""
        return max(self.due - self.credit - self.on_account, 0)

    @property
    def credit_left(self) -> int:
        """What the next return may use."""
        return max(self.credit + self.on_account - self.due, 0)

    @property
    def closing(self) -> int:
        """What the tax account says at the month's end, as far as it was counted."""
        return self.opening + self.due - self.paid - self.on_account


def due_by_day(last_on: date, day: int, is_working_day: Callable[[date], bool]) -> date:
    """A day of the next month; the working day before it when banks are closed (Tax Procedures Act 2015, s. 77)."""
    due = (last_on + _DAY).replace(day=day)
    while not is_working_day(due):
        due -= _DAY
    return due


def due_in_working_days(after: date, days: int, is_working_day: Callable[[date], bool]) -> date:
    """So many working days after a day."""
    due = after
    while days:
        due += _DAY
        days -= is_working_day(due)
    return due
