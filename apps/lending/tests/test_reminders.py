"""What falls due is told three times and stands among the alerts once; the round asks no more for many than for few."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.kernel.clock import day_start
from apps.lending import operations, reminders
from apps.lending.models import Instalment
from apps.lending.testing import make_borrower, make_loan
from apps.notifications import operations as notifications
from apps.notifications.models import Alert, Message

pytestmark = pytest.mark.django_db


def first_due(loan):
    return Instalment.objects.filter(loan=loan, is_current=True).order_by("number")[0]


def morning(day):
    return day_start(day) + timedelta(hours=8)


def test_an_instalment_is_told_on_three_days_and_is_one_alert():
    loan = make_loan(make_borrower(), "5000")
    row = first_due(loan)
    notifications.subscribe(user=loan.borrower, type="LOAN_DUE", channel="SMS", is_on=True, at=loan.disbursed_at)
    for ahead in (4, 3, 3, 2, 1, 0):
        reminders.remind(at=morning(row.due_on - timedelta(days=ahead)))
    said = Message.objects.filter(code="lending.due_soon")
    assert said.count() == 3, "the alert sends no message of its own where the reminder goes"
    assert all(one.fallback is None or one.user_id == loan.borrower_id for one in said)
    raised = Alert.objects.get(type="LOAN_DUE")
    assert (raised.user, raised.about) == (loan.borrower, f"loans/{loan.public_id}/due/{row.due_on}")
    assert raised.created_at == morning(row.due_on - timedelta(days=3))
    assert str(row.left) in raised.message


def test_a_paid_instalment_is_not_told():
    row = first_due(make_loan(make_borrower(), "5000"))
    early = row.due_on - timedelta(days=5)
    operations.repay(loan=row.loan, amount=row.left, key="early", by=row.loan.borrower, at=morning(early))
    assert reminders.remind(at=morning(row.due_on - timedelta(days=3))) == 0
    assert not Alert.objects.filter(type="LOAN_DUE").exists()


def test_many_borrowers_cost_no_more_questions_than_one():
    day = first_due(make_loan(make_borrower(), "5000")).due_on - timedelta(days=3)
    with CaptureQueriesContext(connection) as few:
        assert reminders.remind(at=morning(day)) == 1
    Message.objects.filter(code="lending.due_soon").delete()
    Alert.objects.all().delete()
    for _nth in range(4):
        make_loan(make_borrower(), "5000")
    with CaptureQueriesContext(connection) as many:
        assert reminders.remind(at=morning(day)) == 5
    assert len(many) == len(few)
    assert Alert.objects.filter(type="LOAN_DUE").count() == 5
