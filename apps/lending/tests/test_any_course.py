"""Whatever happens to a loan, in whatever order: nothing negative, the sub-ledger is the books, and it can be ended."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import balance_of, give, kes
from apps.kernel import approvals
from apps.kernel.money import Money
from apps.ledger.testing import assert_books_balance
from apps.lending import checks, operations, owed
from apps.lending.models import Instalment, Loan, Schedule
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer, terms_of
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 30, 12, tzinfo=ZoneInfo("Africa/Nairobi"))

SHAPES = [
    ("INSTANT", {}),
    ("EMERGENCY", {}),
    ("BUSINESS", {}),
    ("BUSINESS", {"is_daily": False, "amortisation": "EQUAL_PRINCIPAL"}),
    ("BUSINESS", {"amortisation": "INTEREST_ONLY", "day_count": "actual/actual"}),
    ("BUSINESS", {"is_daily": False, "amortisation": "BULLET"}),
    ("BUSINESS", {"is_daily": False, "principal_grace": 2, "interest_deferred": 2}),
    ("BUSINESS", {"is_daily": False, "amortisation": "FIXED_PRINCIPAL_PCT", "principal_pct": Decimal(5)}),
    ("EMERGENCY", {"penalty_rate": Decimal("0.02"), "penalty_cap_rate": Decimal("0.3")}),
]


def rows_of(loan):
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


def assert_sound():
    for name, question in checks._QUESTIONS.items():
        assert checks._findings(question) == [], name


def change_terms(loan, rng, at):
    why = rng.choice(["RESCHEDULED", "MORATORIUM", "REAGED", "NEW_RATE"])
    rate = Decimal("0.012") if why == "NEW_RATE" else None
    maker, checker = make_officer(), make_officer()
    asked = operations.ask_restructure(
        loan=loan, why=why, periods=rng.randint(1, 3), rate=rate, reason="Lost a harvest", by=maker, at=at
    )
    approvals.approve(approval=asked, by=checker, at=at)


@pytest.mark.parametrize("seed", range(1))
@pytest.mark.parametrize(("code", "changes"), SHAPES)
def test_every_course_is_sound_and_ends(code, changes, seed):
    rng = random.Random(f"{code}/{changes}/{seed}")
    account = make_borrower(deposits="60000", at=START, kyc_tier="TIER_2")
    amount = "12345.67" if code != "BUSINESS" else "54321.09"
    loan = make_loan(account, amount, code=code, at=START, terms=terms_of(code, **changes), purpose="OTHER")
    Loan.objects.filter(pk=loan.pk).update(auto_debit=rng.random() < 0.3)
    at = START + timedelta(hours=2)
    for _nth in range(8):
        later = at + timedelta(days=rng.choice([1, 9, 31, 45]))
        end_days(later - timedelta(days=1), later)  # days between that the bank missed are made up for
        at = later
        assert_sound()
        loan.refresh_from_db()
        if loan.status != "ACTIVE":
            break
        if rng.random() < 0.25 and loan.terms.interest_method != "FLAT":
            change_terms(loan, rng, at)
        else:
            most = owed.payoff(loan, rows_of(loan), at).total
            part = Money(rng.randint(1, max(most.minor // 2, 1)), "KES")
            give(account, "20000", at=at)
            operations.repay(loan=loan, amount=part, key=f"{_nth}", by=account.owner, at=at)
        assert_sound()
        loan.refresh_from_db()
    if loan.status == "ACTIVE":
        give(account, "200000", at=at)
        before = Decimal(balance_of(account))
        what = owed.payoff(loan, rows_of(loan), at).total
        operations.pay_off(loan=loan, key="end", by=account.owner, at=at)
        assert before - Decimal(balance_of(account)) == what.amount
    loan.refresh_from_db()
    assert (loan.status, loan.principal_left_minor) == ("PAID", 0)
    end_days(at, at + timedelta(days=1))
    assert_sound()
    assert_books_balance()


def test_keeps_the_schedule_before_beside_the_new_one():
    account = make_borrower(deposits="60000", at=START, kyc_tier="TIER_2")
    loan = make_loan(account, "50000", code="BUSINESS", at=START)
    assert {row.due_on.day for row in rows_of(loan)} == {28}
    before = [(row.due_on, row.total_minor) for row in rows_of(loan)]
    officer, other = make_officer(), make_officer()
    asked = operations.ask_restructure(
        loan=loan, why="RESCHEDULED", periods=6, reason="Lost a harvest", by=officer, at=START
    )
    for no in (officer, make_staff("TELLER"), account.owner):
        with pytest.raises(Exception, match=r"Another|right"):
            approvals.approve(approval=asked, by=no, at=START)
    approvals.approve(approval=asked, by=other, at=START)
    loan.refresh_from_db()
    assert (loan.version, loan.is_restructured, len(rows_of(loan))) == (2, True, 18)
    first = Schedule.objects.get(loan=loan, version=1)
    assert [(row.due_on, row.total_minor) for row in first.instalments.order_by("number")] == before
    assert sum(row.principal_minor for row in rows_of(loan)) == kes("50000").minor
    assert_books_balance()
