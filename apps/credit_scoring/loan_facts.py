"""What scoring asks about loans. Lending stands above and plugs itself in; without it, no loans are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from apps.credit_scoring.rules.stress import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFacts:
    """A person's loans here as they stood at a moment. Amounts are minor units of the home currency.

    `on_time`, `late` and `missed` count instalments that had fallen due: paid in time, paid late, not paid.
    """

    existing_loans: int = 0  # ever paid out
    active_loans: int = 0
    on_time: int = 0
    late: int = 0
    missed: int = 0
    average_days_late: Decimal = Decimal(0)
    worst_days_late: int = 0
    days_late_now: int = 0
    outstanding_minor: int = 0

    @property
    def due(self) -> int:
        """Instalments that had fallen due."""
        return self.on_time + self.late + self.missed

    @property
    def repayment_rate(self) -> Decimal | None:
        """Paid instalments over due ones, 0 to 1; None before the first falls due."""
        return (Decimal(self.on_time + self.late) / self.due).quantize(Decimal("0.0001")) if self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanState:
    """One live loan at a moment; `next_due_minor` is what its next instalment asks for."""

    reference: str
    user_id: int
    days_late: int
    missed: int
    on_time: int
    outstanding_minor: int
    next_due_minor: int = 0
    next_due_at: datetime | None = None
    probability_at_decision: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanOutcome:
    """How a loan that was decided at `decided_at` went within a year: the label of training and calibration."""

    reference: str
    user_id: int
    decided_at: datetime
    is_bad: bool


class LoanFactsSource(Protocol):
    """Answers about loans as of a moment; nothing that happened after `at` may be in an answer."""

    def facts(self, user_ids: Sequence[int], *, at: datetime) -> Mapping[int, LoanFacts]:
        """Of several people, in one query; who has no loans may be left out."""

    def state(self, reference: str, *, at: datetime) -> LoanState | None:
        """Of one live loan."""

    def live(self, *, at: datetime) -> Iterable[LoanState]:
        """Every live loan, for the daily look."""

    def outcomes(self, *, since: datetime, until: datetime) -> Iterable[LoanOutcome]:
        """Loans decided in a period that are old enough to be judged."""

    def positions(self, *, at: datetime) -> Iterable[Position]:
        """The book, for the stress test."""


class NoLoans:
    """What is known where nobody lends."""

    def facts(self, user_ids: Sequence[int], *, at: datetime) -> Mapping[int, LoanFacts]:
        """None."""
        return {}

    def state(self, reference: str, *, at: datetime) -> LoanState | None:
        """None."""
        return None

    def live(self, *, at: datetime) -> Iterable[LoanState]:
        """None."""
        return ()

    def outcomes(self, *, since: datetime, until: datetime) -> Iterable[LoanOutcome]:
        """None."""
        return ()

    def positions(self, *, at: datetime) -> Iterable[Position]:
        """None."""
        return ()


_sources: list[LoanFactsSource] = [NoLoans()]


def register_loan_facts(source: LoanFactsSource) -> None:
    """Plug the lender in; a later one takes its place. Called in `AppConfig.ready()`."""
    _sources.append(source)


def loan_facts() -> LoanFactsSource:
    """Whom scoring asks."""
    return _sources[-1]
