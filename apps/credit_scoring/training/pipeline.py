"""From cases to two models with their figures: learn on nine months, be judged on the three that came after."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from apps.credit_scoring.rules import metrics, scale, woe
from apps.credit_scoring.rules.features import CHARACTERISTICS
from apps.credit_scoring.rules.scorecard import Scorecard
from apps.credit_scoring.training import trees
from apps.credit_scoring.training.cards import card_of, markdown_of
from apps.credit_scoring.training.synthetic import Cases

LEARN_UPTO = 9  # months; the rest is out of time
LEAST_CASES, LEAST_BAD = 500, 50
SCORECARD, LIGHTGBM = "SCORECARD", "LIGHTGBM"


class TooLittle(ValueError):
    """Too few cases, or all of one kind."""


@dataclass(frozen=True, slots=True)
class Trained:
    """One model, ready to be kept."""

    name: str
    kind: str
    artefact: str
    artefact_hash: str
    trained_on: str
    is_synthetic: bool
    seed: int
    metrics: dict[str, Any]
    reference: dict[str, Any]
    card: dict[str, Any]
    card_markdown: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a training gave: the card, the challenger where LightGBM is there, else why not."""

    scorecard: Trained
    challenger: Trained | None
    why_no_challenger: str = ""


def train(cases: Cases, *, seed: int, with_challenger: bool = True) -> Made:
    """Both models. The same cases and seed give the same card to the byte. Raises TooLittle."""
    learnt, later = cases.part(cases.month <= LEARN_UPTO), cases.part(cases.month > LEARN_UPTO)
    for part in (learnt, later):
        if len(part) < LEAST_CASES or not LEAST_BAD <= int(part.bad.sum()) <= len(part) - LEAST_BAD:
            raise TooLittle(f"{len(part)} cases of which {int(part.bad.sum())} failed are too little to learn from")
    fitted = woe.fit(learnt.columns, learnt.bad, directions=CHARACTERISTICS)
    told = {
        "information_value": fitted.information,
        "coefficients": {code: round(slope, 6) for code, slope in fitted.coefficients.items()},
        "dropped": list(fitted.dropped),
    }
    then, now = (card_risk(fitted.card, part.columns) for part in (learnt, later))
    card = _kept(SCORECARD, fitted.card.text(), cases, learnt, later, (then, now), seed, told)
    why = trees.why_not() if with_challenger else "not asked for"
    if why:
        return Made(card, None, why)
    artefact = trees.train(learnt.columns, learnt.bad, directions=CHARACTERISTICS, seed=seed)
    then, now = (trees.predict(artefact, part.columns) for part in (learnt, later))
    return Made(card, _kept(LIGHTGBM, artefact, cases, learnt, later, (then, now), seed, {"rounds": trees.ROUNDS}))


def card_risk(card: Scorecard, columns: dict[str, Any]) -> Any:
    """Probabilities of default of whole columns, by the same points as one customer at a time."""
    import numpy as np

    points = np.full(len(next(iter(columns.values()))), float(card.base))
    for row in card.characteristics:
        values = np.asarray(columns[row.code], dtype=float)
        ends = np.asarray([part.upto for part in row.bins[:-1]], dtype=float)
        worth = np.asarray([*(part.points for part in row.bins), row.missing.points], dtype=float)
        place = np.searchsorted(ends, values, side="left")
        points += worth[np.where(np.isnan(values), len(worth) - 1, place)]
    return 1 / (1 + np.exp(scale.log_odds_of(0) + points * np.log(2) / scale.DOUBLES))


def decision_scores(risk: Any) -> list[int]:
    """Decision scores of probabilities."""
    return [scale.published(float(value)).decision_score for value in risk]


def _kept(
    kind: str,
    artefact: str,
    cases: Cases,
    learnt: Cases,
    later: Cases,
    risk: tuple[Any, Any],
    seed: int,
    told: dict[str, Any],
) -> Trained:
    then, now = (decision_scores(part) for part in risk)
    ends = band_ends(then)
    figures = {
        "learnt_from": metrics.report(learnt.bad, risk[0]),
        "out_of_time": metrics.report(later.bad, risk[1]),
        "psi_out_of_time": round(metrics.psi(metrics.spread(then, ends), metrics.spread(now, ends)), 6),
        **told,
    }
    reference = {"band_ends": ends, "bands": metrics.spread(then, ends), "characteristics": _spreads(learnt)}
    found = sha256(artefact.encode()).hexdigest()
    slug = "synthetic" if cases.is_synthetic else "bank"
    name = f"{kind.lower()}/{slug}-{seed}/{found[:8]}"
    card = card_of(name, kind, cases.name, is_synthetic=cases.is_synthetic, seed=seed, figures=figures)
    return Trained(
        name=name,
        kind=kind,
        artefact=artefact,
        artefact_hash=found,
        trained_on=cases.name,
        is_synthetic=cases.is_synthetic,
        seed=seed,
        metrics=figures,
        reference=reference,
        card=card,
        card_markdown=markdown_of(card),
    )


def band_ends(scores: list[int]) -> list[int]:
    """The ends of ten bands that hold about as many scores each."""
    ordered = sorted(scores)
    return sorted({ordered[len(ordered) * nth // 10] for nth in range(1, 10)})


def _spreads(cases: Cases) -> dict[str, dict[str, list[float]]]:
    """How each characteristic was spread: up to five ranges, and missing last."""
    import numpy as np

    found = {}
    for code, values in cases.columns.items():
        known = values[~np.isnan(values)]
        ends = sorted({float(end) for end in np.quantile(known, (0.2, 0.4, 0.6, 0.8), method="lower")})
        counts = [*metrics.spread(known.tolist(), ends), len(values) - len(known)]
        found[code] = {"ends": ends, "counts": [float(count) for count in counts]}
    return found
