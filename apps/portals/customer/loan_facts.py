"""What pages say of a loan: what is owed and next, what paying off saves, what late days cost, why a figure is so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.models import Decision
from apps.credit_scoring.states import DecisionStatus
from apps.credit_scoring.wording import explain_reasons
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending import owed
from apps.lending.models import Instalment, Loan, Schedule
from apps.lending.rules.explain import Cell, explain
from apps.lending.rules.payments import plan
from apps.lending.rules.reading import Fields
from apps.lending.rules.wire import read_terms
from apps.lending.wording import in_words

CELLS: Mapping[Cell, Promise] = {
    Cell.DAYS: _("Days"),
    Cell.PRINCIPAL: _("Principal"),
    Cell.INTEREST: _("Interest"),
    Cell.TOTAL: _("To pay"),
    Cell.BALANCE: _("Left after it"),
}
Explained = list[tuple[str, list[str]]]  # each cell of a row, by its name
CATCH_UP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Part:
    """A payment of a plan to catch up."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Standing:
    """A running loan as it stands at a moment. `due` is what should have been paid by today, `late` what before it."""

    loan: Loan
    rows: tuple[Instalment, ...]
    due: Money
    late: Money
    next: Instalment | None
    ends: owed.Owed
    saves: Money
    late_day: Money
    late_most: Money
    catch_up: tuple[Part, ...]

    @property
    def overdue(self) -> Money | None:
        """What is due, where paying it is less than paying everything off."""
        return self.due if self.due and self.due < self.ends.total else None

    @property
    def ahead(self) -> Money | None:
        """The next instalment, where paying it is less than paying everything off."""
        if self.due or self.next is None:
            return None
        left: Money = self.next.left
        return left if left < self.ends.total else None

    @property
    def ends_it(self) -> Money:
        """What paying it off takes now."""
        return self.ends.total


def standing_of(loan: Loan, rows: Sequence[Instalment], at: datetime) -> Standing:
    """Everything a page of a running loan says, from the rows of the schedule that counts."""
    currency, today = loan.currency, local_date(at)
    late_rows = [row for row in rows if row.settled_on is None and row.due_on < today]
    unpaid = [row for row in rows if row.settled_on is None]
    coming = next((row for row in unpaid if row.due_on >= today), None)
    late = Money(sum(row.left_minor for row in late_rows), currency)
    ends = owed.payoff(loan, rows, at)
    left = Money(sum(row.left_minor for row in unpaid), currency)
    bears = Money(sum(map(_bears_penalty, late_rows or unpaid[:1])), currency)
    most = loan.principal.times(loan.terms.penalty_cap_rate) - Money(loan.penalties_minor, currency)
    return Standing(
        loan=loan,
        rows=tuple(rows),
        due=owed.due(loan, rows, today),
        late=late,
        next=coming,
        ends=ends,
        saves=max(left - ends.total, Money.zero(currency)),
        late_day=bears.times(loan.terms.penalty_rate),
        late_most=max(most, Money.zero(currency)),
        catch_up=_catch_up(late, today),
    )


def standing_now(loan: Loan, at: datetime) -> Standing:
    """As `standing_of`, its rows looked up."""
    return standing_of(loan, list(Instalment.objects.current().filter(loan=loan).order_by("number")), at)


def _bears_penalty(row: Instalment) -> int:
    """What a late day is counted on: everything that is unpaid but penalties."""
    return row.left_minor - (row.penalty_minor - row.paid_penalty_minor)


def _catch_up(late: Money, today: date) -> tuple[Part, ...]:
    """What is late in two parts, today and in a week."""
    if not late:
        return ()
    first, second = late.split(2)
    return tuple(Part(on, amount) for on, amount in ((today, first), (today + CATCH_UP, second)) if amount)


def worked_out(inputs: Mapping[str, Any], currency: str) -> list[Explained]:
    """How each cell of a plan came about, row by row, in words; nothing for what the engine did not plan."""
    if inputs.get("kind") != "schedule":
        return []
    fields = Fields({name: value for name, value in inputs.items() if name != "kind"}, "inputs")
    schedule = plan(read_terms(fields))
    return [
        [(str(label), in_words(explain(schedule, number, cell), currency)) for cell, label in CELLS.items()]
        for number in range(1, len(schedule.rows) + 1)
    ]


STATUSES: Mapping[str, Promise] = {
    "PAID": _("Paid"),
    "LATE": _("Late"),
    "PARTLY_PAID": _("Partly paid"),
    "DUE": _("To come"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of a schedule with its state as of today, and how its figures came about where that is known."""

    row: Instalment
    status: str
    why: Explained

    @property
    def charges_minor(self) -> int:
        """Fees and penalties asked for on it."""
        return self.row.fee_minor + self.row.penalty_minor

    @property
    def says(self) -> str:
        """Its state, for people."""
        return str(STATUSES[self.status])


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a schedule with its rows."""

    schedule: Schedule
    rows: tuple[Shown, ...]

    @property
    def is_explained(self) -> bool:
        """Whether any of its figures can be worked out again."""
        return any(one.why for one in self.rows)


def versions_of(loan: Loan, at: datetime) -> list[Version]:
    """Every version of a loan's schedule, the one that counts first; two queries."""
    rows: dict[int, list[Instalment]] = {}
    for row in Instalment.objects.filter(loan=loan).order_by("schedule_id", "number"):
        rows.setdefault(row.schedule_id, []).append(row)
    versions = Schedule.objects.filter(loan=loan).order_by("-version")
    return [_version(loan, one, rows.get(one.pk, []), local_date(at)) for one in versions]


def _version(loan: Loan, schedule: Schedule, rows: list[Instalment], today: date) -> Version:
    """What the engine planned stands at the end of a version, after the rows that had fallen due before."""
    why = worked_out(schedule.terms, loan.currency)
    before = len(rows) - len(why)
    return Version(
        schedule,
        tuple(
            Shown(row, row.status(today), why[place - before] if why and place >= before else [])
            for place, row in enumerate(rows)
            if not row.is_cut
        ),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a machine declined, in words, and where the review by a person stands."""

    decision: Decision
    reasons: list[str]

    @property
    def is_open(self) -> bool:
        """A person has not looked yet."""
        return bool(self.decision.status == DecisionStatus.REVIEW_OPEN)

    @property
    def words(self) -> str:
        """Where the review stands."""
        if self.is_open:
            return gettext("A person at KitBank looks at this decision again. You hear from us either way.")
        if self.decision.status == DecisionStatus.UPHELD:
            return gettext("A person looked at it and agreed with the answer.")
        return gettext("A person looked at it and did not agree. Ask again: a loan officer decides.")


def answer_of(decision: Decision | None) -> Answer | None:
    """A decision as its customer reads it."""
    if decision is None:
        return None
    return Answer(decision, explain_reasons(decision.reasons, get_language() or "en"))
