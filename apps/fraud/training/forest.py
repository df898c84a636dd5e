"""From checks to a forest that `rules.forest` can ask, with its figures and card."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from apps.fraud.rules import forest
from apps.fraud.rules.drift import BANDS, shares
from apps.fraud.rules.facts import Facts

TREES, SAMPLE = 60, 256
LEAST_CHECKS = 500
THRESHOLDS = (600, 625, 650, 675, 700)


class TooLittle(ValueError):
    """Too few checks to learn what is ordinary."""


@dataclass(frozen=True, slots=True)
class Trained:
    """One forest, ready to be kept."""

    name: str
    artefact: str
    artefact_hash: str
    metrics: dict[str, Any]
    reference: dict[str, Any]
    card: dict[str, Any]


def train(kept: Sequence[Facts], odd: Sequence[bool], *, trained_on: str, is_synthetic: bool, seed: int) -> Trained:
    """Learn from the first three quarters in time, look at the last. The same checks and seed give the same text.

    `odd` is what is known of each to judge the model by; it learns without. Raises TooLittle.
    """
    if len(kept) < LEAST_CHECKS:
        raise TooLittle(f"{len(kept)} checks are too few to learn from: {LEAST_CHECKS} are wanted")
    vectors = [forest.vector(facts) for facts in kept]
    cut = len(vectors) * 3 // 4
    artefact = _grown(vectors[:cut], seed)
    held = forest.read(artefact)
    then, later = ([held.odd(values) for values in part] for part in (vectors[:cut], vectors[cut:]))
    found = sha256(artefact.encode()).hexdigest()
    name = f"forest/{'synthetic' if is_synthetic else 'bank'}-{seed}/{found[:8]}"
    metrics = {
        "learnt_from": len(then),
        "judged_on": len(later),
        "above": {str(at): round(sum(one >= at for one in later) / len(later), 5) for at in THRESHOLDS},
        "auc": _auc(later, odd[cut:]),
        "found_above": {str(at): _found(later, odd[cut:], at) for at in THRESHOLDS},
    }
    card = _card(name, trained_on, is_synthetic=is_synthetic, seed=seed, metrics=metrics)
    return Trained(name, artefact, found, metrics, {"bands": list(BANDS), "shares": shares(then)}, card)


def _grown(vectors: Sequence[Sequence[float]], seed: int) -> str:
    import numpy as np
    from sklearn.ensemble import IsolationForest

    matrix = np.asarray(vectors, dtype=np.float32)
    sample = min(SAMPLE, len(vectors))
    grown = IsolationForest(n_estimators=TREES, max_samples=sample, random_state=seed).fit(matrix)
    trees = []
    for one in grown.estimators_:
        tree = one.tree_
        trees.append(
            {
                "feature": [int(value) if low >= 0 else -1
                            for value, low in zip(tree.feature, tree.children_left, strict=True)],
                "at": [round(float(value), 6) for value in tree.threshold],
                "low": [int(value) for value in tree.children_left],
                "high": [int(value) for value in tree.children_right],
                "size": [int(value) for value in tree.n_node_samples],
            }
        )  # fmt: skip
    told = {"kind": "isolation forest", "features": list(forest.FEATURES), "sample": sample, "trees": trees}
    told["middle"] = [round(float(value), 4) for value in np.median(matrix, axis=0)]
    return json.dumps(told, separators=(",", ":"), sort_keys=True)


def _auc(scores: Sequence[int], odd: Sequence[bool]) -> float | None:
    """How often an odd payment scores above another one, ties as halves; None without any that is known to be odd."""
    ups = [score for score, is_odd in zip(scores, odd, strict=True) if is_odd]
    downs = sorted(score for score, is_odd in zip(scores, odd, strict=True) if not is_odd)
    if not ups or not downs:
        return None
    from bisect import bisect_left, bisect_right

    won = sum((bisect_left(downs, up) + bisect_right(downs, up)) / 2 for up in ups)
    return round(won / len(ups) / len(downs), 4)


def _found(scores: Sequence[int], odd: Sequence[bool], at: int) -> float | None:
    ups = [score for score, is_odd in zip(scores, odd, strict=True) if is_odd]
    return round(sum(score >= at for score in ups) / len(ups), 4) if ups else None


def _card(name: str, trained_on: str, *, is_synthetic: bool, seed: int, metrics: dict[str, Any]) -> dict[str, Any]:
    limits = [
        "It says that a payment is unlike others, not that it is fraud; by itself it holds nothing.",
        "What it weighs is a rule of the screen, with versions and a back-test of its own.",
    ]
    if is_synthetic:
        limits.insert(0, "Learnt from invented payments: its figures say nothing of real ones.")
    return {
        "name": name,
        "purpose": "How unlike other payments one is, 0 to 1,000.",
        "trained_on": trained_on,
        "is_synthetic": is_synthetic,
        "seed": seed,
        "method": f"Isolation forest, {TREES} trees of {SAMPLE} payments.",
        "looks_at": {code: words for code, (_of, words) in forest.FEATURES.items()},
        "never_looks_at": ["name", "sex", "age", "language", "place", "who is paid"],
        "no_leakage": "Learns from the facts that were written down with each check at its own moment.",
        "figures": metrics,
        "limits": limits,
    }
