"""Loans and models watched: predictions, warnings once, drift told, scores of the month."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.testing import give, kes, make_account
from apps.credit_scoring import operations, queries, tasks
from apps.credit_scoring.errors import NothingAgreed, UnknownLoan
from apps.credit_scoring.loan_facts import LoanState
from apps.credit_scoring.models import (
    CreditScore,
    DefaultPrediction,
    DriftReading,
    EarlyWarning,
    LoanEligibility,
    ModelVersion,
    PaymentHistoryAnalysis,
)
from apps.credit_scoring.operations import drift
from apps.credit_scoring.rules import watching
from apps.credit_scoring.rules.features import CHARACTERISTICS
from apps.credit_scoring.testing import BAD_LOANS, GOOD_LOANS, Lender, lending_by, make_earner, spend
from apps.kernel import consents
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.notifications.models import Alert
from apps.notifications.testing import messages_to
from apps.users.queries import system_user
from apps.users.testing import make_customer, make_staff

AT = now().replace(microsecond=0)
RATES = [(31, Decimal("0.50")), (1, Decimal("0.05"))]
CALM = watching.Watched(
    days_late=0, missed=0, money_in_30d_minor=40_000_00, money_in_90d_minor=120_000_00, available_minor=5_000_00,
    next_due_minor=4_000_00, days_to_next=2, probability=Decimal("0.05"), probability_at_decision=Decimal("0.05"),
)  # fmt: skip


def state(person, **facts):
    return LoanState(
        reference=f"loans/{person.pk}",
        user_id=person.pk,
        **{"days_late": 0, "missed": 0, "on_time": 3, "outstanding_minor": 9_000_00, **facts},
    )


def test_lateness_outweighs_a_good_score():
    calm = watching.predict(Decimal("0.04"), 0, RATES, 90)
    assert (calm.band, calm.by_lateness) == ("LOW", False)
    assert calm.probability == pytest.approx(Decimal(1 - 0.96 ** (90 / 365)), abs=Decimal("0.00001"))
    late = watching.predict(Decimal("0.04"), 40, RATES, 90)
    assert (late.probability, late.band, late.by_lateness) == (Decimal("0.500000"), "SEVERE", True)
    assert watching.predict(Decimal("0.04"), 40, RATES, 180).probability == Decimal("0.750000")
    assert watching.predict(Decimal("0.9"), 1, RATES, 365).by_lateness is False


def test_a_calm_loan_gives_no_signal_and_each_trouble_its_own():
    assert watching.signals(CALM) == {}
    for change, signal, severity in (
        ({"days_late": 1}, "DAYS_LATE", "NOTICE"),
        ({"days_late": 8}, "DAYS_LATE", "SERIOUS"),
        ({"days_late": 31}, "DAYS_LATE", "SEVERE"),
        ({"missed": 2}, "MISSED_TWO", "SEVERE"),
        ({"money_in_30d_minor": 10_000_00}, "INCOME_FELL", "SERIOUS"),
        ({"available_minor": 3_999_99}, "BALANCE_SHORT", "NOTICE"),
        ({"probability": Decimal("0.10")}, "RISK_ROSE", "SERIOUS"),
    ):
        found = watching.signals(replace(CALM, **change))
        assert {name: told[0] for name, told in found.items()} == {signal: severity}
    assert watching.signals(replace(CALM, available_minor=0, days_to_next=4)) == {}


@pytest.mark.django_db
def test_predicts_for_a_running_loan_and_says_what_drives_it():
    person = make_earner(at=AT)
    with lending_by(Lender({person.pk: BAD_LOANS}, live=[state(person, days_late=45)])):
        row = operations.predict_default(loan_reference=f"loans/{person.pk}", at=AT, by=system_user())
        with pytest.raises(UnknownLoan):
            operations.predict_default(loan_reference="loans/none", at=AT, by=system_user())
    assert (row.horizon_days, row.band) == (90, "SEVERE")
    assert row.drivers[0] == {"code": "DAYS_LATE_NOW", "direction": "DOWN", "days": 45}
    assert row.probability >= Decimal("0.5")
    assert DefaultPrediction.objects.count() == 1


@pytest.mark.django_db
def test_warns_once_for_each_signal_and_closes_what_has_passed():
    person = make_earner(at=AT)
    lender = Lender(live=[state(person, days_late=10, missed=2)])
    with lending_by(lender):
        assert operations.look_for_warnings(at=AT) == 2
        assert operations.look_for_warnings(at=AT) == 0
        told = OutboxEvent.objects.filter(name="credit_scoring.warning.raised")
        assert sorted(event.payload["signal"] for event in told) == ["DAYS_LATE", "MISSED_TWO"]
        assert DefaultPrediction.objects.count() == 1
        lender.states = [state(person, missed=2)]
        assert operations.look_for_warnings(at=AT + timedelta(days=1)) == 0
        assert EarlyWarning.objects.get(signal="DAYS_LATE").status == "CLOSED"
        lender.states = [state(person, days_late=1, missed=2)]
        assert operations.look_for_warnings(at=AT + timedelta(days=2)) == 1
    assert EarlyWarning.objects.filter(signal="DAYS_LATE").count() == 2


@pytest.mark.django_db
def test_what_a_borrower_keeps_and_earns_is_looked_at():
    person = make_customer()
    account, shop = make_account(person, at=AT - timedelta(days=100)), make_account(at=AT - timedelta(days=100))
    for days in (80, 50):
        give(account, "20000", at=AT - timedelta(days=days))
    give(account, "1000", at=AT - timedelta(days=5))
    spend(account, shop, "40500", at=AT - timedelta(days=2))
    due = state(person, next_due_minor=2_000_00, next_due_at=AT + timedelta(days=1))
    with lending_by(Lender(live=[replace(due, probability_at_decision=Decimal("0.000001"))])):
        operations.score(user=person, at=AT, by=person)
        operations.look_for_warnings(at=AT)
    assert set(EarlyWarning.objects.values_list("signal", flat=True)) == {"INCOME_FELL", "BALANCE_SHORT", "RISK_ROSE"}


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_warn_once():
    person = make_customer()

    def warn():
        return operations.raise_warning(
            user=person, loan_reference="loans/1", signal="DAYS_LATE", severity="NOTICE", facts={}, at=AT
        )

    found = at_once(warn, warn, warn)
    assert not refusals(found)
    assert EarlyWarning.objects.count() == 1


@pytest.mark.django_db
def test_a_warning_is_taken_by_one_with_the_right():
    person = make_customer()
    row = operations.raise_warning(
        user=person, loan_reference="loans/1", signal="DAYS_LATE", severity="NOTICE", facts={}, at=AT
    )
    with pytest.raises(NotAllowed):
        operations.take_warning(warning=row, by=make_staff("TELLER"), at=AT)
    officer = make_staff("LOAN_OFFICER")
    assert operations.take_warning(warning=row, by=officer, at=AT).taken_by == officer
    with pytest.raises(IllegalMove):
        operations.take_warning(warning=row, by=make_staff("LOAN_OFFICER"), at=AT)


@pytest.mark.django_db
def test_a_warning_is_closed_with_what_was_agreed_and_stays_quiet_for_a_while():
    person, officer = make_earner(at=AT), make_staff("LOAN_OFFICER")
    with lending_by(Lender(live=[state(person, missed=2)])):
        operations.look_for_warnings(at=AT)
        row = EarlyWarning.objects.get()
        with pytest.raises(NothingAgreed):
            operations.close_warning(warning=row, agreed=" ", by=officer, at=AT)
        operations.take_warning(warning=row, by=officer, at=AT)
        with pytest.raises(NotAllowed):
            operations.close_warning(warning=row, agreed="Mine", by=make_staff("LOAN_OFFICER"), at=AT)
        operations.close_warning(warning=row, agreed="Pays weekly from Friday", by=officer, at=AT)
        with pytest.raises(IllegalMove):
            operations.close_warning(warning=row, agreed="Again", by=officer, at=AT)
        assert operations.look_for_warnings(at=AT + timedelta(days=13)) == 0
        assert operations.look_for_warnings(at=AT + timedelta(days=15)) == 1
    with pytest.raises(IntegrityError, match="says_why"), transaction.atomic():
        EarlyWarning.objects.filter(pk=row.pk).update(agreed="")


@pytest.mark.django_db
def test_history_is_what_lending_tells():
    person = make_customer()
    with lending_by(Lender({person.pk: BAD_LOANS})):
        row = operations.analyse_payment_history(user=person, at=AT, by=person)
    assert (row.on_time, row.late, row.missed, row.repayment_rate) == (2, 2, 6, Decimal("0.4000"))
    nobody = operations.analyse_payment_history(user=person, at=AT, by=person)
    assert (nobody.on_time, nobody.repayment_rate) == (0, None)


@pytest.mark.django_db
def test_eligibility_tells_a_limit_or_why_not():
    person = make_customer()
    make_account(person, balance="5000", at=AT - timedelta(hours=1))
    yes = operations.check_eligibility(user=person, product="INSTANT", amount=kes("4000"), by=person, at=AT)
    assert (yes.is_eligible, yes.limit, yes.expires_at) == (True, kes("4000"), AT + timedelta(days=7))
    over = operations.check_eligibility(user=person, product="INSTANT", amount=kes("4001"), by=person, at=AT)
    assert (over.is_eligible, over.limit, over.reasons) == (False, kes("4000"), ["ABOVE_LIMIT"])
    with lending_by(Lender({person.pk: replace(GOOD_LOANS, active_loans=1)})):
        busy = operations.check_eligibility(user=person, product="INSTANT", by=person, at=AT)
    assert (busy.is_eligible, busy.limit, busy.reasons) == (False, kes("0"), ["ACTIVE_LOAN"])
    with pytest.raises(IntegrityError, match="told_why"), transaction.atomic():
        operations.record_eligibility(
            user=person, product="X", is_eligible=False, limit=kes("0"), reasons=[], by=person, at=AT
        )
    assert LoanEligibility.objects.count() == 3


def agrees_to_be_scored(person, *, is_given=True):
    consents.change(user=person, purpose=consents.PROFILING, is_given=is_given, channel="API", at=AT)


@pytest.mark.django_db
def test_scores_nobody_unasked_but_who_agrees_or_owes():
    willing, withdrew, silent, borrower, repaid = people = [make_earner(months=2, at=AT) for _ in range(5)]
    for person in people:
        operations.score(user=person, at=AT - timedelta(days=30), by=person)
    agrees_to_be_scored(willing)
    agrees_to_be_scored(withdrew)
    agrees_to_be_scored(withdrew, is_given=False)
    with lending_by(Lender({borrower.pk: replace(GOOD_LOANS, active_loans=1), repaid.pk: GOOD_LOANS})):
        assert operations.rescore(at=AT) == 2
    scored = CreditScore.objects.filter(computed_at=AT).values_list("user_id", flat=True)
    assert set(scored) == {willing.pk, borrower.pk}
    assert operations.score(user=silent, at=AT, by=silent).computed_at == AT  # asked for: the contract needs it


@pytest.mark.django_db
def test_scores_of_a_month_ago_are_made_again_in_few_statements(django_assert_max_num_queries):
    people = [make_earner(months=2, at=AT) for _ in range(4)]
    for person in people:
        agrees_to_be_scored(person)
        operations.score(user=person, at=AT - timedelta(days=30), by=person)
    shop = make_account()
    spend(people[0].accounts.get(), shop, "19000", at=AT - timedelta(days=1))
    with django_assert_max_num_queries(30):
        assert operations.rescore(at=AT) == 4
    assert operations.rescore(at=AT) == 0
    assert CreditScore.objects.count() == 8
    newest = CreditScore.objects.filter(user=people[0]).latest("pk")
    assert newest.snapshot.as_of == AT
    assert newest.max_loan_amount_minor > 0


@pytest.fixture
def scored(monkeypatch):
    """Enough scores of one kind of customer to read drift from."""
    monkeypatch.setattr(drift, "LEAST", 5)
    for _ in range(6):
        person = make_earner(months=4, salary="300", spends="299", at=AT)
        operations.score(user=person, at=AT, by=person)


@pytest.mark.django_db
def test_drift_is_read_once_a_day_told_and_drawn(scored):
    officer = make_staff("ADMIN")
    row = operations.read_drift(at=AT)[0]
    assert (row.model.status, row.scores, row.is_alarm) == ("CHAMPION", 6, True)
    assert row.psi > Decimal("0.2")
    assert set(row.by_characteristic) == set(CHARACTERISTICS)
    assert sum(band["now"] for band in row.bands) == pytest.approx(1, abs=0.001)
    operations.read_drift(at=AT)
    assert DriftReading.objects.filter(model=row.model).count() == 1
    assert OutboxEvent.objects.filter(name="credit_scoring.model.drifted").count() == 1
    deliver_events()
    assert Alert.objects.filter(user=officer, code="credit_scoring.model_drifted").count() == 1
    assert queries.monitor().readings[0] == row


@pytest.mark.lightgbm
@pytest.mark.django_db
def test_a_challenger_runs_in_the_shadow_and_decides_nothing(scored):
    operations.train_models(dataset="synthetic", seed=11, rows=3000, by=system_user(), at=AT)
    champion, challenger = operations.read_drift(at=AT)
    assert (champion.model.kind, challenger.model.kind) == ("SCORECARD", "LIGHTGBM")
    assert set(challenger.agreement) >= {"same_side", "mean_pd", "only_champion_approves"}
    assert not CreditScore.objects.exclude(model=None).exclude(model=champion.model).exists()


@pytest.mark.django_db
def test_too_few_scores_are_no_alarm():
    row = operations.read_drift(at=AT)[0]
    assert (row.psi, row.is_alarm, row.scores) == (None, False, 0)
    with pytest.raises(IntegrityError, match="alarm_has_a_figure"), transaction.atomic():
        DriftReading.objects.create(
            model=ModelVersion.objects.get(), read_on="2026-01-01", scores=0, is_alarm=True, read_at=AT
        )


@pytest.mark.django_db
def test_a_customer_hears_of_a_score_that_moved_far():
    person = make_customer()
    operations.score(user=person, at=AT - timedelta(days=2), by=person)
    give(make_account(person, at=AT - timedelta(days=1)), "5000", at=AT - timedelta(days=1))
    operations.score(user=person, at=AT, by=person)
    deliver_events()
    assert [m.code for m in messages_to(str(person.phone))] == ["credit_scoring.score_changed"]


@pytest.mark.django_db
def test_jobs_run_and_stand_in_the_schedule():
    for job in tasks.SCHEDULE.values():
        assert job["task"].startswith("apps.credit_scoring.tasks.")
    for job in (tasks.look_for_warnings, tasks.read_drift, tasks.rescore):
        job(from_a_newer_deploy=1)


@pytest.mark.django_db
def test_each_score_of_a_borrower_keeps_the_history_it_looked_at():
    person = make_earner(at=AT)
    with lending_by(Lender({person.pk: GOOD_LOANS})):
        operations.score(user=person, at=AT, by=person)
    assert PaymentHistoryAnalysis.objects.get(user=person).on_time == 12
