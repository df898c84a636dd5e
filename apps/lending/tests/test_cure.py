"""Other terms do not make a late loan a good one: it keeps its class until it was paid on time for long enough."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import give, kes
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, queries
from apps.lending.models import AgeingRule, ClassMove, Instalment, Loan
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer, signed, terms_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
BAD = NOON + timedelta(days=130)
CURE = 180


@pytest.fixture
def loan():
    """Of twelve months, a hundred days late."""
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    made = make_loan(account, "60000", code="BUSINESS", at=NOON)
    Loan.objects.filter(pk=made.pk).update(auto_debit=False)
    end_days(BAD - timedelta(days=1), BAD)
    return fresh(made)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def spread(loan, at, why="REAGED", periods=12):
    asked = operations.ask_restructure(loan=loan, why=why, periods=periods, reason="Shop burnt", by=officer(), at=at)
    approvals.approve(approval=asked, by=officer(), at=at)
    return fresh(loan)


def officer():
    return make_officer()


def pay_on_time(loan, first, days):
    """Each instalment on its day, for so many days."""
    for nth in range(days):
        at = first + timedelta(days=nth)
        due = [row for row in Instalment.objects.unpaid().filter(loan=loan) if row.due_on <= local_date(at)]
        if due:
            owes = kes("0") + sum((row.left for row in due[1:]), due[0].left)
            give(loan.account, f"{owes.amount}", at=at)
            operations.repay(loan=fresh(loan), amount=owes, key=f"d{nth}", by=loan.borrower, at=at)
        end_days(at, at + timedelta(days=1))


def standing(loan):
    loan = fresh(loan)
    return loan.days_past_due, loan.loss_class, loan.stage, loan.is_non_accrual


def test_a_bad_loan_with_other_terms_is_bad_until_it_is_cured(loan):
    assert standing(loan) == (loan.days_past_due, "SUBSTANDARD", 3, True)
    assert loan.days_past_due > 90
    spread(loan, BAD)
    pay_on_time(loan, BAD, CURE)
    assert standing(loan) == (0, "SUBSTANDARD", 3, True)
    cured = BAD + timedelta(days=CURE)
    assert {(one.before, one.after) for one in queries.tomorrow(local_date(cured))} == {("SUBSTANDARD", "NORMAL")}
    pay_on_time(loan, cured, 1)
    assert standing(loan) == (0, "NORMAL", 1, False)
    held = fresh(loan)
    assert (held.held_at_days, held.on_time_since) == (0, None)
    move = ClassMove.objects.filter(loan=loan).latest("day")
    assert (move.before, move.after, move.day) == ("SUBSTANDARD", "NORMAL", local_date(cured))
    assert_books_balance()


def test_nothing_moves_tomorrow_while_a_class_is_held(loan):
    spread(loan, BAD)
    end_days(BAD, BAD + timedelta(days=1))
    assert queries.tomorrow(local_date(BAD) + timedelta(days=1)) == []
    assert queries.moving(local_date(BAD) + timedelta(days=1), "SUBSTANDARD", "NORMAL") == []


def test_a_day_late_begins_the_cure_anew(loan):
    spread(loan, BAD)
    pay_on_time(loan, BAD, 20)
    late = Instalment.objects.unpaid().filter(loan=loan).earliest("due_on").due_on
    missed = BAD + timedelta(days=(late - local_date(BAD)).days + 1)
    end_days(missed, missed + timedelta(days=1))
    held = fresh(loan)
    assert (held.days_past_due, held.loss_class) == (1, "SUBSTANDARD")
    assert held.on_time_since == local_date(missed) + timedelta(days=1)
    pay_on_time(loan, missed + timedelta(days=1), CURE)
    assert standing(loan)[1:] == ("SUBSTANDARD", 3, True)
    pay_on_time(loan, missed + timedelta(days=1 + CURE), 1)
    assert standing(loan)[1:] == ("NORMAL", 1, False)
    assert_books_balance()


def test_other_terms_twice_are_classed_by_the_worst(loan):
    spread(loan, BAD)
    end_days(BAD, BAD + timedelta(days=1))
    spread(loan, BAD + timedelta(days=3), why="MORATORIUM", periods=1)
    held = fresh(loan)
    assert (held.held_at_days, held.on_time_since) == (loan.days_past_due, local_date(BAD) + timedelta(days=3))


def test_a_loan_that_is_not_late_is_classed_as_before(loan):
    other = make_loan(make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2"), "60000", code="BUSINESS", at=NOON)
    spread(other, NOON + timedelta(days=1), why="RESCHEDULED", periods=3)
    assert (fresh(other).held_at_days, fresh(other).on_time_since) == (0, None)


def test_a_new_loan_in_place_of_a_bad_one_is_bad_too(loan):
    asked = operations.ask_refinance(
        loan=loan, terms=terms_of("BUSINESS"), periods=12, reason="Shop burnt", by=officer(), at=BAD
    )
    approvals.approve(approval=asked, by=officer(), at=BAD)
    made = signed(Loan.objects.shown().get(replaces=loan), at=BAD)
    operations.disburse(loan=made, by=officer(), at=BAD)
    end_days(BAD, BAD + timedelta(days=1))
    assert standing(made) == (0, "SUBSTANDARD", 3, True)
    assert fresh(made).on_time_since == local_date(BAD)
    assert_books_balance()


def test_the_rule_of_a_day_is_the_one_in_force(loan):
    tomorrow = local_date(BAD) + timedelta(days=1)
    AgeingRule.objects.create(
        stage_2_after=5, non_performing_after=150, cure_days=90, valid_from=tomorrow, source="Board, 2 July 2026"
    )
    end_days(BAD, BAD + timedelta(days=1))
    assert fresh(loan).stage == 3
    end_days(BAD + timedelta(days=1), BAD + timedelta(days=2))
    assert fresh(loan).stage == 2
