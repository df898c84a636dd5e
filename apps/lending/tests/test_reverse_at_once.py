"""A repayment is taken back while others act on the loan: once, on what is true by then, and never half."""

from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection, transaction

from apps.accounts.testing import balance_of, give, kes
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals, until_waiting
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, operations
from apps.lending.errors import NotEligible, NothingOwed, TakenBack
from apps.lending.models import Loan, LoanEntry, Repayment, RepaymentReversal
from apps.lending.operations import day as steps
from apps.lending.testing import end_days, make_officer
from apps.lending.tests.test_reverse_repayment import NOON, asked, fresh, paid, running

pytestmark = pytest.mark.django_db(transaction=True)


def approving(request, at):
    officer = make_officer()
    return lambda: approvals.approve(approval=Approval.objects.get(pk=request.pk), by=officer, at=at)


def sound(*loans):
    for loan in loans:
        movements.account_of(fresh(loan))
    assert_books_balance()


def test_two_who_allow_it_at_once_take_it_back_once():
    loan, at = running(), NOON + timedelta(days=2)
    row = paid(loan, "2000", at)
    before = Decimal(balance_of(loan.account))
    request = asked(row, at)
    made = at_once(approving(request, at), approving(request, at), approving(request, at))
    assert [type(no) for no in refusals(made)] == [IllegalMove, IllegalMove]
    assert RepaymentReversal.objects.count() == 1
    assert Decimal(balance_of(loan.account)) == before + 2000
    assert LoanEntry.objects.filter(what="REPAYMENT_BACK").exists()
    sound(loan)


def test_two_who_ask_at_once_ask_once():
    loan, at = running(), NOON + timedelta(days=2)
    row = paid(loan, "2000", at)
    officers = [make_officer(), make_officer()]
    made = at_once(*[lambda who=who: asked(row, at, by=who) for who in officers])
    assert [type(no) for no in refusals(made)] == [TakenBack]
    assert Approval.objects.filter(kind="lending.reverse_repayment").count() == 1


@pytest.mark.parametrize("amount", ["2000", "all"])
def test_a_payment_of_the_same_moment_comes_before_it_or_after_it(amount):
    loan, at = running("BUSINESS", "60000"), NOON + timedelta(days=15)
    give(loan.account, "90000", at=NOON)
    row = paid(loan, amount, at)
    before = Decimal(balance_of(loan.account))
    made = at_once(
        approving(asked(row, at), at),
        lambda: operations.repay(loan=fresh(loan), amount=kes("700"), key="right", by=loan.borrower, at=at),
    )
    assert {type(no) for no in refusals(made)} <= {NotEligible, NothingOwed}
    is_back, came = RepaymentReversal.objects.exists(), Repayment.objects.filter(key="right").exists()
    assert is_back or came
    first = Decimal(str(row.amount.amount))
    assert Decimal(balance_of(loan.account)) == before + (first if is_back else 0) - (700 if came else 0)
    assert fresh(loan).paid == (kes("0") if is_back else row.amount) + (kes("700") if came else kes("0"))
    sound(loan)


def test_the_end_of_the_day_of_the_same_moment():
    loan, at = running("BUSINESS", "60000"), NOON + timedelta(days=75)
    twin = running("BUSINESS", "60000")
    row = paid(loan, "9000", NOON + timedelta(days=36))
    end_days(NOON, at)
    day, night = local_date(at), at + timedelta(hours=12)

    def end_of_day():  # whose steps come one after the other
        for step in (steps.accrue, steps.penalise, steps.age, steps.collect):
            step(day=day, at=night)

    assert refusals(at_once(approving(asked(row, at), at), end_of_day)) == []
    sound(loan, twin)
    end_days(at + timedelta(days=1), at + timedelta(days=2))
    assert fresh(loan).principal_left == fresh(twin).principal_left == kes("60000")
    assert fresh(loan).interest_accrued_minor == fresh(twin).interest_accrued_minor
    assert fresh(loan).days_past_due == fresh(twin).days_past_due
    sound(loan, twin)


def test_penalties_are_charged_on_the_rows_that_count_when_they_are_charged():
    loan, at = running("BUSINESS", "60000"), NOON + timedelta(days=75)
    row = paid(loan, "9000", NOON + timedelta(days=36))
    end_days(NOON, at)
    day = local_date(at)

    def penalise():
        steps.penalise(day=day, at=at)
        connection.close()

    charging = Thread(target=penalise)
    with transaction.atomic():
        approving(asked(row, at), at)()
        charging.start()
        until_waiting()
    charging.join()
    sound(loan)


def test_what_was_taken_back_is_not_taken_again_by_who_looked_before():
    loan, at = running(), NOON + timedelta(days=30)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=True)
    end_days(NOON, at)
    row = paid(loan, "5000", at)
    before = Decimal(balance_of(loan.account))

    def collect():
        steps.collect(day=local_date(at), at=at)
        connection.close()

    collecting = Thread(target=collect)
    with transaction.atomic():
        approving(asked(row, at), at)()
        collecting.start()
        until_waiting()
    collecting.join()
    assert Decimal(balance_of(loan.account)) == before + 5000
    assert fresh(loan).paid == kes("0")
    sound(loan)
