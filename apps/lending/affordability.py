"""What a borrower can carry: what comes in in a month beside what this loan and the others that run would take of it.

What comes in is what the score saw: money in over the ninety days before it, by three, without
what a customer moved between own accounts. It is shown to who decides and never decides by itself: no Kenyan rule
names a share above which a bank may not lend.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from apps.credit_scoring.models import CreditScore
from apps.credit_scoring.rules.features import from_payload
from apps.kernel.money import Money, total
from apps.lending.models import Instalment, Loan
from apps.lending.planning import PlannedRow

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Affordability:
    """Of one month: what comes in and goes out, what the new loan asks at most, what loans that run ask next."""

    comes_in: Money
    goes_out: Money
    asks: Money
    others: Money

    @property
    def left(self) -> Money:
        """What is left of a usual month after all loans; it may be below zero."""
        return self.comes_in - self.goes_out - self.asks - self.others

    @property
    def share_pct(self) -> int | None:
        """How much of what comes in all loans take; None while nothing comes in."""
        if self.comes_in.minor <= 0:
            return None
        return round(100 * (self.asks + self.others).minor / self.comes_in.minor)


def affordability_of(loan: Loan, rows: Sequence[PlannedRow], score: CreditScore, day: date) -> Affordability | None:
    """What a loan that waits would take, as of the score's own look; None in a currency the score does not count in."""
    if loan.currency != settings.HOME_CURRENCY:
        return None
    seen = from_payload(score.snapshot.measured)
    others = Instalment.objects.current().filter(
        loan__borrower_id=loan.borrower_id, loan__status="ACTIVE", settled_on=None, due_on__lte=day + MONTH
    )
    return Affordability(
        comes_in=Money(seen.money_in_90d_minor // 3, loan.currency),
        goes_out=Money(seen.money_out_90d_minor // 3, loan.currency),
        asks=Money(heaviest_month(rows), loan.currency),
        others=total((row.left for row in others.exclude(loan_id=loan.replaces_id or 0)), loan.currency),
    )


def heaviest_month(rows: Sequence[PlannedRow]) -> int:
    """The most that falls due in one month of the calendar (minor units)."""
    months: Counter[tuple[int, int]] = Counter()
    for row in rows:
        months[row.due_on.year, row.due_on.month] += row.total_minor
    return max(months.values(), default=0)
