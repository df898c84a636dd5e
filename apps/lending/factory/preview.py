"""A loan by terms nobody has agreed to yet, beside the same loan by the terms of today; nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.lending import offers, planning, wording
from apps.lending.models import ProductTerms
from apps.lending.rules.explain import Cell, explain
from apps.lending.rules.payments import plan
from apps.lending.rules.reading import Fields
from apps.lending.rules.wire import read_terms

EXPLAINED = (Cell.PRINCIPAL, Cell.INTEREST, Cell.TOTAL, Cell.BALANCE)


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """One instalment, and for each of its figures the sentences that say how it came about."""

    row: planning.PlannedRow
    currency: str
    why: dict[str, list[str]]

    def _money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def cells(self) -> list[tuple[Money, list[str]]]:
        """Principal, interest, total and balance, each with its why."""
        row = self.row
        minor = (row.principal_minor, row.interest_minor, row.total_minor, row.balance_minor)
        return [(self._money(one), self.why[cell]) for one, cell in zip(minor, EXPLAINED, strict=True)]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure by the new terms and by those of today."""

    label: str
    new: str
    today: str

    @property
    def differs(self) -> bool:
        """Whether it changes."""
        return self.new != self.today


@dataclass(frozen=True, slots=True)
class Preview:
    """The offer, its rows explained, the same loan today (None with why not), and what differs."""

    offer: offers.Offer
    rows: Sequence[ExplainedRow]
    today: offers.Offer | None
    not_today: str
    differences: Sequence[Difference]


def preview(*, terms: ProductTerms, today: ProductTerms | None, amount: Money, periods: int, on: date) -> Preview:
    """Work both out, as if paid out on `on`. Raises BadAmount, CurrencyMismatch, BadTerm for the new terms."""
    shown = offers.offer(terms=terms, principal=amount, periods=periods, on=on)
    held, not_today = None, ""
    if today is not None:
        try:
            held = offers.offer(terms=today, principal=amount, periods=periods, on=on)
        except DomainError as no:
            not_today = str(no)
    return Preview(shown, explained(shown.plan), held, not_today, _differences(shown, held))


def explained(made: planning.Plan) -> list[ExplainedRow]:
    """Every figure of a schedule with its sentences."""
    inputs = Fields({name: value for name, value in made.inputs.items() if name != "kind"}, "inputs")
    schedule = plan(read_terms(inputs))
    found = []
    for nth, row in enumerate(made.rows, start=1):
        why = {cell.value: wording.in_words(explain(schedule, nth, cell), made.currency) for cell in EXPLAINED}
        found.append(ExplainedRow(row, made.currency, why))
    return found


def _differences(new: offers.Offer, today: offers.Offer | None) -> list[Difference]:
    def said(offer: offers.Offer) -> list[tuple[str, str]]:
        return [
            (_("First instalment with principal"), str(offer.instalment)),
            (_("Interest"), str(offer.plan.interest)),
            (_("Fees with duty"), str(offer.charges_total)),
            (_("Kept by the borrower"), str(offer.received)),
            (_("Paid back in all"), str(offer.repaid)),
            (_("Total cost"), str(offer.cost)),
            (_("APR (EU method)"), f"{offer.apr_pct} %"),
            (_("Instalments"), str(len(offer.plan.rows))),
            (_("Last due"), date_format(offer.plan.rows[-1].due_on)),
        ]

    old = [words for _label, words in said(today)] if today else [""] * 9
    return [Difference(label, words, was) for (label, words), was in zip(said(new), old, strict=True)]
