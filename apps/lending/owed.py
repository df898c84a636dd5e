"""What is owed on a loan on a day: what is due, and what paying it off takes. Rows in, minor units out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending.models import Instalment, InterestMethod, Loan, LoanStatus


def earned_by(earned_minor: int, starts_on: date, due_on: date, on: date) -> int:
    """Interest of a period earned before `on`: by days, to the nearest cent, halves up. SQL does the same sum."""
    days = (due_on - starts_on).days
    if on >= due_on or days <= 0:
        return earned_minor if on >= due_on else 0
    gone = max((on - starts_on).days, 0)
    return (2 * earned_minor * gone + days) // (2 * days)


@dataclass(frozen=True, slots=True)
class Owed:
    """Minor units owed by what they are for. `is_free`: within the minutes in which a loan costs nothing."""

    currency: str
    principal: int
    interest: int
    charges: int
    is_free: bool = False

    @property
    def total(self) -> Money:
        """All of it."""
        return Money(self.principal + self.interest + self.charges, self.currency)


def counted_on(loan: Loan, rows: Sequence[Instalment], at: datetime) -> date:
    """The day a payment counts from: up to `grace_minutes` after midnight it is in time for what fell due that day."""
    before = local_date(at - timedelta(minutes=loan.terms.grace_minutes))
    return before if any(row.due_on == before and row.settled_on is None for row in rows) else local_date(at)


def is_free(loan: Loan, at: datetime) -> bool:
    """Whether paying it all back now costs nothing."""
    return loan.disbursed_at is not None and at <= loan.disbursed_at + timedelta(minutes=loan.terms.grace_minutes)


def due_rows(rows: Sequence[Instalment], on: date) -> list[Instalment]:
    """Unpaid rows that have fallen due."""
    return [row for row in rows if row.settled_on is None and row.due_on <= on]


def due(loan: Loan, rows: Sequence[Instalment], on: date) -> Money:
    """What should have been paid by a day and was not."""
    return Money(sum(row.left_minor for row in due_rows(rows, on)), loan.currency)


def payoff(loan: Loan, rows: Sequence[Instalment], at: datetime) -> Owed:
    """What ends the loan now. Flat interest is owed in full; other interest for the days gone."""
    if loan.status == LoanStatus.WRITTEN_OFF:
        return Owed(loan.currency, loan.written_off_minor - loan.recovered_minor, 0, 0)
    if is_free(loan, at):
        return Owed(loan.currency, loan.principal_left_minor, 0, 0, is_free=True)
    return Owed(
        loan.currency,
        loan.principal_left_minor,
        interest_owed(loan, rows, counted_on(loan, rows, at)),
        loan.charges_left_minor,
    )


@dataclass(frozen=True, slots=True)
class On:
    """What ending the loan would cost on a day if nothing is paid before, and what that saves on the schedule."""

    on: date
    total: Money
    saves: Money


def payoff_days(at: datetime) -> list[date]:
    """Today, tomorrow and the end of the month, each once."""
    today = local_date(at)
    end = (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return sorted({today, today + timedelta(days=1), end})


def on_days(loan: Loan, rows: Sequence[Instalment], at: datetime, days: Sequence[date]) -> list[On]:
    """Paying off on each of these days: interest to then. Penalties of late days in between would come on top.

    Today is asked for as of now, so a loan within its free minutes costs nothing today alone.
    """
    today, left = local_date(at), sum(row.left_minor for row in rows if row.settled_on is None)
    found = []
    for day in days:
        now = payoff(loan, rows, at) if day == today else None
        later = Owed(loan.currency, loan.principal_left_minor, interest_owed(loan, rows, day), loan.charges_left_minor)
        total = (now or later).total
        found.append(On(day, total, Money(max(left - total.minor, 0), loan.currency)))
    return found


def interest_owed(loan: Loan, rows: Sequence[Instalment], on: date) -> int:
    """Interest to a day, less what was paid; of flat loans all there is to come."""
    paid = sum(row.paid_interest_minor for row in rows)
    if loan.terms.interest_method == InterestMethod.FLAT:
        return sum(row.interest_minor for row in rows) - paid
    return max(sum(earned_by(row.earned_minor, row.starts_on, row.due_on, on) for row in rows) - paid, 0)
