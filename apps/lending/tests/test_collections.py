"""Loans that are late: cases come and go by themselves, promises are decided by what comes in, contacts are bounded."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import Error, IntegrityError, transaction

from apps.accounts.testing import kes
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import BadAmount
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance
from apps.lending import checks, contact, operations
from apps.lending.errors import BadTerm, CaseTaken, ContactRefused, NotAParty, NotLate, Overpaid, PromiseRuns
from apps.lending.models import (
    CollectionCase,
    CollectionEntry,
    CollectionLetter,
    ContactRule,
    Loan,
    MoreTime,
    Promise,
    Visit,
)
from apps.lending.operations import collections
from apps.lending.testing import end_days, make_borrower, make_late_loan, make_loan, make_officer
from apps.notifications.testing import messages_to
from apps.payments.errors import KeyReused
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Africa/Nairobi"))  # a Tuesday
DAY = timedelta(days=1)


@pytest.fixture
def loan():
    return make_late_loan(at=TEN)


@pytest.fixture
def officer():
    return make_officer()


def case_of(loan):
    return CollectionCase.objects.shown().get(loan=loan, status="OPEN")


def log_of(case):
    return list(CollectionEntry.objects.filter(case=case).order_by("pk").values_list("what", flat=True))


def promise(loan, amount="1000", days=3, *, at=TEN, by=None, key="tap"):
    due_on = local_date(at) + days * DAY
    return collections.promise(loan=loan, amount=kes(amount), due_on=due_on, key=key, by=by or loan.borrower, at=at)


def pay(loan, amount, *, at):
    loan.refresh_from_db()
    return operations.repay(loan=loan, amount=kes(amount), key=f"{amount}/{at}", by=loan.borrower, at=at)


def sound():
    for question in checks._QUESTIONS.values():
        assert checks._findings(question) == []
    assert_books_balance()


# Cases


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


# Contacts


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


# Promises


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


# The morning


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


# Visits and letters


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


# More time


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
