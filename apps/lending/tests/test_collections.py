"""Cases of late loans come and go by themselves; one officer has each, with the right, never on their own loan."""

import pytest
from django.db import Error, IntegrityError, transaction

from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.lending.errors import BadTerm, CaseTaken
from apps.lending.models import (
    CollectionCase,
    CollectionEntry,
    Loan,
)
from apps.lending.operations import collections
from apps.lending.testing import end_days, make_borrower, make_late_loan, make_loan, make_officer
from apps.lending.tests.late import DAY, TEN, case_of, log_of, pay, promise, sound
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan():
    return make_late_loan(at=TEN)


@pytest.fixture
def officer():
    return make_officer()


def test_opens_one_case_for_a_loan_that_is_late_and_none_for_others(loan):
    make_loan(make_borrower(at=TEN), "5000", at=TEN)
    case = case_of(loan)
    assert (case.stage, case.next_act, log_of(case)) == ("REMIND", "WAIT", ["OPENED"])
    for _again in range(2):
        collections.pursue(day=local_date(TEN) - DAY, at=TEN)
    assert CollectionCase.objects.count() == 1
    assert log_of(case) == ["OPENED"]
    assert OutboxEvent.objects.filter(name="lending.case.opened").count() == 1


def test_closes_by_itself_when_what_is_late_is_paid(loan):
    case = case_of(loan)
    pay(loan, "100", at=TEN)
    deliver_events()
    case.refresh_from_db()
    assert case.status == "OPEN"
    loan.refresh_from_db()
    pay(loan, f"{loan.arrears.amount:f}", at=TEN)
    deliver_events()
    case.refresh_from_db()
    assert (case.status, log_of(case)[-1]) == ("CLOSED", "CLOSED")
    sound()


def test_the_end_of_the_day_closes_what_nobody_told_it_of(loan):
    case = case_of(loan)
    loan.refresh_from_db()
    pay(loan, f"{loan.arrears.amount:f}", at=TEN)
    end_days(TEN, TEN + DAY)
    case.refresh_from_db()
    assert case.status == "CLOSED"
    assert case.closed_at is not None


@pytest.mark.parametrize(
    ("late", "stage", "act"),
    [(1, "REMIND", "WAIT"), (29, "REMIND", "WAIT"), (30, "CALL", "CALL"), (45, "OFFER", "OFFER"),
     (90, "OFFER", "OFFER"), (91, "LEGAL", "LETTER"), (180, "WRITE_OFF", "WRITE_OFF")],
)  # fmt: skip
def test_climbs_the_ladder_by_days_late(late, stage, act):
    case = case_of(make_late_loan(days=late, at=TEN))
    assert (case.stage, case.next_act) == (stage, act)
    if stage != "REMIND":
        moved = CollectionEntry.objects.get(case=case, what="STAGE")
        assert moved.facts == {"before": "REMIND", "after": stage, "days": late}


def test_two_cases_of_a_loan_cannot_be_open(loan):
    day = local_date(TEN)
    with pytest.raises(IntegrityError, match="one_open_case"), transaction.atomic():
        CollectionCase.objects.create(loan=loan, opened_on=day, opened_at=TEN, next_on=day)


def test_the_log_is_written_once(loan):
    entry = CollectionEntry.objects.get()
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        CollectionEntry.objects.filter(pk=entry.pk).update(note="Other")
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        entry.delete()


def test_nobody_but_borrower_and_guarantor_fits_into_the_log(loan, officer):
    facts = {"case": case_of(loan), "what": "CALL", "outcome": "REACHED", "note": "x", "by": officer, "at": TEN}
    for wrong in ({"contacted": loan.borrower, "contacted_as": "EMPLOYER"}, {"contacted": None}):
        with pytest.raises(IntegrityError, match="only_borrowers_and_guarantors"), transaction.atomic():
            CollectionEntry.objects.create(**facts | wrong)


def test_is_taken_let_go_and_handed_over(loan, officer):
    case, other = case_of(loan), make_officer()
    assert collections.claim(case=case, by=officer, at=TEN).officer_id == officer.pk
    assert collections.claim(case=case_of(loan), by=officer, at=TEN).officer_id == officer.pk
    with pytest.raises(CaseTaken):
        collections.claim(case=case_of(loan), by=other, at=TEN)
    with pytest.raises(CaseTaken):
        collections.release(case=case_of(loan), by=other, at=TEN)
    with pytest.raises(BadTerm, match="may not work"):
        collections.hand_over(case=case_of(loan), to=make_staff("TELLER"), note="x", by=officer, at=TEN)
    collections.hand_over(case=case_of(loan), to=other, note="You know her", by=officer, at=TEN)
    assert case_of(loan).officer_id == other.pk
    collections.release(case=case_of(loan), by=other, at=TEN)
    assert case_of(loan).officer_id is None
    assert log_of(case) == ["OPENED", "TAKEN", "HANDED_OVER", "LET_GO"]


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_takes_it():
    loan = make_late_loan(at=TEN)
    case = case_of(loan)
    one, two = make_officer(), make_officer()
    found = at_once(*(lambda by=by: collections.claim(case=case, by=by, at=TEN) for by in (one, two, one, two)))
    winner = case_of(loan).officer
    assert {type(no) for no in refusals(found)} == {CaseTaken}
    assert len(refusals(found)) == 2
    assert log_of(case) == ["OPENED", "TAKEN"]
    assert winner in (one, two)


@pytest.mark.parametrize("role", ["TELLER", "SUPPORT_AGENT", "AUDITOR"])
def test_nobody_works_on_it_without_the_right(loan, role):
    staff, case = make_staff(role), case_of(loan)
    acts = (
        lambda: collections.claim(case=case, by=staff, at=TEN),
        lambda: collections.log_call(case=case, outcome="REACHED", note="x", by=staff, at=TEN),
        lambda: collections.add_note(case=case, note="x", by=staff, at=TEN),
        lambda: collections.send_text(case=case, text="REMINDER", by=staff, at=TEN),
        lambda: collections.plan_visit(case=case, on=local_date(TEN), place="Home", by=staff, at=TEN),
        lambda: collections.send_letter(case=case, kind="REMINDER", by=staff, at=TEN),
        lambda: promise(loan, by=staff),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert log_of(case) == ["OPENED"]


def test_nobody_works_on_their_own_loan(loan, officer):
    Loan.objects.filter(pk=loan.pk).update(borrower=officer)
    with pytest.raises(NotAllowed, match="serve you"):
        collections.claim(case=case_of(loan), by=officer, at=TEN)
    assert not CollectionCase.objects.open().visible_to(officer).exists()
