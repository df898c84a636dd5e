"""The course of a loan, period by period: sized, drawn, borne interest for, paid. One pass, in the order of days."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from apps.lending.rules import instalment as sizing
from apps.lending.rules.calendar import due_date
from apps.lending.rules.choices import Amortisation
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.events import Reschedule
from apps.lending.rules.figures import NOTHING, ZERO, Ratio, rounded
from apps.lending.rules.interest import Period, Rates, Segment, Step, changed, segments
from apps.lending.rules.line import Line
from apps.lending.rules.schedule import Bears, Disbursed, Schedule, Spread, Why
from apps.lending.rules.soundness import MOST_ROWS
from apps.lending.rules.spread import spread_over
from apps.lending.rules.terms import Draw, LoanTerms


class Course:
    """The plan of a loan as it unrolls; `payments.Replay` adds what happens on the way."""

    def __init__(self, terms: LoanTerms, reschedules: Sequence[Reschedule] = ()) -> None:
        self.terms = terms
        self.rates = Rates(terms, terms.annual_rate_pct, terms.period_rate_pct)
        self.reschedules = list(reschedules)
        self.lines: list[Line] = []
        self.disbursements: list[Disbursed] = []
        self.balance = ZERO  # planned principal
        self.lent = ZERO  # all that went out: the original principal
        self.pot = ZERO  # interest put off
        self.last = terms.periods
        self.no_principal = set(range(1, terms.grace.principal_periods + 1))
        self.next_draw = 0
        self.instalment: Decimal | None = terms.fixed_instalment
        self.first_instalment: Decimal | None = terms.fixed_instalment
        self.share = ZERO
        self.sized_on, self.sized_rows = ZERO, 0
        self.spread: Spread | None = None
        self.spread_left = ZERO
        self.stale = True  # the instalment is to be sized (again)
        self.paid_off: date | None = None
        self._periods: list[Period] = []

    def run(self) -> Schedule:
        """Every row, to the end. Raises BadTerms when there is none, or something lies behind it."""
        if self.terms.down_payment_pct:
            self._down_payment()
        k = 1
        while not self._ended(k):
            if k > MOST_ROWS:
                raise BadTerms("never_repaid", "The instalment never brings the balance to nothing.")
            self._row(k)
            k += 1
        self._after()
        return Schedule(
            terms=self.terms,
            rows=tuple(line.row(n, self.terms.cent) for n, line in enumerate(self.lines, 1)),
            disbursements=tuple(self.disbursements),
            instalment=self.instalment,
            first_instalment=self.first_instalment,
            periods=k - 1,
        )

    def _ended(self, k: int) -> bool:
        if self.last is not None:
            return k > self.last
        return k > 1 and not self.balance and self.next_draw >= len(self.terms.draws)

    def _after(self) -> None:
        """What stands behind the last row cannot be."""
        if self.next_draw < len(self.terms.draws):
            draw = self.terms.draws[self.next_draw]
            raise BadTerms("contradiction", f"tranches: {draw.on} is not before the last instalment.")
        if self.reschedules:
            raise BadTerms("contradiction", f"from_due: no instalment is due on {self.reschedules[0].from_due}.")

    # ---- one period ----

    def _row(self, k: int) -> None:
        line = self._opened(k)
        self._reschedule(line)
        self._draw(line)
        if self.stale and self.lent and (self.paid_off is None or not self.sized_rows):
            self._size(line)
        self._during(line)
        line.segments, line.accrued, line.bears = self._accrued(line, line.period.due)
        self._ask_interest(line)
        self._ask_principal(line)
        self._on_due(line)
        self.balance -= line.principal
        line.drawn_at_due = self._to_draw_on(line.period.due)
        line.balance = self.balance + line.drawn_at_due
        self.lines.append(line)

    def _during(self, line: Line) -> None:
        """What changes the balance inside the period; of a plan, only money going out."""
        line.steps = self._drawn_steps(line)

    def _on_due(self, line: Line) -> None:
        """What happens on the due date; of a plan, that it is kept."""

    def _opened(self, k: int) -> Line:
        return Line(k, self._period(k), self.balance, last=k == self.last)

    def _period(self, k: int) -> Period:
        while len(self._periods) < k:
            done = len(self._periods)
            start = self._periods[-1].due if done else due_date(self.terms, 0)
            self._periods.append(Period(start, due_date(self.terms, done + 1)))
        return self._periods[k - 1]

    def _reschedule(self, line: Line) -> None:
        """From the instalment due that day: rows added at the end, rows without principal, another rate."""
        for event in [one for one in self.reschedules if one.from_due == line.period.due]:
            self.reschedules.remove(event)
            if self.paid_off is not None:
                raise BadTerms("paid_off", "reschedule: the loan was paid off.")
            if event.annual_rate_pct is not None:
                self.rates = Rates(self.terms, event.annual_rate_pct, None)
            self.no_principal.update(range(line.k, line.k + event.grace_principal_periods))
            if self.last is not None:
                self.last += event.extra_periods + event.grace_principal_periods
                if self.last > MOST_ROWS:
                    raise BadTerms("bad_count", f"reschedule: more than {MOST_ROWS} rows.")
            line.last = line.k == self.last
            self.stale = True

    # ---- money going out ----

    def _draw(self, line: Line) -> None:
        """The draws of this period; one on its due date belongs to the next."""
        draws, due = self.terms.draws, line.period.due
        while self.next_draw < len(draws):
            draw = draws[self.next_draw]
            if draw.on is not None and due is not None and draw.on >= due:
                break
            if self.paid_off is not None:
                raise BadTerms("paid_off", f"tranches: the loan was paid off before {draw.on}.")
            self.next_draw += 1
            line.draws.append(draw)
            line.drawn += draw.amount
            self._lend(draw)
            self.stale = True

    def _lend(self, draw: Draw) -> None:
        self.balance += draw.amount
        self.lent += draw.amount
        self.disbursements.append(Disbursed(draw.on, draw.amount, self.balance))

    def _to_draw_on(self, day: date | None) -> Decimal:
        """What goes out on a due date: it belongs to the next period, and stands in this row's balance."""
        if day is None:
            return ZERO
        return sum((draw.amount for draw in self.terms.draws[self.next_draw :] if draw.on == day), ZERO)

    def _drawn_steps(self, line: Line, draws: Sequence[Draw] | None = None) -> list[Step]:
        """The planned balance (flat: all that went out) through the period, as these draws or all of it change it."""
        bearing = (self.lent if self.terms.flat else self.balance) - line.drawn
        steps: list[Step] = [(line.period.start, bearing)]
        for draw in line.draws if draws is None else draws:
            bearing += draw.amount
            changed(steps, draw.on, bearing)
        return steps

    def _down_payment(self) -> None:
        """A row of its own on the day the money goes out, without interest."""
        terms, first = self.terms, self.terms.draws[0]
        line = Line(0, Period(first.on, first.on), ZERO, why=Why.DOWN_PAYMENT, bears=Bears.NONE, base=first.amount)
        self._lend(first)
        self.next_draw, line.drawn = 1, first.amount
        line.principal = rounded(terms.down_payment_pct * first.amount / 100, terms.unit, terms.rounding)
        line.principal = min(line.principal, first.amount)
        self._on_due(line)
        self.balance -= line.principal
        line.drawn_at_due = self._to_draw_on(first.on)
        line.balance = self.balance + line.drawn_at_due
        self.lines.append(line)

    # ---- sizing ----

    def _size(self, line: Line) -> None:
        """What the rows from here on carry, from the balance now owed."""
        self.stale = False
        terms = self.terms
        rows = [k for k in range(line.k, (self.last or line.k) + 1) if k not in self.no_principal]
        self.sized_on, self.sized_rows = self.balance, len(rows)
        if terms.flat and terms.daily:
            self._spread(line)
        if terms.amortisation is Amortisation.EQUAL_PRINCIPAL or terms.flat:
            self.share = sizing.share(terms, self.balance, len(rows))
        if terms.fixed_instalment is not None or terms.amortisation is not Amortisation.EQUAL_INSTALMENTS:
            return
        if terms.flat:
            self.instalment = None  # the next row that carries one says what it is
            return
        if self.first_instalment is None and len(line.draws) > 1:
            self.first_instalment = self._sized(line, rows, line.draws[:1])
        self.instalment = self._sized(line, rows, line.draws)
        if self.first_instalment is None:
            self.first_instalment = self.instalment

    def _sized(self, line: Line, rows: list[int], draws: list[Draw]) -> Decimal:
        """The equal instalment over these rows, as if only these draws of the period had been made."""
        terms, steps = self.terms, self._drawn_steps(line, draws)
        balance = steps[-1][1]
        first = self._exact(line, steps) if rows[0] == line.k else self._sizing_rate(rows[0]).of(balance)
        later = [self._sizing_rate(k) for k in rows[1:]]
        found = sizing.sized(terms, sizing.annuity(balance, first, later))
        if terms.smoothing:
            return sizing.smoothed(terms, found, len(rows), lambda amount: self._last_total(line, steps, amount))
        return found

    def _exact(self, line: Line, steps: list[Step]) -> Decimal:
        """The first period's interest, unrounded: at its sizing rate, or by its segments when money goes out in it."""
        if self._free(line.k):
            return ZERO
        if len(steps) == 1:
            return self._sizing_rate(line.k).of(steps[0][1])
        ends = [start for start, _ in steps[1:]] + [line.period.due]
        pieces = zip(steps, ends, strict=True)
        return sum((self.rates.between(start, end, line.period).of(held) for (start, held), end in pieces), ZERO)

    def _sizing_rate(self, k: int) -> Ratio:
        return NOTHING if self._free(k) else self.rates.sizing(self._period(k))

    def _last_total(self, line: Line, steps: list[Step], instalment: Decimal) -> Decimal:
        """What the last row would come to, were the rows from here on to carry this instalment."""
        terms, balance, interest = self.terms, steps[-1][1], ZERO
        for k in range(line.k, (self.last or line.k) + 1):
            held = steps if k == line.k else [(self._period(k).start, balance)]
            pieces = [] if self._free(k) else segments(held, self._period(k).due, self._period(k), self.rates)
            interest = sum((piece.interest for piece in pieces), ZERO)
            if k != self.last and k not in self.no_principal:
                balance -= min(max(instalment - interest, ZERO), balance)
        return rounded(balance, terms.cent, terms.rounding) + interest

    # ---- interest ----

    def _free(self, k: int) -> bool:
        return k <= self.terms.grace.interest_free_periods

    def _accrued(self, line: Line, until: date | None) -> tuple[list[Segment], Decimal, Bears]:
        """The period's interest up to a day: its segments, their sum, and how it came about."""
        start = line.period.start
        if self.paid_off is not None and start is not None and self.paid_off <= start:
            return [], ZERO, Bears.NONE
        if self._free(line.k):
            return [], ZERO, Bears.FREE
        if self.terms.flat and self.terms.daily:
            return self._spread_part(line, until)
        pieces = segments(line.steps, until, line.period, self.rates)
        return pieces, sum((piece.interest for piece in pieces), ZERO), Bears.SEGMENTS

    def _spread(self, line: Line) -> None:
        """Flat by days: what the interest of the term left comes to, for its rows to share."""
        bearing = [self._period(k) for k in range(line.k, (self.last or line.k) + 1) if not self._free(k)]
        here = not self._free(line.k)
        steps = self._drawn_steps(line) if here else [(period.start, self.lent) for period in bearing[:1]]
        self.spread = spread_over(self.rates, steps, bearing) if bearing else None
        self.spread_left = self.spread.total if self.spread is not None else ZERO

    def _spread_part(self, line: Line, until: date | None) -> tuple[list[Segment], Decimal, Bears]:
        """The row's share of the term's interest; of a part of its days when it was paid off inside."""
        spread = self.spread
        if spread is None:
            return [], ZERO, Bears.NONE
        line.spread, line.spread_left = spread, self.spread_left
        start, due = line.period.start, line.period.due
        stop = self.paid_off if self.paid_off is not None and (due is None or self.paid_off < due) else until
        amount = self.spread_left if line.last else min(spread.each, self.spread_left)
        if stop != due and start is not None and stop is not None:
            line.part_days = (stop - start).days
            part = Ratio(Decimal(line.part_days), Decimal(line.period.days)).of(amount)
            return [], rounded(part, self.terms.unit, self.terms.rounding), Bears.SPREAD_PART
        return [], amount, Bears.SPREAD_LAST if line.last else Bears.SPREAD

    def _ask_interest(self, line: Line) -> None:
        """Which interest the row asks for: its own, unless grace or a bullet puts it off."""
        terms = self.terms
        if terms.fixed_instalment is not None and self.next_draw >= len(terms.draws):
            line.last = line.k not in self.no_principal and self.balance + line.accrued <= terms.fixed_instalment
        if line.bears in (Bears.SPREAD, Bears.SPREAD_LAST):
            self.spread_left -= line.accrued
        deferred = line.k <= terms.grace.interest_deferred_periods or terms.amortisation is Amortisation.BULLET
        if deferred and not line.last:
            line.carried, line.interest = line.accrued, ZERO
            self.pot += line.accrued
        else:
            line.brought, line.interest = self.pot, line.accrued + self.pot
            self.pot = ZERO

    # ---- principal ----

    def _ask_principal(self, line: Line) -> None:
        line.why, line.planned = self._planned(line)
        line.base, line.rows_left = self.sized_on, self.sized_rows
        if line.why is Why.PERCENT:
            line.base = self.lent
        if line.planned < 0:
            line.why, line.planned = Why.COVERED, ZERO
        elif line.planned > self.balance:
            line.why, line.planned = Why.CLEARED, self.balance
        line.principal = line.planned
        if self.instalment is None and line.why in (Why.SHARE, Why.INSTALMENT, Why.LAST, Why.CLEARED):
            self._name_instalment(line.principal + line.accrued)
        if line.early > line.principal:
            line.why, line.principal, self.stale = Why.AHEAD, line.early, True

    def _name_instalment(self, amount: Decimal) -> None:
        """Flat: the first row that carries an instalment says what it is."""
        if self.terms.flat and self.terms.amortisation is Amortisation.EQUAL_INSTALMENTS:
            self.instalment = amount
            self.first_instalment = amount if self.first_instalment is None else self.first_instalment

    def _planned(self, line: Line) -> tuple[Why, Decimal]:
        """The principal of the row by its terms, before payments change it."""
        terms = self.terms
        if line.last:
            return Why.LAST, self.balance
        if line.k in self.no_principal:
            return Why.GRACE, ZERO
        if line.bears is Bears.NONE and self.instalment is not None:
            return Why.SETTLED, self.instalment
        if terms.amortisation is Amortisation.FIXED_PRINCIPAL_PCT:
            percent = terms.principal_pct_per_period or ZERO
            return Why.PERCENT, rounded(self.lent * percent / 100, terms.unit, terms.rounding)
        if terms.amortisation in (Amortisation.INTEREST_ONLY, Amortisation.BULLET):
            return Why.PUT_OFF, ZERO
        if terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
            return Why.SHARE, self.share
        return self._of_instalment(line)

    def _of_instalment(self, line: Line) -> tuple[Why, Decimal]:
        """Equal instalments: what the interest leaves of it."""
        terms = self.terms
        if not terms.flat or terms.fixed_instalment is not None:
            return Why.INSTALMENT, (self.instalment or ZERO) - line.accrued
        total = self.share + line.accrued
        if terms.instalment_multiple_of is not None:
            total = sizing.sized(terms, total)
        return (Why.SHARE if terms.instalment_multiple_of is None else Why.INSTALMENT), total - line.accrued
