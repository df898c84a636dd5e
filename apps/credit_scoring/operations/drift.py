"""The weekly look: are today's customers still those the models were made of, and did what was promised come true."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring.champion import is_whole
from apps.credit_scoring.events import ModelDrifted
from apps.credit_scoring.loan_facts import loan_facts
from apps.credit_scoring.models import CreditScore, Decision, DriftReading, ModelVersion
from apps.credit_scoring.rules import metrics, scale
from apps.credit_scoring.rules.features import CHARACTERISTICS, from_payload, vector
from apps.credit_scoring.states import ModelStatus
from apps.credit_scoring.training import trees
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
LOOK_BACK, YEAR = timedelta(days=30), timedelta(days=365)
LEAST = 200  # fewer scores than this say nothing
ALARM = Decimal("0.2")
LINE = 600


@dataclass(frozen=True, slots=True)
class Lately:
    """The last month's scores of the champion, with what it saw of each customer."""

    risks: list[float]
    seen: list[dict[str, float | None]]


@dataclass(frozen=True, slots=True)
class Told:
    """What one model says of them, and how a challenger's words stand beside the champion's."""

    risks: list[float]
    agreement: dict[str, Any] = field(default_factory=dict)


def read_drift(*, at: datetime) -> list[DriftReading]:
    """Read the champion, and the challenger where LightGBM is there, once a day. Alarms are told and audited."""
    lately = _lately(at)
    readings = []
    rows = ModelVersion.objects.filter(status__in=[ModelStatus.CHAMPION, ModelStatus.CHALLENGER]).order_by("pk")
    for model in rows:
        told = _told(model, lately)
        if told is not None:
            readings.append(_written(model, lately, told, at))
    return readings


def _lately(at: datetime) -> Lately:
    rows = (
        CreditScore.objects.filter(
            computed_at__gt=at - LOOK_BACK, computed_at__lte=at, is_thin_file=False, model__isnull=False
        )
        .select_related("snapshot")
        .order_by("user_id", "-pk")
        .distinct("user_id")
    )
    found = [(float(row.probability_of_default), vector(from_payload(row.snapshot.measured))) for row in rows]
    return Lately([risk for risk, _seen in found], [seen for _risk, seen in found])


def _told(model: ModelVersion, lately: Lately) -> Told | None:
    if model.status == ModelStatus.CHAMPION:
        return Told(lately.risks)
    why = trees.why_not()
    if why or not is_whole(model):
        log.warning("challenger_skipped", model=model.name, why=why or "its artefact was altered")
        return None
    if not lately.seen:
        return Told([])
    columns = {
        code: [float("nan") if row[code] is None else row[code] for row in lately.seen] for code in CHARACTERISTICS
    }
    risks = [float(risk) for risk in trees.predict(model.artefact, columns)]
    return Told(risks, _agreement(lately.risks, risks))


def _agreement(champion: Sequence[float], challenger: Sequence[float]) -> dict[str, Any]:
    sides = Counter((_is_above(one), _is_above(other)) for one, other in zip(champion, challenger, strict=True))
    count = len(champion)
    return {
        "mean_pd": round(sum(challenger) / count, 6),
        "champion_mean_pd": round(sum(champion) / count, 6),
        "same_side": round((sides[True, True] + sides[False, False]) / count, 6),
        "only_champion_approves": sides[True, False],
        "only_challenger_approves": sides[False, True],
    }


def _is_above(risk: float) -> bool:
    return scale.published(risk).decision_score > LINE


@transaction.atomic
def _written(model: ModelVersion, lately: Lately, told: Told, at: datetime) -> DriftReading:
    scores = [scale.published(risk).decision_score for risk in told.risks]
    then, now = model.reference["bands"], metrics.spread(scores, model.reference["band_ends"])
    enough = len(scores) >= LEAST
    psi = Decimal(metrics.psi(then, now)).quantize(Decimal("0.00001")) if enough else None
    row, is_new = DriftReading.objects.get_or_create(
        model=model,
        read_on=local_date(at),
        defaults={
            "scores": len(scores),
            "psi": psi,
            "by_characteristic": _by_characteristic(model.reference["characteristics"], lately) if enough else {},
            "bands": _bands(model.reference["band_ends"], then, now),
            "calibration": _calibration(at) if model.status == ModelStatus.CHAMPION else [],
            "mean_pd": Decimal(sum(told.risks) / len(scores)).quantize(Decimal("0.000001")) if scores else None,
            "agreement": told.agreement,
            "is_alarm": psi is not None and psi > ALARM,
            "read_at": at,
        },
    )
    if is_new and row.is_alarm:
        facts = {"psi": str(psi), "scores": len(scores)}
        audit_trail.record("credit_scoring.model.drifted", on=model, by=system_user(), at=at, after=facts)
        events.publish(ModelDrifted(reading_id=row.pk, model=model.name, psi=str(psi)))
    return row


def _by_characteristic(reference: Mapping[str, Any], lately: Lately) -> dict[str, float]:
    found = {}
    for code, spread in reference.items():
        values = [row[code] for row in lately.seen]
        known = [value for value in values if value is not None]
        now = [*metrics.spread(known, spread["ends"]), len(values) - len(known)]
        found[code] = round(metrics.psi(spread["counts"], now), 5)
    return found


def _bands(ends: Sequence[int], then: Sequence[int], now: Sequence[int]) -> list[dict[str, Any]]:
    """Each band with its share of the training population and of today's, as rows of a table."""
    starts = [0, *(end + 1 for end in ends)]
    return [
        {
            "from": start,
            "upto": end,
            "then": round(old / max(sum(then), 1), 5),
            "now": round(new / max(sum(now), 1), 5),
        }
        for start, end, old, new in zip(starts, [*ends, scale.HIGHEST], then, now, strict=True)
    ]


def _calibration(at: datetime) -> list[dict[str, float]]:
    """Promised and seen of loans decided between two years and one year ago; empty until there are some."""
    ended = {row.reference: row.is_bad for row in loan_facts().outcomes(since=at - 2 * YEAR, until=at - YEAR)}
    rows = Decision.objects.filter(loan_reference__in=ended).exclude(loan_reference="").select_related("score")
    told = [(ended[row.loan_reference], float(row.score.probability_of_default)) for row in rows]
    if len(told) < LEAST:
        return []
    return metrics.calibration([bad for bad, _risk in told], [risk for _bad, risk in told])
