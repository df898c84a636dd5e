"""Promises to pay are decided by what comes in; the ladder waits for them, and tells each rung once."""

from datetime import timedelta

import pytest

from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.money import BadAmount
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.lending import operations
from apps.lending.errors import BadTerm, NotLate, Overpaid, PromiseRuns
from apps.lending.models import (
    CollectionCase,
    Loan,
    MoreTime,
    Promise,
)
from apps.lending.operations import collections
from apps.lending.testing import end_days, make_borrower, make_late_loan, make_loan, make_officer
from apps.lending.tests.late import DAY, TEN, case_of, log_of, pay, promise, sound
from apps.notifications.testing import messages_to
from apps.payments.errors import KeyReused
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan():
    return make_late_loan(at=TEN)


@pytest.fixture
def officer():
    return make_officer()


def test_a_promise_is_written_down_once_and_told(loan):
    first, again = promise(loan), promise(loan)
    assert first.pk == again.pk
    with pytest.raises(KeyReused):
        promise(loan, "1001")
    deliver_events()
    assert "lending.promise_made" in [m.code for m in messages_to(str(loan.borrower.phone))]
    with pytest.raises(PromiseRuns):
        promise(loan, key="another")
    assert Promise.objects.count() == 1
    sound()


@pytest.mark.parametrize(
    ("amount", "days", "no"),
    [("0", 1, BadAmount), ("-5", 1, BadAmount), ("9999", 1, Overpaid), ("1000", -1, BadTerm), ("1000", 15, BadTerm)],
)
def test_refuses_a_promise_that_is_none(loan, amount, days, no):
    with pytest.raises(no):
        promise(loan, amount, days)
    assert not Promise.objects.exists()


def test_a_promise_is_of_the_borrower_or_an_officer(loan, officer):
    with pytest.raises(NotAllowed):
        promise(loan, by=make_customer())
    assert promise(loan, by=officer).made_by == officer


def test_nothing_is_promised_where_nothing_is_late():
    loan = make_loan(make_borrower(at=TEN), "5000", at=TEN)
    with pytest.raises(NotLate):
        promise(loan)
    assert not CollectionCase.objects.exists()


def test_one_who_pays_on_the_due_day_may_promise_before_a_case_is_there():
    began = TEN - 30 * DAY
    loan = make_loan(make_borrower(at=began), "5000", at=began)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    row = promise(loan)
    end_days(TEN, TEN + DAY)
    row.case.refresh_from_db()
    assert (row.case.status, log_of(row.case)) == ("OPEN", ["OPENED", "PROMISED"])


@pytest.mark.parametrize(
    ("paid", "status", "received"),
    [([], "BROKEN", 0), ([("400", 1)], "PARTLY_KEPT", 40_000), ([("400", 1), ("600", 3)], "KEPT", 100_000),
     ([("400", 1), ("600", 4)], "PARTLY_KEPT", 40_000)],
)  # fmt: skip
def test_the_end_of_its_day_decides_by_what_came_in(loan, paid, status, received):
    pay(loan, "50", at=TEN)  # before the promise: does not count
    row = promise(loan, "1000", 3)
    for day in range(5):
        for amount, after in paid:
            if after == day:
                pay(loan, amount, at=TEN + day * DAY)
        end_days(TEN + day * DAY, TEN + (day + 1) * DAY)
    row.refresh_from_db()
    assert (row.status, row.received_minor, row.decided_on) == (status, received, local_date(TEN) + 3 * DAY)
    collections.pursue(day=local_date(TEN) + 4 * DAY, at=TEN + 5 * DAY)
    assert log_of(row.case).count(status) == 1
    sound()


def test_a_loan_paid_off_for_less_keeps_its_promise(loan):
    loan.refresh_from_db()
    row = promise(loan, "5200", 5)
    operations.pay_off(loan=loan, key="all", by=loan.borrower, at=TEN)
    end_days(TEN, TEN + DAY)
    row.refresh_from_db()
    row.case.refresh_from_db()
    assert (row.status, row.case.status) == ("KEPT", "CLOSED")


def test_the_ladder_pauses_while_a_promise_runs():
    loan = make_late_loan(days=29, at=TEN)
    promise(loan, days=3)
    end_days(TEN, TEN + 2 * DAY)
    assert case_of(loan).stage == "REMIND"
    end_days(TEN + 2 * DAY, TEN + 4 * DAY)
    assert case_of(loan).stage == "CALL"


@pytest.mark.django_db(transaction=True)
def test_of_promises_at_once_one_is_written_down():
    loan = make_late_loan(at=TEN)
    found = at_once(*(lambda n=n: promise(loan, key=f"tap-{n % 2}") for n in range(4)))
    assert {type(no) for no in refusals(found)} <= {PromiseRuns}
    assert Promise.objects.count() == 1
    assert len({one.pk for one in found if isinstance(one, Promise)}) == 1


def test_an_officer_takes_back_what_was_written_wrongly(loan, officer):
    row = promise(loan, by=officer)
    collections.withdraw_promise(promise=row, by=officer, at=TEN)
    with pytest.raises(IllegalMove):
        collections.withdraw_promise(promise=row, by=officer, at=TEN)
    assert promise(loan, key="again").status == "OPEN"


def codes(loan):
    return [
        m.code for m in messages_to(str(loan.borrower.phone)) if m.code.startswith(("lending.overdue", "lending.prom"))
    ]


def test_each_rung_is_told_once_and_never_outside_the_hours(loan):
    night, sunday = TEN.replace(hour=0), TEN + 5 * DAY
    assert collections.tell_in_the_morning(at=night)["reminded"] == 0
    assert collections.tell_in_the_morning(at=TEN)["reminded"] == 1
    assert collections.tell_in_the_morning(at=TEN + timedelta(hours=1))["reminded"] == 0
    end_days(TEN, sunday)  # seven days late on Saturday's end
    assert collections.tell_in_the_morning(at=sunday)["reminded"] == 0
    assert collections.tell_in_the_morning(at=sunday + DAY)["reminded"] == 1
    assert codes(loan) == ["lending.overdue"] * 2
    assert log_of(case_of(loan)) == ["OPENED", "REMINDED", "REMINDED"]


def test_no_reminder_while_a_promise_runs_but_one_of_the_promise(loan):
    row = promise(loan, days=1)
    assert collections.tell_in_the_morning(at=TEN) == {"reminded": 0, "promises_due": 1, "promises_decided": 0}
    end_days(TEN, TEN + 2 * DAY)
    told = collections.tell_in_the_morning(at=TEN + 2 * DAY)
    assert (told["promises_decided"], told["promises_due"]) == (1, 0)
    assert collections.tell_in_the_morning(at=TEN + 2 * DAY)["promises_decided"] == 0
    assert codes(loan)[:2] == ["lending.promise_due", "lending.promise_broken"]
    assert case_of(loan).next_act == "CALL"
    row.refresh_from_db()
    assert row.told_at == TEN + 2 * DAY


def test_more_time_is_asked_for_once_and_declined_with_words(loan, officer):
    first = collections.ask_more_time(loan=loan, says="The harvest is late", by=loan.borrower, at=TEN)
    assert collections.ask_more_time(loan=loan, says="Please", by=loan.borrower, at=TEN).pk == first.pk
    assert case_of(loan).next_act == "ANSWER"
    with pytest.raises(NotFound):
        collections.ask_more_time(loan=loan, says="x", by=make_customer(), at=TEN)
    with pytest.raises(BadTerm):
        collections.decline_more_time(wish=first, because=" ", by=officer, at=TEN)
    collections.decline_more_time(wish=first, because="You had more time in May", by=officer, at=TEN)
    with pytest.raises(IllegalMove):
        collections.decline_more_time(wish=first, because="Again", by=officer, at=TEN)
    deliver_events()
    assert "lending.more_time_declined" in [m.code for m in messages_to(str(loan.borrower.phone))]
    assert MoreTime.objects.get().answer == "You had more time in May"
