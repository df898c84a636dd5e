"""Any history of a loan: what is paid wrongly and taken back leaves no trace in what is owed, on which day, in which
class. Penalties aside: those of the days in between are not charged (decision 0040), so these terms have none.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from apps.kernel import approvals
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, operations, owed
from apps.lending.errors import BadTerm
from apps.lending.models import Instalment, Loan
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer, terms_of
from apps.lending.tests.test_reverse_repayment import figures, fresh

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
SHARES = st.sampled_from([Decimal("0.002"), Decimal("0.1"), Decimal("0.45"), Decimal("0.97"), Decimal(1)])
RIGHT = st.tuples(st.just("right"), st.integers(0, 25), SHARES)
WRONG = st.tuples(st.just("wrong"), st.integers(0, 45), st.lists(SHARES, min_size=1, max_size=2))
OTHER = st.tuples(st.just("other"), st.integers(0, 40), st.sampled_from(["REAGED", "RESCHEDULED", "MORATORIUM"]))
CODES = {"INSTANT": "5000", "EMERGENCY": "8000", "BUSINESS": "60000"}


def pay(loan, share, at, key):
    """So much of what ending it takes now."""
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    loan = fresh(loan)
    if loan.status != "ACTIVE":
        return None
    all_of_it = owed.payoff(loan, rows, at).total
    amount = all_of_it.times(share) if share < 1 else all_of_it
    return operations.repay(loan=loan, amount=amount, key=key, by=loan.borrower, at=at) if amount else None


def taken_back(row, at):
    asked = operations.ask_reverse_repayment(
        repayment=row, because="MISTAKE", reason="Keyed wrongly", by=make_officer(), at=at
    )
    approvals.approve(approval=asked, by=make_officer(), at=at)


def lived(loan, twin, acts):
    """Both live it, but only `loan` is paid wrongly, and all of that taken back; answers the last day."""
    at = NOON
    for nth, (what, days, how) in enumerate(acts):
        if what == "wrong":
            made = []
            for place, share in enumerate(how):
                row = pay(loan, share, at, f"wrong-{nth}-{place}")
                made += [row] if row else []
                end_days(at, at + timedelta(days=days))
                at += timedelta(days=days)
            for row in reversed(made):
                taken_back(row, at)
                event("taken back")
            end_days(at, at + timedelta(days=1))  # interest of the days in between is counted
            at += timedelta(days=1)
            continue
        end_days(at, at + timedelta(days=days))
        at += timedelta(days=days)
        for one in (loan, twin):
            if what == "right":
                pay(one, how, at, f"right-{nth}")
            elif fresh(one).status == "ACTIVE":
                other(one, how, at)
    end_days(at, at + timedelta(days=1))
    return at


def other(loan, why, at):
    asked = operations.ask_restructure(loan=fresh(loan), why=why, periods=2, reason="Harvest", by=make_officer(), at=at)
    try:
        approvals.approve(approval=asked, by=make_officer(), at=at)
    except BadTerm:  # nothing is left to be spread: of both loans or of none, as their figures will say
        event("no other terms")


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(code=st.sampled_from(sorted(CODES)), acts=st.lists(WRONG | RIGHT | OTHER, min_size=1, max_size=3))
def test_what_is_taken_back_leaves_no_trace(code, acts):
    with transaction.atomic():
        loans = [
            make_loan(
                make_borrower(deposits="90000", at=NOON, kyc_tier="TIER_2"), CODES[code], code=code, at=NOON,
                terms=terms_of(code, penalty_rate=0),
            )
            for _nth in range(2)
        ]  # fmt: skip
        Loan.objects.filter(pk__in=[one.pk for one in loans]).update(auto_debit=False)
        lived(*loans, [("wrong", 3, [Decimal("0.3")]), *acts])
        loan, twin = loans
        assert figures(loan) == figures(twin)
        held = ("held_at_days", "on_time_since")
        assert [getattr(fresh(loan), name) for name in held] == [getattr(fresh(twin), name) for name in held]
        for one in loans:
            movements.account_of(fresh(one))
        assert_books_balance()
        transaction.set_rollback(True)
