"""The pipeline on borrowers that really lived: how well its models tell who failed, on cases they never saw."""

import numpy as np
import pytest

from apps.credit_scoring.rules import metrics, woe
from apps.credit_scoring.tests.public_data import credit_data, folds, german_credit, give_me_some_credit
from apps.credit_scoring.training import trees
from apps.credit_scoring.training.pipeline import card_risk

SEED = 2026
LARGE = {
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "max_bin": 127,
}
SMALL = {"num_leaves": 6, "min_data_in_leaf": 30, "feature_fraction": 0.5}


def told(name, bad, risk):
    """The figures of one model, printed with `-s`: accuracy never without the base rate."""
    found = metrics.report(bad, risk)
    print(  # noqa: T201
        f"\n{name}: AUC {found['auc']:.4f}  KS {found['ks']:.4f}  Brier {found['brier']:.4f}"
        f"  right at one half {found['accuracy']:.4f}  (calling everybody good {found['base_rate']:.4f})"
    )
    return found


@pytest.fixture(scope="module")
def large():
    """Give Me Some Credit: learnt from seven tenths, judged on three."""
    people = give_me_some_credit()
    order = np.random.default_rng(SEED).permutation(len(people.bad))
    learn, judge = np.split(order, [len(order) * 7 // 10])
    learnt, judged = people.parts(learn, judge)
    card = woe.fit(learnt, people.bad[learn], directions={}).card
    risk = card_risk(card, judged)
    return learnt, people.bad[learn], judged, people.bad[judge], risk


@pytest.mark.lightgbm
def test_knows_who_fails_of_give_me_some_credit_and_the_card_is_close(large):
    learnt, bad, judged, truth, risk = large
    assert len(bad) + len(truth) == 150_000
    model = trees.train(learnt, bad, directions={}, seed=SEED, rounds=90, **LARGE)
    challenger = told("Give Me Some Credit, challenger", truth, trees.predict(model, judged))
    card = told("Give Me Some Credit, card", truth, risk)
    assert challenger["auc"] >= 0.86
    assert challenger["ks"] >= 0.57
    assert challenger["brier"] <= 0.050
    assert card["auc"] >= challenger["auc"] - 0.01
    assert challenger["accuracy"] >= challenger["base_rate"]


def test_the_card_promises_what_comes_true_on_the_large_set(large):
    *_learnt, truth, risk = large
    for band in metrics.calibration(truth, risk):
        assert band["promised"] == pytest.approx(band["seen"], abs=0.015)


def judged_in_folds(people, make):
    """Each case's risk by a model that never saw it, and the mean AUC and KS of five folds."""
    part, risk, found = folds(people.bad, SEED), np.zeros(len(people.bad)), []
    for nth in range(5):
        learn, judge = part != nth, part == nth
        risk[judge] = make(*people.parts(learn, judge), people.bad[learn], people.categories)
        found.append((metrics.auc(people.bad[judge], risk[judge]), metrics.ks(people.bad[judge], risk[judge])))
    return risk, *np.mean(found, axis=0)


def by_card(learnt, judged, bad, categories):
    fitted = woe.fit(learnt, bad, directions=dict.fromkeys(categories, -1), least=0.05, most=6, least_information=0.02)
    return card_risk(fitted.card, judged)


def by_trees(learnt, judged, bad, _categories):
    return trees.predict(trees.train(learnt, bad, directions={}, seed=SEED, rounds=250, **SMALL), judged)


@pytest.mark.lightgbm
def test_knows_who_fails_of_credit_data():
    people = credit_data()
    assert (len(people.bad), round(people.bad.mean(), 4)) == (4454, 0.2815)
    risk, auc, ks = judged_in_folds(people, by_trees)
    pooled = told("credit_data, challenger, 5 folds", people.bad, risk)
    assert min(auc, pooled["auc"]) >= 0.84
    assert min(ks, pooled["ks"]) >= 0.54
    card, auc, _ks = judged_in_folds(people, by_card)
    told("credit_data, card, 5 folds", people.bad, card)
    assert auc >= 0.84


@pytest.mark.lightgbm
def test_knows_who_fails_of_german_credit():
    people = german_credit()
    assert (len(people.bad), people.bad.mean()) == (1000, 0.3)
    risk, auc, _ks = judged_in_folds(people, by_trees)
    told("German Credit, challenger, 5 folds", people.bad, risk)
    assert auc >= 0.77
    card, auc, _ks = judged_in_folds(people, by_card)
    told("German Credit, card, 5 folds", people.bad, card)
    assert auc >= 0.77
