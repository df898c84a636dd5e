"""Cards, figures of merit, training, and which model decides: made the same twice, changed by two, never a pickle."""

import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from apps.audit_trail.models import AuditLog
from apps.credit_scoring import champion, operations
from apps.credit_scoring.errors import CannotTrain, ModelUnusable
from apps.credit_scoring.migrations import __file__ as migrations
from apps.credit_scoring.models import ModelVersion
from apps.credit_scoring.rules import metrics, scale, scorecard, woe
from apps.credit_scoring.rules.features import CHARACTERISTICS
from apps.credit_scoring.testing import make_earner
from apps.credit_scoring.training import pipeline, trees
from apps.credit_scoring.training.synthetic import synthetic_year
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.testing import at_once, refusals
from apps.users.queries import system_user
from apps.users.testing import make_staff

AT = now().replace(microsecond=0)
SHIPPED = json.loads(Path(migrations).with_name("first_card.json").read_text())


def small_card(points=(-40, 0, 40)):
    bins = tuple(
        scorecard.Bin(end, worth, share)
        for end, worth, share in zip((10.0, 20.0, None), points, (0.25, 0.5, 0.25), strict=True)
    )
    part = scorecard.Characteristic("SAVINGS", bins, scorecard.Bin(None, -8, 0.0))
    return scorecard.Scorecard(600, (part,))


def test_a_card_is_added_up_by_hand():
    card = small_card()
    assert [card.points({"SAVINGS": value}) for value in (9, 10, 10.1, 20, 21, None, math.nan)] == [
        560, 560, 600, 600, 640, 592, 592,
    ]  # fmt: skip
    judged = card.judge({"SAVINGS": 5})
    assert judged.probability == pytest.approx(1 / (1 + 9 / math.sqrt(2)))
    assert [row.payload() for row in judged.reasons] == [{"code": "SAVINGS", "direction": "DOWN", "points": -40}]
    assert card.judge({}).reasons[0].code == "SAVINGS_UNKNOWN"


def test_a_card_is_read_back_as_it_was_written_and_nothing_else_is():
    card = small_card()
    assert scorecard.read(card.text()) == card
    told = json.loads(card.text())
    for wrong in (
        "", "[]", "{}", json.dumps({**told, "format": "x"}), json.dumps({**told, "characteristics": []}),
        card.text().replace("20.0", "5.0"), card.text().replace('"base": 600', '"base": null'),
    ):  # fmt: skip
        with pytest.raises(scorecard.Unreadable):
            scorecard.read(wrong)


@settings(max_examples=60)
@given(
    arrays.arrays(float, st.integers(60, 200), elements=st.floats(-1e6, 1e6) | st.just(math.nan)),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, -1]),
)
def test_ranges_move_one_way_whatever_the_data(values, seed, direction):
    bad = np.random.default_rng(seed).integers(0, 2, len(values))
    bad[:2] = (0, 1)
    found = woe.bin_one("X", values, bad, direction=direction)
    weights = found.weights[:-1]
    assert list(found.ends) == sorted(set(found.ends))
    assert len(weights) == len(found.ends) + 1
    assert list(weights) == sorted(weights, reverse=direction < 0)
    assert sum(found.shares) == pytest.approx(1)
    assert not np.isnan(found.weigh(values)).any()


def test_a_card_finds_what_matters_and_drops_what_does_not():
    dice = np.random.default_rng(5)
    good, noise = dice.normal(0, 1, 6000), dice.normal(0, 1, 6000)
    bad = (dice.uniform(0, 1, 6000) < 1 / (1 + np.exp(2 + good))).astype(int)
    fitted = woe.fit({"GOOD": good, "NOISE": noise}, bad, directions={"GOOD": 1, "NOISE": 1}, least_information=0.02)
    assert (list(fitted.coefficients), fitted.dropped) == (["GOOD"], ("NOISE",))
    risk = pipeline.card_risk(fitted.card, {"GOOD": good})
    assert metrics.auc(bad, risk) > 0.7
    assert risk.mean() == pytest.approx(bad.mean(), abs=0.005)
    one = fitted.card.judge({"GOOD": float(good[0])}).probability
    assert one == pytest.approx(float(risk[0]))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=4, max_size=60))
def test_auc_counts_pairs(pairs):
    failed, repaid = [s for bad, s in pairs if bad], [s for bad, s in pairs if not bad]
    if not failed or not repaid:
        with pytest.raises(ValueError):
            metrics.auc([bad for bad, _s in pairs], [s for _bad, s in pairs])
        return
    wins = sum((one > other) + 0.5 * (one == other) for one in failed for other in repaid)
    found = metrics.auc([bad for bad, _s in pairs], [s for _bad, s in pairs])
    assert found == pytest.approx(wins / (len(failed) * len(repaid)))
    gap = max(
        abs(sum(s <= cut for s in failed) / len(failed) - sum(s <= cut for s in repaid) / len(repaid))
        for cut in range(7)
    )
    assert metrics.ks([bad for bad, _s in pairs], [s for _bad, s in pairs]) == pytest.approx(gap)


def test_figures_that_can_be_checked_on_paper():
    assert metrics.brier([1, 0], [0.8, 0.4]) == pytest.approx(0.10)
    assert metrics.accuracy([1, 0, 0, 0], [0.9, 0.6, 0.1, 0.1]) == {"accuracy": 0.75, "base_rate": 0.75}
    assert metrics.calibration([0, 1], [0.1, 0.9], bands=2) == [
        {"count": 1, "promised": 0.1, "seen": 0.0},
        {"count": 1, "promised": 0.9, "seen": 1.0},
    ]
    assert metrics.psi([50, 50], [50, 50]) == 0
    assert metrics.psi([50, 50], [80, 20]) == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4), abs=1e-4)
    assert metrics.psi([50, 50], [100, 0]) > 1
    assert metrics.spread([1, 2, 3, 9], [1, 3]) == [1, 2, 1]
    with pytest.raises(ValueError):
        metrics.psi([1], [1, 2])


def test_the_card_we_ship_can_be_made_again_from_its_seed():
    made = pipeline.train(synthetic_year(SHIPPED["seed"], 12_000), seed=SHIPPED["seed"], with_challenger=False)
    assert made.scorecard.artefact_hash == SHIPPED["artefact_hash"]
    assert made.scorecard.artefact == SHIPPED["artefact"]
    assert made.scorecard.name == SHIPPED["name"]
    assert champion.hash_of(SHIPPED["artefact"]) == SHIPPED["artefact_hash"]
    assert SHIPPED["artefact_hash"] in Path(migrations).with_name("0003_first_card.py").read_text()
    assert "invented customers" in SHIPPED["card_markdown"]


def test_the_card_we_ship_tells_who_failed_in_months_it_had_not_seen_and_each_point_moves_the_right_way():
    later = SHIPPED["metrics"]["out_of_time"]
    assert later["auc"] > 0.75
    assert later["accuracy"] >= later["base_rate"]
    assert SHIPPED["metrics"]["psi_out_of_time"] < 0.1
    for row in scorecard.read(SHIPPED["artefact"]).characteristics:
        points = [part.points for part in row.bins]
        assert points == sorted(points, reverse=CHARACTERISTICS[row.code] < 0), row.code
    assert not {"AGE", "SEX", "TIER"} & set(CHARACTERISTICS)


@pytest.mark.lightgbm
def test_the_challenger_is_text_moves_one_way_and_explains_itself():
    cases = synthetic_year(3, 3000)
    artefact = trees.train(cases.columns, cases.bad, directions=CHARACTERISTICS, seed=3, rounds=60)
    assert artefact.startswith("tree\n")
    assert artefact == trees.train(cases.columns, cases.bad, directions=CHARACTERISTICS, seed=3, rounds=60)
    row = {code: float(np.nanmedian(values)) for code, values in cases.columns.items()}
    steps = np.linspace(0, 1, 30)
    columns = {code: np.full(30, value) for code, value in row.items()} | {"INCOME_REGULARITY": steps}
    assert (np.diff(trees.predict(artefact, columns)) <= 1e-12).all()
    told = trees.contributions(artefact, row)
    risk = float(trees.predict(artefact, {code: [value] for code, value in row.items()})[0])
    assert sum(told.values()) == pytest.approx(math.log(risk / (1 - risk)))


def test_without_its_library_the_challenger_is_left_out_by_name(monkeypatch):
    monkeypatch.setattr(trees, "why_not", lambda: "LightGBM cannot be loaded: libgomp.so.1")
    made = pipeline.train(synthetic_year(3, 3000), seed=3)
    assert made.challenger is None
    assert "libgomp" in made.why_no_challenger


@pytest.mark.django_db
def test_a_fresh_bank_has_a_champion_that_says_what_it_learnt_from():
    row = ModelVersion.objects.get(status="CHAMPION")
    assert (row.artefact_hash, row.is_synthetic) == (SHIPPED["artefact_hash"], True)
    assert champion.champion().note == "SYNTHETIC_TRAINING"


@pytest.mark.lightgbm
@pytest.mark.django_db
def test_training_keeps_candidates_once_and_prints_the_base_rate_beside_accuracy(capsys):
    call_command("train_credit", seed=11, rows=3000)
    said = capsys.readouterr().out
    assert "calling everybody good" in said
    assert "invented customers" in said
    card, other = ModelVersion.objects.exclude(artefact_hash=SHIPPED["artefact_hash"]).order_by("pk")
    assert (card.kind, card.status, card.seed) == ("SCORECARD", "CANDIDATE", 11)
    assert (other.kind, other.status) == ("LIGHTGBM", "CHALLENGER")
    assert card.metrics["out_of_time"]["count"] > 500
    assert card.card_markdown.startswith(f"# {card.name}")
    call_command("train_credit", seed=11, rows=3000)
    assert ModelVersion.objects.count() == 3
    assert AuditLog.objects.filter(action="credit_scoring.model.trained").count() == 2


@pytest.mark.django_db
def test_a_bank_without_loans_of_its_own_cannot_learn_from_them():
    with pytest.raises(CannotTrain):
        operations.train_models(dataset="bank", by=system_user(), at=AT)
    with pytest.raises(CommandError):
        call_command("train_credit", dataset="bank")
    assert ModelVersion.objects.count() == 1


@pytest.fixture
def candidate(db):
    made = pipeline.train(synthetic_year(5, 3000), seed=5, with_challenger=False)
    return operations.keep(made.scorecard, by=system_user(), at=AT)


def test_another_champion_takes_two_people(candidate):
    maker, checker = make_staff("COMPLIANCE_OFFICER"), make_staff("ADMIN")
    with pytest.raises(NotAllowed):
        operations.ask_promotion(model=candidate, to="CHAMPION", reason="Better", by=make_staff("LOAN_OFFICER"), at=AT)
    with pytest.raises(NotAllowed):
        operations.ask_promotion(model=candidate, to="CHAMPION", reason=" ", by=maker, at=AT)
    asked = operations.ask_promotion(model=candidate, to="CHAMPION", reason="Better", by=maker, at=AT)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=maker, at=AT)
    assert champion.champion().version != candidate
    approvals.approve(approval=asked, by=checker, at=AT)
    candidate.refresh_from_db()
    assert champion.champion().version == candidate
    assert ModelVersion.objects.get(artefact_hash=SHIPPED["artefact_hash"]).status == "RETIRED"
    with pytest.raises(Conflict):
        operations.ask_promotion(model=candidate, to="CHAMPION", reason="Again", by=maker, at=AT)
    person = make_earner(at=AT)
    assert operations.score(user=person, at=AT, by=person).model_version == candidate.name


@pytest.mark.django_db(transaction=True)
def test_of_two_champions_allowed_at_once_one_decides():
    maker, judges = make_staff("COMPLIANCE_OFFICER"), [make_staff("ADMIN") for _nth in range(2)]
    rows = [
        ModelVersion.objects.create(
            name=f"scorecard/{nth}", kind="SCORECARD", artefact=text, artefact_hash=champion.hash_of(text),
            trained_on="x", is_synthetic=True, trained_at=AT,
        )
        for nth, text in enumerate(small_card(points).text() for points in ((-40, 0, 40), (-30, 0, 30)))
    ]  # fmt: skip
    asked = [operations.ask_promotion(model=row, to="CHAMPION", reason="Better", by=maker, at=AT) for row in rows]
    tried = at_once(
        *[partial(approvals.approve, approval=one, by=who, at=AT) for one, who in zip(asked, judges, strict=True)]
    )
    assert [type(no) for no in refusals(tried)] in ([], [Conflict])  # one after the other both may be, in turn
    used = AuditLog.objects.filter(action="credit_scoring.model.put_to_use").count()
    assert ModelVersion.objects.filter(status="CHAMPION").count() == 1
    assert used == 2 - len(refusals(tried))


def test_trees_never_decide_and_there_is_one_champion(candidate):
    row = ModelVersion.objects.create(
        name="lightgbm/x", kind="LIGHTGBM", artefact="tree", artefact_hash=champion.hash_of("tree"), trained_on="x",
        is_synthetic=True, trained_at=AT,
    )  # fmt: skip
    with pytest.raises(ModelUnusable):
        operations.ask_promotion(model=row, to="CHAMPION", reason="x", by=make_staff("ADMIN"), at=AT)
    with pytest.raises(IntegrityError, match="the_champion_is_a_scorecard"), transaction.atomic():
        ModelVersion.objects.filter(pk=row.pk).update(status="CHAMPION")
    with pytest.raises(IntegrityError, match="there_is_one_champion"), transaction.atomic():
        ModelVersion.objects.filter(pk=candidate.pk).update(status="CHAMPION")
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        ModelVersion.objects.filter(pk=candidate.pk).update(artefact="{}")
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        candidate.delete()


def past_the_triggers(sql, *values):
    table = ModelVersion._meta.db_table
    with connection.cursor() as cursor:  # as a broken disk would
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_an_altered_model_is_not_put_to_use(candidate):
    past_the_triggers("UPDATE credit_scoring_modelversion SET artefact = artefact || ' ' WHERE id = %s", candidate.pk)
    candidate.refresh_from_db()
    with pytest.raises(ModelUnusable):
        operations.ask_promotion(model=candidate, to="CHAMPION", reason="x", by=make_staff("ADMIN"), at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "sql"),
    [
        ("MODEL_CORRUPT", "UPDATE {} SET artefact = replace(artefact, 'points', 'pints')"),
        ("MODEL_CORRUPT", "UPDATE {} SET artefact = 'x', artefact_hash = encode(sha256('x'), 'hex')"),
        ("MODEL_MISSING", "DELETE FROM {}"),
    ],
)
def test_without_a_sound_model_the_five_factors_speak_and_the_score_says_so(fault, sql):
    person = make_earner(at=AT)
    past_the_triggers(sql.format(ModelVersion._meta.db_table))
    row = operations.score(user=person, at=AT, by=person)
    assert (row.model, row.model_version) == (None, "five-factors/1")
    assert fault in row.notes
    assert row.factors


@pytest.mark.django_db
def test_the_champion_speaks_of_those_it_knows():
    person = make_earner(at=AT)
    row = operations.score(user=person, at=AT, by=person)
    assert row.model == ModelVersion.objects.get(status="CHAMPION")
    assert row.model_version == row.model.name
    assert "SYNTHETIC_TRAINING" in row.notes
    assert not row.is_thin_file
    assert row.decision_score == scale.published(float(row.probability_of_default)).decision_score
