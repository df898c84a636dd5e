"""Guarantors called, and more time given: two people, notice before, the books after."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, kes
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.lending import checks, operations
from apps.lending.errors import AboveOwnLimit, BadTerm, TooEarly
from apps.lending.models import CollectionCase, Guarantee, GuarantorCall, Loan, MoreTime, Repayment
from apps.lending.operations import collections
from apps.lending.testing import end_days, make_guaranteed_loan, make_late_loan, make_officer
from apps.notifications.testing import messages_to
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 1, 5, 10, tzinfo=ZoneInfo("Africa/Nairobi"))
DAY = timedelta(days=1)


class Circle:
    """A loan of 10,000 that two friends stand for with 3,750 each, late by so many days."""

    def __init__(self, late=100):
        self.loan = make_guaranteed_loan(at=BEGAN)
        first = self.loan.first_due_on
        self.at = BEGAN + ((first - local_date(BEGAN)).days + late + 1) * DAY
        while self.at.weekday() > 3:
            self.at += DAY
        end_days(self.at - DAY, self.at)
        self.officer, self.manager = make_staff("LOAN_OFFICER"), make_officer()
        self.refresh()

    def refresh(self):
        self.loan = Loan.objects.shown().get(pk=self.loan.pk)
        self.case = CollectionCase.objects.shown().get(loan=self.loan, status="OPEN")
        self.held = list(Guarantee.objects.filter(loan=self.loan).select_related("guarantor", "account").order_by("pk"))

    def tell(self):
        for row in self.held:
            collections.send_letter(case=self.case, kind="GUARANTOR", person=row.guarantor, by=self.officer, at=self.at)
        self.at += 14 * DAY
        end_days(self.at - DAY, self.at)
        self.refresh()

    def ask(self):
        return collections.ask_call_guarantors(case=self.case, reason="No word", by=self.officer, at=self.at)


@pytest.fixture
def circle():
    return Circle()


def test_takes_guarantors_savings_within_the_second_persons_own_limit(circle):
    circle.tell()
    asked = circle.ask()
    with pytest.raises(AboveOwnLimit):
        approvals.approve(approval=asked, by=make_officer("7000"), at=circle.at)
    assert not Repayment.objects.filter(loan=circle.loan, source="GUARANTOR").exists()


def sound():
    for question in checks._QUESTIONS.values():
        assert checks._findings(question) == []
    assert_books_balance()


def nothing_moved(circle):
    assert not Repayment.objects.exists()
    assert {row.status for row in Guarantee.objects.all()} == {"GIVEN"}
    assert [balance_of(row.account) for row in circle.held] == ["90000.00", "90000.00"]
    sound()


def test_they_are_told_only_once_the_loan_is_late_enough():
    circle = Circle(late=40)
    with pytest.raises(TooEarly):
        collections.send_letter(
            case=circle.case, kind="GUARANTOR", person=circle.held[0].guarantor, by=circle.officer, at=circle.at
        )
    with pytest.raises(TooEarly):
        circle.ask()
    nothing_moved(circle)


def test_they_are_told_days_before(circle):
    with pytest.raises(TooEarly):
        circle.ask()
    with pytest.raises(BadTerm):
        collections.send_letter(
            case=circle.case, kind="GUARANTOR", person=circle.loan.borrower, by=circle.officer, at=circle.at
        )
    collections.send_letter(
        case=circle.case, kind="GUARANTOR", person=circle.held[0].guarantor, by=circle.officer, at=circle.at
    )
    circle.at += 20 * DAY
    with pytest.raises(TooEarly):  # the other one was not told
        circle.ask()
    nothing_moved(circle)
    deliver_events()
    said = [m for m in messages_to(str(circle.held[0].guarantor.phone)) if m.code == "lending.guarantor_notice"]
    assert "3,750.00" in said[0].body


def test_they_pay_what_they_stand_for_by_two_people(circle):
    circle.tell()
    asked = circle.ask()
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=circle.officer, at=circle.at)
    with pytest.raises(IllegalMove):
        circle.ask()
    nothing_moved(circle)
    held = [row.held_minor for row in circle.held]
    approvals.approve(approval=asked, by=circle.manager, at=circle.at)
    paid = list(Repayment.objects.order_by("pk"))
    assert [(row.amount_minor, row.source) for row in paid] == [(minor, "GUARANTOR") for minor in held]
    assert [balance_of(row.account) for row in circle.held] == ["86250.00", "86250.00"]
    assert {(row.status, row.held_minor) for row in Guarantee.objects.all()} == {("CALLED", 0)}
    assert [holding(row.account).held.minor for row in circle.held] == [0, 0]
    call = GuarantorCall.objects.get()
    assert (call.status, call.taken_minor) == ("TAKEN", sum(held))
    deliver_events()
    for row in circle.held:
        assert "lending.guarantor_called" in [m.code for m in messages_to(str(row.guarantor.phone))]
    with pytest.raises(IllegalMove):
        approvals.approve(approval=asked, by=make_officer(), at=circle.at)
    assert Repayment.objects.count() == 2
    sound()


def test_once_the_borrower_caught_up_nobody_is_called(circle):
    circle.tell()
    operations.repay(loan=circle.loan, amount=kes("8000"), key="most", by=circle.loan.borrower, at=circle.at)
    with pytest.raises(TooEarly):
        circle.ask()
    assert {row.source for row in Repayment.objects.all()} == {"WALLET"}
    sound()


def test_they_pay_no_more_than_is_still_held():
    circle = Circle(late=200)
    circle.tell()
    operations.repay(loan=circle.loan, amount=kes("1500"), key="some", by=circle.loan.borrower, at=circle.at)
    deliver_events()
    circle.refresh()
    held = sum(row.held_minor for row in circle.held)
    assert 0 < held < 750_000
    approvals.approve(approval=circle.ask(), by=circle.manager, at=circle.at)
    assert GuarantorCall.objects.get().taken_minor == held
    sound()


def test_a_guarantor_never_works_on_the_loan(circle):
    row = circle.held[0]
    Guarantee.objects.filter(pk=row.pk).update(guarantor=circle.officer)
    with pytest.raises(NotAllowed, match="stand for"):
        collections.claim(case=circle.case, by=circle.officer, at=circle.at)


def test_sent_back_it_may_be_asked_again(circle):
    circle.tell()
    approvals.send_back(approval=circle.ask(), by=circle.manager, at=circle.at, reason="Visit her first")
    assert GuarantorCall.objects.get().status == "SPARED"
    nothing_moved(circle)
    assert circle.ask().status == "PENDING"


def test_of_a_loan_written_off_it_is_a_recovery():
    circle = Circle(late=200)
    one, two = make_staff("ADMIN"), make_officer(role="ADMIN")
    circle.tell()
    gone = operations.ask_write_off(loan=circle.loan, reason="Gone", by=one, at=circle.at)
    approvals.approve(approval=gone, by=two, at=circle.at)
    circle.at += DAY
    end_days(circle.at - DAY, circle.at)
    circle.refresh()
    assert circle.case.stage == "RECOVERY"
    held = sum(row.held_minor for row in circle.held)
    approvals.approve(approval=circle.ask(), by=circle.manager, at=circle.at)
    circle.loan.refresh_from_db()
    assert (circle.loan.status, circle.loan.recovered_minor) == ("WRITTEN_OFF", held)
    assert circle.loan.account_id not in [row.account_id for row in circle.held]
    deliver_events()
    sound()


@pytest.mark.django_db(transaction=True)
def test_called_by_two_at_once_they_pay_once():
    circle = Circle()
    circle.tell()
    asked = at_once(*[circle.ask] * 3)
    assert {type(no) for no in refusals(asked)} == {IllegalMove}
    approval = Approval.objects.get(kind="lending.call_guarantors")
    held = sum(row.held_minor for row in circle.held)
    managers = [make_officer() for _nth in range(3)]

    def allow(by):
        return lambda: approvals.approve(approval=Approval.objects.get(pk=approval.pk), by=by, at=circle.at)

    found = at_once(*map(allow, managers))
    assert [type(no) for no in refusals(found)] == [IllegalMove] * 2
    assert sum(Repayment.objects.values_list("amount_minor", flat=True)) == held
    sound()


def test_more_time_given_by_two_officers_is_told():
    at = BEGAN + 64 * DAY
    loan = make_late_loan(at=at)
    wish = collections.ask_more_time(loan=loan, says="The harvest is late", by=loan.borrower, at=at)
    one, two = make_officer(), make_officer()
    asked = collections.pass_on_more_time(wish=wish, why="RESCHEDULED", periods=2, reason="Harvest", by=one, at=at)
    wish.refresh_from_db()
    assert wish.status == "PASSED_ON"
    approvals.send_back(approval=asked, by=two, at=at, reason="Why two?")
    wish.refresh_from_db()
    assert (wish.status, wish.approval_id) == ("ASKED", None)
    wish = MoreTime.objects.select_related("loan__borrower", "case__loan__borrower").get()
    asked = collections.pass_on_more_time(wish=wish, why="REAGED", periods=1, reason="Harvest", by=one, at=at)
    approvals.approve(approval=asked, by=two, at=at)
    wish.refresh_from_db()
    assert wish.status == "GRANTED"
    deliver_events()
    assert "lending.more_time_granted" in [m.code for m in messages_to(str(loan.borrower.phone))]
    end_days(at, at + DAY)
    assert not CollectionCase.objects.filter(loan=loan, status="OPEN").exists()
    sound()
