"""A case from alert to receipt: four eyes, the clock, and no word to who may not know."""

import html
from datetime import date, timedelta
from pathlib import Path

import pytest
import xmlschema
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.accounts.testing import make_account
from apps.audit_trail.models import AuditLog
from apps.compliance import goaml, operations, queries
from apps.compliance.errors import BadParameters, FiledAlready, ReasonNeeded, ReportIncomplete
from apps.compliance.models import (
    AmlRule,
    Case,
    CaseEntry,
    CaseStatus,
    ComplianceReport,
    SuspiciousActivityAlert,
    SuspiciousTransactionReport,
)
from apps.compliance.subscribers import hear_of_held_payments
from apps.compliance.testing import History, make_case, make_mlro, yesterday_noon
from apps.fraud.events import TransactionFlagged
from apps.fraud.models import FraudCheck
from apps.fx.testing import set_rates
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.users.models import StaffConnection
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
SCHEMA = xmlschema.XMLSchema10(str(Path(goaml.__file__).parent / "kitbank-goaml.xsd"))


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def case():
    return make_case()


def reported(case, officer):
    operations.claim(case=case, by=officer, at=now())
    operations.decide_to_report(case=case, reason="In and out within two hours", by=officer, at=now())
    return case


def drafted(case, officer, **changed):
    lines = [line for alert in case.alerts.all() for line in alert.lines]
    given = {
        "narrative": "KES 373,000 came & left <fast>",
        "lines": lines,
        "indicators": ["RAPID_IN_OUT"],
        "action": "",
    }
    return operations.draft_report(case=case, by=officer, at=now(), **given | changed)


def test_goes_from_alert_to_receipt(case, officer):
    mlro, begun = make_mlro(), now()
    reported(case, officer)
    assert case.report_due_at - case.suspicion_recorded_at == timedelta(days=2)
    report = drafted(case, officer)
    kept = operations.approve_report(report=report, by=mlro, at=now())
    SCHEMA.validate(bytes(kept.content).decode().split("?>", 1)[1])
    text = bytes(kept.content).decode()
    assert "<report_code>STR</report_code>" in text
    assert "372000.00" in text
    operations.file_report(report=report, by=officer, at=now())
    case.refresh_from_db()
    assert case.status == CaseStatus.REPORTED
    operations.receive(kept=kept, number="FRC-2026-11-0042", by=officer, at=now())
    with pytest.raises(FiledAlready):
        operations.receive(kept=kept, number="another", by=officer, at=now())
    report.refresh_from_db()
    assert report.status == "RECEIVED"
    kinds = list(CaseEntry.objects.filter(case=case, at__gte=begun).values_list("kind", flat=True))
    assert kinds == ["CLAIMED", "SUSPICION", "REPORT", "DRAFTED", "APPROVED", "FILED", "RECEIVED"]


@pytest.mark.parametrize("name", ["محمد بن عبد الله", "王小明", "O'Brien <&> Wanjikũ"])
def test_a_report_holds_a_name_of_any_script(officer, name):
    case = make_case(make_account(make_customer(full_name=name)))
    report = drafted(reported(case, officer), officer, narrative=f"{name} moved money")
    text = bytes(operations.approve_report(report=report, by=make_mlro(), at=now()).content).decode()
    SCHEMA.validate(text.split("?>", 1)[1])
    assert name in html.unescape(text)


def test_nobody_approves_their_own_report(case, officer):
    mlro = make_mlro()
    reported(case, mlro)
    report = drafted(case, mlro)
    for who, refusal in ((mlro, NotAllowed), (officer, NotAllowed), (make_staff("AUDITOR"), NotFound)):
        with pytest.raises(refusal):
            operations.approve_report(report=report, by=who, at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        SuspiciousTransactionReport.objects.filter(pk=report.pk).update(
            status="APPROVED", approved_by=mlro, approved_at=now()
        )
    assert not ComplianceReport.objects.exists()


def test_who_wrote_the_last_version_does_not_approve_it(case, officer):
    mlro = make_mlro()
    reported(case, officer)
    report = drafted(case, officer)
    operations.send_report_back(report=report, reason="Say how much", by=mlro, at=now())
    drafted(case, mlro, narrative="KES 372,000")
    with pytest.raises(NotAllowed):
        operations.approve_report(report=report, by=mlro, at=now())


@pytest.mark.parametrize("changed", [{"narrative": " "}, {"lines": []}, {"lines": [10**9]}])
def test_refuses_a_report_without_words_or_transactions(case, officer, changed):
    reported(case, officer)
    with pytest.raises(ReportIncomplete):
        drafted(case, officer, **changed)
    assert not SuspiciousTransactionReport.objects.exists()


def test_refuses_a_report_before_the_decision(case, officer):
    operations.claim(case=case, by=officer, at=now())
    with pytest.raises(IllegalMove):
        drafted(case, officer)


def test_refuses_transactions_of_another_customer(case, officer):
    reported(case, officer)
    other = History().line(make_account(), 5, yesterday_noon(), transfer=77)
    with pytest.raises(ReportIncomplete):
        drafted(case, officer, lines=[other.pk])


def test_officers_keep_away_from_what_touches_them(officer):
    own = make_account(officer)
    with pytest.raises(NotFound):
        operations.claim(case=make_case(own), by=officer, at=now())
    theirs, noon = make_account(), yesterday_noon()
    history = History()
    history.seq = 5000
    moved = history.move(own, theirs, 5_000, noon - timedelta(hours=1))
    case = make_case(theirs)
    assert any(moved[1].pk in alert.lines for alert in case.alerts.all())
    with pytest.raises(NotAllowed):
        operations.claim(case=case, by=officer, at=now())
    assert not Case.objects.exclude(assigned_to=None).exists()


@pytest.mark.parametrize("kind", ["SELF", "FAMILY"])
def test_officers_find_nothing_about_who_is_near_and_do_nothing_either(officer, kind):
    case = make_case()
    StaffConnection.objects.create(
        staff=officer, customer=case.subject, kind=kind, declared_by=officer, declared_at=now()
    )
    assert not Case.objects.visible_to(officer).exists()
    assert not SuspiciousActivityAlert.objects.not_about(officer.pk).exists()
    with pytest.raises(NotFound):
        operations.claim(case=case, by=officer, at=now())
    with pytest.raises(NotFound):
        operations.close_alert(alert=case.alerts.get(), reason="He is honest", by=officer, at=now())
    other = make_staff("COMPLIANCE_OFFICER")
    report = drafted(reported(case, other), other)
    with pytest.raises(NotFound):
        operations.assign(case=case, to=officer, by=other, at=now())
    assert not SuspiciousTransactionReport.objects.not_about(officer.pk).filter(pk=report.pk).exists()
    StaffConnection.objects.update(ended_at=now(), ended_by=other)
    assert Case.objects.visible_to(officer).get() == case


def test_officers_keep_away_from_money_of_who_is_near(officer):
    sister, theirs, noon = make_account(), make_account(), yesterday_noon()
    StaffConnection.objects.create(
        staff=officer, customer=sister.owner, kind="FAMILY", declared_by=officer, declared_at=now()
    )
    history = History()
    history.seq = 5000
    history.move(sister, theirs, 5_000, noon - timedelta(hours=1))
    with pytest.raises(NotAllowed):
        operations.claim(case=make_case(theirs), by=officer, at=now())


def test_closes_with_a_reason_and_its_alerts_with_it(case, officer):
    with pytest.raises(ReasonNeeded):
        operations.close(case=case, reason=" ", by=officer, at=now())
    operations.close(case=case, reason="Sold a car: contract seen", by=officer, at=now())
    assert set(case.alerts.values_list("status", flat=True)) == {"CLOSED"}
    with pytest.raises(IllegalMove):
        operations.close(case=case, reason="again", by=officer, at=now())
    operations.reopen(case=case, reason="Another contract", by=officer, at=now())
    assert (case.status, case.decision) == ("INVESTIGATING", "")


def test_who_recorded_suspicion_does_not_close_alone(case, officer):
    operations.record_suspicion(case=case, reason="Too fast", by=officer, at=now())
    with pytest.raises(Conflict):
        operations.close(case=case, reason="On reflection", by=officer, at=now())
    with pytest.raises(IllegalMove):
        operations.record_suspicion(case=case, reason="Again", by=make_mlro(), at=now())
    operations.close(case=case, reason="Contract seen", by=make_mlro(), at=now())


def test_reminds_once_when_twelve_hours_are_left(case, officer):
    begun = now() - timedelta(hours=35)
    operations.record_suspicion(case=case, reason="Too fast", by=officer, at=begun)
    assert operations.remind_due(at=begun + timedelta(hours=35)) == 0
    assert operations.remind_due(at=begun + timedelta(hours=36)) == 1
    assert operations.remind_due(at=begun + timedelta(hours=37)) == 0


@pytest.mark.django_db(transaction=True)
def test_one_of_two_officers_gets_it():
    case, officers = make_case(), [make_staff("COMPLIANCE_OFFICER") for _nth in range(2)]
    results = at_once(*(lambda who=who: operations.claim(case=Case.objects.get(pk=case.pk), by=who, at=now())
                        for who in officers))  # fmt: skip
    assert [type(one) for one in refusals(results)] == [IllegalMove]


def test_what_other_watchers_see_joins_the_open_case(case):
    told = {"source": "FRAUD", "subject_id": case.subject_id, "key": "payments/1", "at": now()}
    operations.raise_alert(facts={"reference": "payments/1"}, **told)
    assert operations.raise_alert(facts={}, **told) is None
    assert case.alerts.filter(code="FRAUD").count() == 1
    operations.raise_alert(source="CHAIN", subject_id=None, key="check/1", facts={"first_break": "7"}, at=now())
    assert Case.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(reference="x", subject=None, severity="LOW", opened_at=now())


def test_shows_where_money_of_any_currency_went_by_what_it_is_worth():
    noon = yesterday_noon()
    set_rates(noon - timedelta(days=1))
    account, history = make_account(product="USD_CURRENT"), History()
    shillings = make_account(account.owner)
    lines = [
        history.line(account, 1_000, noon, kind="EXTERNAL_TRANSFER", other="Acme"),
        history.line(account, -900, noon, other="Otis"),
        history.line(shillings, 500, noon, other="Acme"),
    ]
    flow = queries.flow(lines, account.owner_id, at=now())
    assert ([(one.name, one.minor) for one in flow.came], flow.out_minor) == ([("Acme", 13_050_000)], 11_700_000)
    months = queries.months(account.owner_id, at=now())
    assert (sum(one.came for one in months), sum(one.went for one in months)) == (13_050_000, 11_700_000)


def test_an_alert_of_the_screen_says_what_a_payment_in_dollars_is_worth():
    set_rates()
    person = make_customer()
    check = FraudCheck.objects.create(
        reference="payments/1", user=person, amount_minor=5_000_00, currency="USD", transaction_type="P2P_TRANSFER",
        new_recipient=True, unusual_amount=True, risk_score="0.700", action="REVIEW", checked_at=now(),
    )  # fmt: skip
    hear_of_held_payments(TransactionFlagged(check_id=check.pk, user_id=person.pk, reference="payments/1"))
    assert SuspiciousActivityAlert.objects.get(subject=person).amount_minor == 650_000_00


def test_keeps_evidence_sealed_and_once(case, officer):
    row = operations.attach(case=case, name="a.pdf", content_type="application/pdf", content=b"%PDF-1", by=officer,
                            at=now())  # fmt: skip
    assert b"%PDF" not in bytes(row.sealed)
    assert operations.content_of(row) == b"%PDF-1"
    with pytest.raises(Conflict):
        operations.attach(case=case, name="b", content_type="", content=b"%PDF-1", by=officer, at=now())


def test_history_and_files_are_written_once(case, officer):
    operations.note(case=case, text="Called", by=officer, at=now())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_caseentry SET text = ''")


def test_nobody_learns_of_a_case_by_events_or_records(case, officer):
    operations.note(case=case, text="Achieng did it", by=officer, at=now())
    told = OutboxEvent.objects.filter(name__startswith="compliance.")
    assert told.exists()
    assert not [row for row in told if "subject" in str(row.payload) or "user_id" in str(row.payload)]
    written = AuditLog.objects.filter(action__startswith="compliance.")
    assert written.exists()
    assert not written.exclude(customer=None).exists()
    assert not AuditLog.objects.seen_by(make_staff("AUDITOR")).filter(action__startswith="compliance.").exists()
    assert AuditLog.objects.seen_by(officer).filter(action__startswith="compliance.").count() == written.count()
    deliver_events()


def test_a_new_version_takes_a_back_test_and_two_people(officer):
    make_case()
    given = {"hours": 24, "share": "0.95", "least_minor": 15_000_000, "times_usual": "1.5"}
    with pytest.raises(BadParameters):
        operations.ask_change(code="RAPID_IN_OUT", parameters=given | {"share": "2"}, is_active=True, severity="HIGH",
                              reason="r", by=officer, at=now())  # fmt: skip
    asked = operations.ask_change(code="RAPID_IN_OUT", parameters=given, is_active=True, severity="HIGH",
                                  reason="Fewer false alarms", by=officer, at=now())  # fmt: skip
    assert asked.after["back_test_90_days"]["customers"] == 1
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=now())
    approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    assert operations.in_force()["RAPID_IN_OUT"].version == 2
    assert AmlRule.objects.filter(code="RAPID_IN_OUT").count() == 2


def test_makes_the_weekly_and_annual_reports_once(officer):
    week = (now() - timedelta(days=14)).date()
    kept = operations.make_cash_report(week_of=week, by=officer, at=now())
    assert kept.pk == operations.make_cash_report(week_of=week, by=officer, at=now()).pk
    assert kept.figures == {"customers": 0, "transactions": 0}
    assert operations.make_annual_report(year=now().year - 1, by=officer, at=now()).figures["cases_opened"] == 0
    with pytest.raises(Conflict):
        operations.make_annual_report(year=now().year, by=officer, at=now())
    with pytest.raises(Conflict):
        operations.make_annual_report(year=9999, by=officer, at=now())
    with pytest.raises(Conflict):
        operations.make_cash_report(week_of=date(9999, 12, 31), by=officer, at=now())
    with pytest.raises(NotFound):
        operations.make_annual_report(year=2020, by=make_customer(), at=now())


def test_merges_alerts_of_one_customer_only(officer):
    rows = [
        SuspiciousActivityAlert.objects.create(
            source="FRAUD", code="FRAUD", subject=person, key=f"k{nth}", first_at=now(), last_at=now(), severity="LOW",
            raised_at=now(), facts={"reference": "r"},
        )
        for nth, person in enumerate([make_customer(), make_customer()])
    ]  # fmt: skip
    with pytest.raises(Conflict):
        operations.merge(alerts=rows, by=officer, at=now())
    with pytest.raises(NotFound):
        operations.merge(alerts=rows[:1], by=make_staff("AUDITOR"), at=now())
    assert operations.merge(alerts=rows[:1], by=officer, at=now()).alerts.count() == 1
    with pytest.raises(ReasonNeeded):
        operations.close_alert(alert=rows[1], reason="", by=officer, at=now())
    operations.close_alert(alert=rows[1], reason="Rent", by=officer, at=now())
    assert rows[1].status == "CLOSED"


@pytest.mark.django_db(transaction=True)
def test_two_versions_allowed_at_once_make_one(officer):
    given = {"hours": 24, "share": "0.95", "least_minor": 15_000_000, "times_usual": "1.5"}
    asked = [
        operations.ask_change(
            code="RAPID_IN_OUT", parameters=given, is_active=True, severity="HIGH", reason="r", by=officer, at=now()
        )
        for _nth in range(2)
    ]
    judges = [make_staff("COMPLIANCE_OFFICER") for _nth in range(2)]

    def allow(request, judge):
        return lambda: approvals.approve(approval=request, by=judge, at=now())

    tried = at_once(*map(allow, asked, judges))
    assert [type(no) for no in refusals(tried)] == [IllegalMove]
    assert operations.in_force()["RAPID_IN_OUT"].version == 2
