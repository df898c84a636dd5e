"""A row of a schedule while it is being worked out, before it is frozen into a `Row`."""

from dataclasses import dataclass, field
from decimal import Decimal

from apps.lending.rules.figures import ZERO
from apps.lending.rules.interest import Period, Segment, Step
from apps.lending.rules.schedule import Bears, Row, Spread, Why
from apps.lending.rules.terms import Draw


@dataclass(slots=True)
class Line:
    """One period at work. `steps` is the balance that bears interest, from day to day; `bearing` its latest."""

    k: int
    period: Period
    opening: Decimal
    draws: list[Draw] = field(default_factory=list)
    last: bool = False
    drawn: Decimal = ZERO
    drawn_at_due: Decimal = ZERO
    bearing: Decimal = ZERO
    late: Decimal = ZERO  # of it, unpaid principal of rows that are due
    steps: list[Step] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    bears: Bears = Bears.SEGMENTS
    spread: Spread | None = None
    spread_left: Decimal = ZERO  # of its total, before this row
    part_days: int = 0  # that bore interest when it was paid off inside the period
    accrued: Decimal = ZERO
    brought: Decimal = ZERO
    carried: Decimal = ZERO
    interest: Decimal = ZERO
    principal: Decimal = ZERO
    why: Why = Why.INSTALMENT
    base: Decimal = ZERO
    rows_left: int = 0
    planned: Decimal = ZERO
    early: Decimal = ZERO  # principal paid before the due date
    beyond: Decimal = ZERO  # principal paid beyond what was owed on the due date
    pending: Decimal = ZERO  # paid before the due date, counts on it
    balance: Decimal = ZERO
    paid_principal: Decimal = ZERO
    paid_interest: Decimal = ZERO

    def pay(self, amount: Decimal) -> tuple[Decimal, Decimal]:
        """Take a payment, interest before principal; how much of it was principal, and what is left over."""
        interest = min(amount, self.interest - self.paid_interest)
        principal = min(amount - interest, self.principal - self.paid_principal)
        self.paid_interest += interest
        self.paid_principal += principal
        return principal, amount - interest - principal

    def settle(self) -> None:
        """All of it is paid."""
        self.paid_interest, self.paid_principal = self.interest, self.principal

    @property
    def unpaid(self) -> Decimal:
        """What is still to be paid of the row."""
        return self.principal + self.interest - self.paid_principal - self.paid_interest

    def row(self, n: int, cent: Decimal) -> Row:
        """The row, frozen, its amounts at the currency's places."""
        due, start = self.period.due, self.period.start
        return Row(
            n=n,
            start=start,
            due=due,
            days=self.period.days if due is not None else None,
            opening=self.opening,
            drawn=self.drawn,
            drawn_at_due=self.drawn_at_due,
            accrued=self.accrued,
            brought=self.brought,
            carried=self.carried,
            interest=self.interest.quantize(cent),
            principal=self.principal.quantize(cent),
            fees=ZERO.quantize(cent),
            balance=self.balance.quantize(cent),
            paid=(self.paid_principal + self.paid_interest).quantize(cent),
            paid_principal=self.paid_principal.quantize(cent),
            paid_interest=self.paid_interest.quantize(cent),
            why=self.why,
            base=self.base,
            rows_left=self.rows_left,
            planned=self.planned,
            early=self.early,
            beyond=self.beyond,
            bears=self.bears,
            segments=tuple(self.segments),
            spread=self.spread,
            spread_left=self.spread_left,
            part_days=self.part_days,
        )
