"""Whom the bank calls and writes to, when and how often: within the rules that forbid shaming."""

from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.lending import contact
from apps.lending.errors import BadTerm, ContactRefused, NotAParty
from apps.lending.models import (
    CollectionLetter,
    ContactRule,
    Visit,
)
from apps.lending.operations import collections
from apps.lending.testing import make_late_loan, make_officer
from apps.lending.tests.late import DAY, TEN, case_of, log_of
from apps.notifications.testing import messages_to
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan():
    return make_late_loan(at=TEN)


@pytest.fixture
def officer():
    return make_officer()


def test_a_call_is_written_down_with_how_it_went(loan, officer):
    case = case_of(loan)
    row = collections.log_call(case=case, outcome="REACHED", note="Pays on Friday", by=officer, at=TEN)
    assert (row.contacted_id, row.contacted_as, row.outcome) == (loan.borrower_id, "BORROWER", "REACHED")
    assert AuditLog.objects.filter(action="lending.case.call", customer_id=loan.borrower_id).count() == 1
    for wrong in ({"outcome": "SHOUTED"}, {"note": " "}):
        with pytest.raises(BadTerm):
            collections.log_call(**{"case": case, "outcome": "REACHED", "note": "x", "by": officer, "at": TEN} | wrong)


@pytest.mark.parametrize(
    ("moment", "because", "again"),
    [
        (TEN.replace(hour=7, minute=59), "TOO_EARLY", "2026-03-10T08:00:00+03:00"),
        (TEN.replace(hour=18), "TOO_LATE", "2026-03-11T08:00:00+03:00"),
        (TEN + 5 * DAY, "SUNDAY", "2026-03-16T08:00:00+03:00"),
        (TEN + 24 * DAY, "HOLIDAY", "2026-04-04T08:00:00+03:00"),  # Good Friday
    ],
)
def test_nobody_is_called_outside_the_hours(loan, officer, moment, because, again):
    with pytest.raises(ContactRefused) as no:
        collections.log_call(case=case_of(loan), outcome="REACHED", note="x", by=officer, at=moment)
    assert (no.value.facts["because"], no.value.facts["again_at"]) == (because, again)
    assert log_of(case_of(loan)) == ["OPENED"]


def test_a_gazetted_holiday_counts_as_well(loan, officer):
    ledger.add_holiday(on=local_date(TEN), name="Idd", notice="1/2026", by=make_staff("ADMIN"), at=TEN - DAY)
    with pytest.raises(ContactRefused) as no:
        collections.send_text(case=case_of(loan), text="REMINDER", by=officer, at=TEN)
    assert no.value.facts["because"] == "HOLIDAY"


def test_attempts_are_counted_over_all_loans_of_a_person(loan, officer):
    case = case_of(loan)
    for minute in (0, 5):
        collections.log_call(
            case=case, outcome="NO_ANSWER", note="Rang out", by=officer, at=TEN + timedelta(minutes=minute)
        )
    ways = contact.ways(loan.borrower, TEN + timedelta(hours=1))
    assert (ways["CALL"].is_allowed, ways["CALL"].answer.because) == (False, "TODAY_ENOUGH")
    assert ways["VISIT"].is_allowed
    with pytest.raises(ContactRefused):
        collections.log_call(case=case, outcome="NO_ANSWER", note="x", by=officer, at=TEN + timedelta(hours=1))
    assert log_of(case).count("CALL") == 2


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_do_not_pass_the_count():
    loan = make_late_loan(at=TEN)
    case, officer = case_of(loan), make_officer()

    def call():
        return collections.log_call(case=case, outcome="NO_ANSWER", note="Rang out", by=officer, at=TEN)

    found = at_once(*[call] * 4)
    assert {type(no) for no in refusals(found)} == {ContactRefused}
    assert log_of(case).count("CALL") == 2


def test_a_stranger_is_never_contacted(loan, officer):
    with pytest.raises(NotAParty):
        collections.log_call(
            case=case_of(loan), outcome="REACHED", note="x", person=make_customer(), by=officer, at=TEN
        )
    assert log_of(case_of(loan)) == ["OPENED"]


def test_rules_of_the_night_are_no_rules():
    facts = {"kind": "CALL", "most_a_day": 1, "most_a_week": 1, "valid_from": "2027-01-01", "source": "test"}
    for hours in ({"from_hour": 5, "until_hour": 18}, {"from_hour": 8, "until_hour": 22}):
        with pytest.raises(IntegrityError, match="at_night"), transaction.atomic():
            ContactRule.objects.create(**facts | hours)
    with pytest.raises(IntegrityError, match="pestered"), transaction.atomic():
        ContactRule.objects.create(**facts | {"from_hour": 8, "until_hour": 18, "most_a_week": 15})


def test_only_the_banks_own_texts_are_sent_in_the_borrowers_language(officer):
    loan = make_late_loan(at=TEN, language="sw")
    collections.send_text(case=case_of(loan), text="REMINDER", by=officer, at=TEN)
    said = [m for m in messages_to(str(loan.borrower.phone)) if m.code == "lending.collect_reminder"]
    assert len(said) == 1
    assert "imechelewa siku 3" in said[0].body
    with pytest.raises(BadTerm):
        collections.send_text(case=case_of(loan), text="Pay or else", by=officer, at=TEN)


def test_a_visit_is_planned_and_written_down(loan, officer):
    case = case_of(loan)
    for wrong in (local_date(TEN) - DAY, local_date(TEN) + 61 * DAY):
        with pytest.raises(BadTerm):
            collections.plan_visit(case=case, on=wrong, place="Her stall", by=officer, at=TEN)
    with pytest.raises(ContactRefused):
        collections.plan_visit(case=case, on=local_date(TEN) + 5 * DAY, place="Her stall", by=officer, at=TEN)
    row = collections.plan_visit(case=case, on=local_date(TEN), place="Her stall", by=officer, at=TEN)
    with pytest.raises(IllegalMove):
        collections.plan_visit(case=case, on=local_date(TEN), place="Her stall", by=officer, at=TEN)
    with pytest.raises(ContactRefused):
        collections.write_visit(visit=row, outcome="MET", note="x", by=officer, at=TEN.replace(hour=19))
    row = Visit.objects.select_related("case__loan__borrower").get()
    collections.write_visit(visit=row, outcome="MET", note="Sales are slow", by=officer, at=TEN)
    with pytest.raises(IllegalMove):
        collections.cancel_visit(visit=row, note="x", by=officer, at=TEN)
    row.refresh_from_db()
    assert (row.status, row.outcome) == ("DONE", "MET")
    assert log_of(case) == ["OPENED", "VISIT_PLANNED", "VISIT"]


def test_a_letter_is_sent_once_with_the_figures_of_its_day(loan, officer):
    case = case_of(loan)
    first = collections.send_letter(case=case, kind="DEMAND", by=officer, at=TEN)
    again = collections.send_letter(case=case, kind="DEMAND", by=officer, at=TEN + DAY)
    assert first.pk == again.pk
    assert bytes(first.paper).startswith(b"%PDF")
    assert (len(first.seal), first.days_late, first.arrears_minor) == (64, 3, loan.arrears_minor)
    deliver_events()
    assert "lending.letter_sent" in [m.code for m in messages_to(str(loan.borrower.phone))]
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        CollectionLetter.objects.update(days_late=4)
    with pytest.raises(BadTerm):
        collections.send_letter(case=case, kind="THREAT", by=officer, at=TEN)


def test_the_notice_of_a_listing_gives_thirty_days(officer, loan):
    row = collections.send_letter(case=case_of(loan), kind="LISTING", by=officer, at=TEN)
    assert row.takes_effect_on == local_date(TEN) + 30 * DAY


def test_nobody_is_listed_for_little(officer):
    small = make_late_loan(at=TEN, amount="500")
    with pytest.raises(Exception, match="Nobody is listed"):
        collections.send_letter(case=case_of(small), kind="LISTING", by=officer, at=TEN)
    assert not CollectionLetter.objects.exists()
