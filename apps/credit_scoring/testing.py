"""Makers for tests on this floor and above: a lender that says what it is told, and customers with a past."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.testing import give, make_account
from apps.credit_scoring import loan_facts
from apps.credit_scoring.loan_facts import LoanFacts, LoanOutcome, LoanState
from apps.credit_scoring.rules.stress import Position
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.users.models import User
from apps.users.testing import make_customer

GOOD_LOANS = LoanFacts(existing_loans=3, on_time=12)
BAD_LOANS = LoanFacts(
    existing_loans=3, active_loans=1, on_time=2, late=2, missed=6, worst_days_late=80, days_late_now=45,
    outstanding_minor=40_000_00,
)  # fmt: skip


class Lender:
    """A source of loan facts that answers as told, by person and by reference."""

    def __init__(
        self,
        facts: Mapping[int, LoanFacts] | None = None,
        *,
        live: Iterable[LoanState] = (),
        outcomes: Iterable[LoanOutcome] = (),
        positions: Iterable[Position] = (),
    ) -> None:
        self.by_person = dict(facts or {})
        self.states, self.ended, self.book = list(live), list(outcomes), list(positions)

    def facts(self, user_ids: Sequence[int], *, at: datetime) -> Mapping[int, LoanFacts]:
        """What it was told of each."""
        return {user_id: self.by_person[user_id] for user_id in user_ids if user_id in self.by_person}

    def state(self, reference: str, *, at: datetime) -> LoanState | None:
        """One live loan."""
        return next((row for row in self.states if row.reference == reference), None)

    def live(self, *, at: datetime) -> Iterable[LoanState]:
        """All of them."""
        return self.states

    def outcomes(self, *, since: datetime, until: datetime) -> Iterable[LoanOutcome]:
        """Those of the period."""
        return [row for row in self.ended if since <= row.decided_at < until]

    def positions(self, *, at: datetime) -> Iterable[Position]:
        """The book."""
        return self.book


@contextmanager
def lending_by(lender: Lender) -> Iterator[Lender]:
    """`lender` is asked about loans for the length of a test."""
    loan_facts.register_loan_facts(lender)
    try:
        yield lender
    finally:
        loan_facts._sources.remove(lender)


def make_earner(
    *, months: int = 6, salary: str = "40000", spends: str = "30000", at: datetime | None = None, **fields: object
) -> User:
    """A customer whose account was paid `salary` every 30 days and paid `spends` out, up to `at`."""
    end = at or now()
    person = make_customer(**fields)
    opened = end - timedelta(days=30 * months + 2)
    account, shop = make_account(person, at=opened), make_account(at=opened)
    for nth in range(months):
        paid_at = end - timedelta(days=30 * (months - 1 - nth) + 2)
        give(account, salary, at=paid_at)
        spend(account, shop, spends, at=paid_at + timedelta(days=1))
    return person


def make_struggler(*, at: datetime | None = None) -> User:
    """A customer who was paid once, long ago, and has spent all of it: with bad loans, one the model declines."""
    end = at or now()
    person = make_customer()
    opened = end - timedelta(days=130)
    account, shop = make_account(person, at=opened), make_account(at=opened)
    give(account, "6000", at=end - timedelta(days=80))
    for nth in range(5):
        spend(account, shop, "1199", at=end - timedelta(days=70 - 12 * nth))
    return person


def spend(account: Account, payee: Account, amount: str, *, at: datetime) -> None:
    """Pay somebody inside the bank."""
    money = Money.of(amount, account.currency)
    accounts.post(
        reference=f"test/spend/{account.pk}/{payee.pk}/{at.timestamp()}",
        kind="P2P_TRANSFER",
        narrative="Spent by a test",
        movements=[accounts.out_of(account, money, "Spent"), accounts.into(payee, money, "Received")],
        at=at,
    )
