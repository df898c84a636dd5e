"""What deposits are offered at: the chart of a day, and what an amount comes to at the end of its term."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.accounts import interest
from apps.accounts.models import DepositChart
from apps.accounts.rules import deposits as rules
from apps.accounts.rules.interest import simple, to_the_nearest
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Chart:
    """The rates of a day."""

    row: DepositChart
    cells: tuple[rules.Cell, ...]

    @property
    def terms(self) -> list[int]:
        """The terms on offer, in months."""
        return sorted({cell.months for cell in self.cells})

    @property
    def amounts(self) -> list[Money]:
        """From which amounts on there is another rate."""
        return [Money(minor, self.row.currency) for minor in sorted({cell.from_minor for cell in self.cells})]

    @property
    def table(self) -> list[tuple[Money, list[Decimal | None]]]:
        """A row for each amount, a rate for each term."""
        return [(one, [rules.rate_for(self.cells, one.minor, months) for months in self.terms]) for one in self.amounts]


@dataclass(frozen=True, slots=True)
class Quote:
    """What an amount comes to: interest for the days of its term, and the tax withheld from it."""

    amount: Money
    rate: Decimal
    matures_on: date
    gross: Money
    tax: Money

    @property
    def total(self) -> Money:
        """What is there at the end."""
        return self.amount + self.gross - self.tax

    @property
    def mark(self) -> str:
        """All that was shown, to agree to: another amount, day or rate has another."""
        return f"{self.amount.minor}/{self.rate}/{self.matures_on}/{self.gross.minor}/{self.tax.minor}"


def chart(currency: str, on: date) -> Chart | None:
    """The chart that holds on a day."""
    rows = DepositChart.objects.filter(currency=currency, valid_from__lte=on).order_by("-valid_from")
    row = rows.prefetch_related("rates").first()
    if row is None:
        return None
    return Chart(row, tuple(rules.Cell(one.months, one.from_minor, one.rate) for one in row.rates.all()))


def quote(amount: Money, months: int, on: date) -> Quote | None:
    """What a deposit of an amount comes to, begun on a day; None when that is not offered."""
    held = chart(amount.currency, on)
    rate = rules.rate_for(held.cells, amount.minor, months) if held else None
    if rate is None:
        return None
    end = rules.after_months(on, months)
    gross = Money(to_the_nearest(simple(amount.minor, rate, (end - on).days)), amount.currency)
    return Quote(amount, rate, end, gross, gross.times(interest.withholding_rate(on)))
