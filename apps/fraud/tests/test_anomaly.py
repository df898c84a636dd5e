"""The model beside the rules: made the same again, asked cheaply, put to use by two, switched off by one, watched."""

import json
from datetime import timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.testing import make_account
from apps.audit_trail.models import AuditLog
from apps.fraud import anomaly, operations, rules
from apps.fraud.errors import CannotTrain, ModelUnusable
from apps.fraud.models import AnomalyModel, AnomalyReading, FraudCheck
from apps.fraud.operations.review import ReasonNeeded
from apps.fraud.queries import ORDINARY, Proposed
from apps.fraud.rules import drift, forest
from apps.fraud.rules.forest import Unreadable
from apps.fraud.testing import switch_rule
from apps.fraud.tests.test_screen import screened, spend
from apps.fraud.training import forest as training
from apps.fraud.training.synthetic import invented
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.users.testing import bearer, make_staff

ROWS = 900
JSON = "application/json"


@pytest.fixture(scope="module")
def made():
    """A small forest of invented payments, and what it was made of."""
    kept, odd = invented(7, ROWS)
    return training.train(kept, odd, trained_on="invented", is_synthetic=True, seed=7), kept, odd


@pytest.fixture
def officer(db):
    return make_staff("COMPLIANCE_OFFICER")


def copy_of(one, nth=0):
    """A row of the trained model; blanks at its end make another model of it that says the same."""
    artefact = one.artefact + " " * nth
    known = sha256(artefact.encode()).hexdigest()
    return AnomalyModel.objects.create(
        name=f"{one.name}-{nth}", artefact=artefact, artefact_hash=known, trained_on="invented",
        is_synthetic=True, seed=7, metrics=one.metrics, reference=one.reference, card=one.card, trained_at=now(),
    )  # fmt: skip


@pytest.fixture
def model(made, db):
    return copy_of(made[0])


def put_to_use(model, officer):
    asked = operations.ask_promotion(model=model, reason="Try it", by=officer, at=now())
    approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    model.refresh_from_db()


def test_the_same_payments_and_seed_make_the_same_forest(made):
    one, kept, odd = made
    again = training.train(kept, odd, trained_on="invented", is_synthetic=True, seed=7)
    assert (again.artefact_hash, again.metrics) == (one.artefact_hash, one.metrics)
    assert one.metrics["auc"] > 0.9


def test_asks_its_trees_as_those_who_grew_them_would(made):
    import numpy as np
    from sklearn.ensemble import IsolationForest

    one, kept, _odd = made
    vectors = np.asarray([forest.vector(facts) for facts in kept], dtype=np.float32)
    grown = IsolationForest(n_estimators=training.TREES, max_samples=256, random_state=7).fit(vectors[: ROWS * 3 // 4])
    theirs = [round(-1000 * score) for score in grown.score_samples(vectors[:200])]
    held = forest.read(one.artefact)
    ours = [held.odd(forest.vector(facts)) for facts in kept[:200]]
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) <= 1


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(rules.FACTS)), st.integers(0, 10**12) | st.none()))
def test_takes_any_facts_for_a_figure_from_0_to_1000(made, facts):
    held = forest.read(made[0].artefact)
    assert 0 <= held.odd(forest.vector(facts)) <= 1000


def test_an_ordinary_payment_is_less_odd_than_a_drained_account(made):
    held = forest.read(made[0].artefact)
    drained = ORDINARY[1] | {"amount": 9_000_000, "device_age_hours": 0, "payments_at_this_hour": 0,
                             "payee_age_days": 1, "is_new_recipient": True}  # fmt: skip
    values = forest.vector(drained)
    assert held.odd(values) > max(held.odd(forest.vector(facts)) for facts in ORDINARY)
    assert set(held.because(values)) <= set(forest.FEATURES)
    assert 1 <= len(held.because(values)) <= 2


@pytest.mark.parametrize("spoil", [
    lambda told: told.pop("trees"),
    lambda told: told["trees"][0]["low"].__setitem__(0, 0),
    lambda told: told["trees"][0]["feature"].__setitem__(0, 99),
    lambda told: told["features"].reverse(),
    lambda told: told.update(trees=[]),
])  # fmt: skip
def test_what_is_no_forest_is_not_read(made, spoil):
    told = json.loads(made[0].artefact)
    spoil(told)
    with pytest.raises(Unreadable):
        forest.read(json.dumps(told))
    with pytest.raises(Unreadable):
        forest.read("{")


@pytest.mark.django_db
def test_is_asked_once_two_people_have_put_it_to_use(model, officer, django_assert_num_queries):
    account = make_account()
    assert screened(account, "100").action == "ALLOW"
    assert "anomaly" not in FraudCheck.objects.latest("pk").facts
    with pytest.raises(ReasonNeeded):
        operations.ask_promotion(model=model, reason=" ", by=officer, at=now())
    with pytest.raises(NotAllowed):
        operations.ask_promotion(model=model, reason="x", by=make_staff("TELLER"), at=now())
    put_to_use(model, officer)
    screened(account, "100")
    with django_assert_num_queries(2):  # the trees are kept in the process
        screened(account, "100")
    check = FraudCheck.objects.latest("pk")
    assert check.model_version == f"{rules.VERSION}+{model.pk}"
    assert 0 < check.facts["anomaly"] < 1000
    switch_rule("ODD", "anomaly >= 1", "0.2")
    assert screened(account, "100").reasons == ("ODD",)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [True, False])
def test_of_two_put_to_use_at_once_one_is(made, officer, before):
    rows = [copy_of(made[0], nth) for nth in range(3)]
    if before:
        put_to_use(rows[2], officer)
    asked = [operations.ask_promotion(model=row, reason="Try it", by=officer, at=now()) for row in rows[:2]]
    judges = [make_staff("COMPLIANCE_OFFICER") for _nth in asked]
    tried = at_once(
        *[partial(approvals.approve, approval=one, by=who, at=now()) for one, who in zip(asked, judges, strict=True)]
    )
    assert [type(no) for no in refusals(tried)] in ([], [Conflict])  # one after the other both may be, in turn
    assert AnomalyModel.objects.filter(status="IN_USE").count() == 1
    used = AuditLog.objects.filter(action="fraud.model.put_to_use").count()
    assert used == before + 2 - len(refusals(tried))


@pytest.mark.django_db
def test_one_person_switches_it_off_and_the_rules_speak_alone(model, officer):
    put_to_use(model, officer)
    with pytest.raises(ReasonNeeded):
        operations.switch_off(model=model, why="", by=officer, at=now())
    operations.switch_off(model=model, why="Finds market days odd", by=officer, at=now())
    screened(make_account(), "100")
    assert FraudCheck.objects.latest("pk").model_version == rules.VERSION
    with pytest.raises(IllegalMove):
        operations.switch_off(model=model, why="again", by=officer, at=now())


@pytest.mark.django_db
def test_an_altered_model_stops_nobody_and_the_check_says_so(model, officer):
    model.pk, model.name, model.artefact = None, "altered", model.artefact + " "
    model.save()
    with pytest.raises(ModelUnusable):
        operations.ask_promotion(model=model, reason="x", by=officer, at=now())
    AnomalyModel.objects.filter(pk=model.pk).update(status="IN_USE", in_use_from=now())
    assert screened(make_account(), "100").action == "ALLOW"
    check = FraudCheck.objects.latest("pk")
    assert (check.model_version, "anomaly" in check.facts) == (f"{rules.VERSION}-{model.pk}", False)


@pytest.mark.django_db
def test_a_trained_model_is_not_changed(model):
    with pytest.raises(DatabaseError), transaction.atomic():
        AnomalyModel.objects.update(artefact="{}")
    with pytest.raises(DatabaseError), transaction.atomic():
        model.delete()


@pytest.mark.django_db
def test_learns_nothing_from_a_bank_with_few_checks(officer):
    with pytest.raises(CannotTrain):
        operations.train_model(dataset="bank", by=officer, at=now())
    assert not AnomalyModel.objects.exists()


@pytest.mark.django_db
def test_learns_from_what_was_known_then_and_only_until_then(officer, monkeypatch):
    monkeypatch.setattr(training, "LEAST_CHECKS", 8)
    monkeypatch.setattr(training, "TREES", 5)
    account = make_account()
    for nth in range(12):
        screened(account, str(100 + nth), reference=f"payments/{nth}", at=now() - timedelta(days=12 - nth))
    at = now() - timedelta(days=2)
    row = operations.train_model(dataset="bank", by=officer, at=at)
    assert (row.metrics["learnt_from"], row.metrics["judged_on"], row.status) == (8, 3, "CANDIDATE")
    again = operations.train_model(dataset="bank", by=officer, at=at)
    assert again.pk == row.pk


@pytest.mark.django_db
def test_a_threshold_is_tried_on_checks_from_before_the_model(model, officer):
    account = make_account()
    for nth in range(5):
        screened(account, "100", reference=f"payments/{nth}")
    tried = operations.back_test(proposed=Proposed("ODD", "anomaly >= 1", Decimal("0.5")), by=officer, at=now())
    assert (tried.checks, tried.hits, tried.would["REVIEW"]) == (5, 5, 5)


def test_the_index_is_nothing_for_the_same_and_much_for_others():
    same = drift.shares([450] * 90 + [620] * 10)
    assert drift.stability(same, same) == 0
    assert drift.stability(same, drift.shares([620] * 100)) > drift.MOVED


@pytest.mark.django_db
def test_tells_once_when_payments_have_moved(model, officer, monkeypatch):
    monkeypatch.setattr("apps.fraud.operations.train.FEW_CHECKS", 3)
    put_to_use(model, officer)
    account = make_account()
    assert operations.read_drift(at=now()) is None
    for nth in range(4):
        screened(account, "9000000", is_new=True, reference=f"payments/{nth}")
    for _again in range(2):
        operations.read_drift(at=now())
    reading = AnomalyReading.objects.get()
    assert (reading.checks, sum(reading.bands), reading.psi > Decimal("0.25")) == (4, 4, True)
    assert OutboxEvent.objects.filter(name="fraud.model.drifted").count() == 1


@pytest.mark.django_db
def test_is_seen_put_to_use_and_switched_off_by_api(model, officer, client):
    second = make_staff("COMPLIANCE_OFFICER")
    (row,) = client.get("/api/v1/fraud/models/", headers=bearer(officer)).json()["results"]
    assert (row["id"], row["status"], "artefact" in row) == (model.pk, "CANDIDATE", False)
    address = f"/api/v1/fraud/models/{model.pk}/"
    asked = client.post(f"{address}promote/", {"why": "Try"}, JSON, headers=bearer(officer))
    assert asked.status_code == 202
    approvals.approve(approval=approvals.Approval.objects.get(pk=asked.json()["approval"]), by=second, at=now())
    off = client.post(f"{address}switch-off/", {"why": "Too odd"}, JSON, headers=bearer(officer))
    assert (off.status_code, off.json()["status"]) == (200, "RETIRED")
    assert client.get("/api/v1/fraud/models/", headers=bearer(make_staff("TELLER"))).status_code == 403


@pytest.mark.django_db
def test_the_command_says_how_it_does(capsys):
    call_command("train_fraud", rows=ROWS, seed=7)
    said = capsys.readouterr().out
    assert "AUC " in said
    assert "Learnt from invented payments" in said


@pytest.mark.django_db
def test_says_of_what_is_held_what_made_it_odd(model, officer, client):
    put_to_use(model, officer)
    switch_rule("ODD", "anomaly >= 1", "0.6")
    account, burst = make_account(balance="100000"), now()
    spend(account, make_account(), 12, at=burst)
    assert screened(account, "90000", is_new=True, at=burst).action != "ALLOW"
    check = FraudCheck.objects.latest("pk")
    assert check.facts["anomaly"] >= anomaly.TELLS_FROM
    assert check.anomaly_because
    assert set(check.anomaly_because) <= set(forest.FEATURES)
    asked = {"account": account.number, "amount": {"amount": "90000.00", "currency": "KES"}}
    told = client.post("/api/v1/ai/fraud-check/", asked, JSON, headers=bearer(officer)).json()
    assert (told["anomaly_because"] != [], told["model_version"]) == (True, f"{rules.VERSION}+{model.pk}")
