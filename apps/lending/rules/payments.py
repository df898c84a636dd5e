"""What happens to a loan on its way: payments early, on the day and late, what would pay it off, and the payoff."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext

from apps.lending.rules import events as happened
from apps.lending.rules.course import Course
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.events import Event, InterestTo, OnADay, Payoff, PayoffQuote, Repayment, Reschedule
from apps.lending.rules.figures import PRECISION, ZERO
from apps.lending.rules.interest import changed
from apps.lending.rules.line import Line
from apps.lending.rules.schedule import Quoted, Schedule, Why
from apps.lending.rules.terms import Draw, LoanTerms


class Replay(Course):
    """A loan's course with its events. After `as_of` everything due is taken as paid; without it, from the start."""

    def __init__(self, terms: LoanTerms, events: Sequence[Event], as_of: date | None) -> None:
        super().__init__(terms, [event for event in events if isinstance(event, Reschedule)])
        self.events: list[OnADay] = [event for event in events if not isinstance(event, Reschedule)]
        self.as_of = as_of
        self.done = 0  # events taken so far
        self.quotes: list[Quoted] = []

    def run(self) -> Schedule:
        """The plan after the events, and the answers to its questions."""
        course = super().run()
        return Schedule(
            terms=course.terms,
            rows=course.rows,
            disbursements=course.disbursements,
            instalment=course.instalment,
            first_instalment=course.first_instalment,
            periods=course.periods,
            quotes=tuple(self.quotes),
        )

    # ---- a period ----

    def _during(self, line: Line) -> None:
        """Draws, payments, questions and the payoff before the due date, day by day."""
        start, due = line.period.start, line.period.due
        flat = self.terms.flat
        drawn_before = (self.lent if flat else self.balance) - line.drawn
        line.late = ZERO if flat or start is None else self._overdue(start)
        line.bearing = drawn_before + line.late
        line.steps = [(start, line.bearing)]
        coming: list[tuple[date | None, Draw | OnADay | None]] = [(draw.on, draw) for draw in line.draws]
        while due is not None and self.done < len(self.events) and self.events[self.done].on < due:
            coming.append((self.events[self.done].on, self.events[self.done]))
            self.done += 1
        if self.as_of is not None and start is not None and due is not None and start < self.as_of < due:
            coming.append((self.as_of, None))
        to_come = line.drawn
        for on, what in sorted(coming, key=_by_day):
            if isinstance(what, Draw):
                to_come -= what.amount
                self._bear_on(line, on, what.amount)
            elif what is None or on is None:
                self._bear_on(line, on, -line.late)
                line.late = ZERO
            else:
                self._happen(line, what, self.balance - to_come)

    def _happen(self, line: Line, event: OnADay, drawn: Decimal) -> None:
        """One event before the due date; `drawn` is the planned balance with what went out until then."""
        if isinstance(event, PayoffQuote):
            self._quote(line, event, drawn)
        elif isinstance(event, Payoff):
            self.paid_off = event.on
            line.bearing = ZERO
            changed(line.steps, event.on, ZERO)
        else:
            self._take_early(line, event, drawn)

    def _bear_on(self, line: Line, on: date | None, more: Decimal) -> None:
        line.bearing += more
        changed(line.steps, on, line.bearing)

    # ---- payments ----

    def _take_early(self, line: Line, event: Repayment, drawn: Decimal) -> None:
        """Overdue rows first; then principal at once when days count, else it waits for the due date."""
        before = self._unpaid_principal()
        rest = self._take_overdue(event.amount)
        less = min(before - self._unpaid_principal(), line.late)
        line.late -= less
        if self.terms.interest_recalculation.by_day:
            early = min(rest, drawn - line.early)
            line.early += early
            rest -= early
            less += ZERO if self.terms.flat else early
        line.pending += rest
        self._bear_on(line, event.on, -less)

    def _take_overdue(self, amount: Decimal) -> Decimal:
        """Pay what is due, oldest first; what is left of the payment."""
        for line in self.lines:
            if not amount:
                break
            _, amount = line.pay(amount)
        return amount

    def _on_due(self, line: Line) -> None:
        """What was paid before counts now, then what is paid on the day itself."""
        line.paid_principal = line.early
        if line.pending:
            self._take(line, line.pending, line.period.due)
        while self.done < len(self.events) and self.events[self.done].on == line.period.due:
            event = self.events[self.done]
            self.done += 1
            if isinstance(event, PayoffQuote):
                self._quote_at_due(event, [*self.lines, line], self.balance - line.principal)
            elif isinstance(event, Payoff):
                self.paid_off = event.on
            else:
                self._take(line, self._take_overdue(event.amount), event.on)

    def _take(self, line: Line, amount: Decimal, on: date | None) -> None:
        """The row's interest, its principal; more than owed raises its principal, and the rest is sized again."""
        _, beyond = line.pay(amount)
        if not beyond:
            return
        if beyond > self.balance - line.principal:
            raise BadTerms("more_than_owed", f"The payments until {on} come to more than was owed.")
        line.principal += beyond
        line.beyond += beyond
        line.paid_principal += beyond
        line.why, self.stale = Why.BEYOND, self.terms.fixed_instalment is None

    def _after(self) -> None:
        """After the last row nothing bears interest any more; what is unpaid can still be paid."""
        super()._after()
        for event in self.events[self.done :]:
            if isinstance(event, PayoffQuote):
                self._quote_at_due(event, self.lines, ZERO)
            elif isinstance(event, Payoff):
                self.paid_off = event.on
            elif self._take_overdue(event.amount):
                raise BadTerms("more_than_owed", f"The payments until {event.on} come to more than was owed.")
        if self.paid_off is not None:
            for line in self.lines:
                line.settle()

    # ---- what is owed ----

    def _counts(self, on: date) -> bool:
        """Whether a row that is due and unpaid counts as such on a day."""
        return self.as_of is not None and on <= self.as_of

    def _overdue(self, on: date) -> Decimal:
        """Principal of due rows that is unpaid and bears interest on a day."""
        if self.as_of is None or on >= self.as_of:
            return ZERO
        return self._unpaid_principal()

    def _unpaid_principal(self) -> Decimal:
        if not self.terms.interest_recalculation.by_day or self.paid_off is not None:
            return ZERO
        return sum((line.principal - line.paid_principal for line in self.lines), ZERO)

    def _quote(self, line: Line, event: PayoffQuote, drawn: Decimal) -> None:
        """Inside a period: what is owed, with interest to that day or to the period's end."""
        if self.paid_off is not None:
            self.quotes.append(self._quoted(event, ZERO, ZERO))
            return
        until = event.on if event.interest_to is InterestTo.PAYOFF_DATE else line.period.due
        _, interest, _ = self._accrued(line, until)
        due = self.lines if self._counts(event.on) else []
        interest += self.pot + sum((one.interest - one.paid_interest for one in due), ZERO)
        principal = drawn - line.early + sum((one.principal - one.paid_principal for one in due), ZERO)
        self.quotes.append(self._quoted(event, principal + interest - line.pending, interest))

    def _quote_at_due(self, event: PayoffQuote, lines: Sequence[Line], later: Decimal) -> None:
        """On a due date or after the last: `later` is the principal of the rows that are not due yet."""
        if self.paid_off is not None:
            self.quotes.append(self._quoted(event, ZERO, ZERO))
            return
        due = lines if self._counts(event.on) else [one for one in lines if one.period.due == event.on]
        interest = self.pot + sum((one.interest - one.paid_interest for one in due), ZERO)
        amount = later + self.pot + sum((one.unpaid for one in due), ZERO)
        self.quotes.append(self._quoted(event, amount, interest))

    def _quoted(self, event: PayoffQuote, amount: Decimal, interest: Decimal) -> Quoted:
        cent = self.terms.cent
        return Quoted(event.on, event.interest_to.value, amount.quantize(cent), interest.quantize(cent))


def _by_day(coming: tuple[date | None, Draw | OnADay | None]) -> tuple[date, bool]:
    """Draws of a day before its payments; otherwise as written."""
    on, what = coming
    return on or date.min, not isinstance(what, Draw)


def plan(terms: LoanTerms) -> Schedule:
    """The schedule of a loan as agreed. Raises BadTerms where it cannot be computed."""
    with localcontext(prec=PRECISION):
        return Course(terms).run()


def replay(terms: LoanTerms, events: Sequence[Event] = (), as_of: date | None = None) -> Schedule:
    """The schedule after what happened, looked at on a day. Raises BadTerms for what cannot have happened.

    Without `as_of` nothing counts as overdue; with it, principal that is due and unpaid bears interest up to that
    day when the terms recalculate by day.
    """
    happened.check(terms, events)
    with localcontext(prec=PRECISION):
        return Replay(terms, events, as_of).run()
