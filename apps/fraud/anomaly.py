"""The model in use, loaded by its hash; without one, or with one that was altered, the rules speak alone."""

from functools import lru_cache
from hashlib import sha256
from typing import Any

import structlog

from apps.fraud.models import AnomalyModel
from apps.fraud.rules import VERSION, forest
from apps.fraud.rules.facts import Facts
from apps.fraud.rules.forest import Forest, Unreadable

log = structlog.get_logger(__name__)
TELLS_FROM = 600  # thousandths: below, nobody asks why


def is_whole(row: AnomalyModel) -> bool:
    """Whether its text is the one that was trained."""
    return sha256(row.artefact.encode()).hexdigest() == row.artefact_hash


@lru_cache(maxsize=4)
def _loaded(pk: int, found: str) -> Forest:
    row = AnomalyModel.objects.get(pk=pk)
    if row.artefact_hash != found or not is_whole(row):
        raise Unreadable("its text is not the one that was trained")
    return forest.read(row.artefact)


def ask(model: str | None, facts: dict[str, Any]) -> str:
    """Add the fact `anomaly` when `model` (“id hash”, as the look says) can be asked.

    Answers with the version to keep: `rules/2`, with `+7` when model 7 was asked and `-7` when it could not be.
    """
    if not model:
        return VERSION
    pk, found = model.split(" ")
    try:
        facts["anomaly"] = _loaded(int(pk), found).odd(forest.vector(facts))
    except (Unreadable, AnomalyModel.DoesNotExist):
        log.exception("anomaly_model_unusable", model=pk)
        return f"{VERSION}-{pk}"
    return f"{VERSION}+{pk}"


def because(model: str | None, facts: Facts) -> list[str]:
    """What made a payment odd to the model that was asked, for those who look at it: the codes of features."""
    if not model or (facts.get("anomaly") or 0) < TELLS_FROM:
        return []
    pk, found = model.split(" ")
    return _loaded(int(pk), found).because(forest.vector(facts))


def score(row: AnomalyModel | None, facts: Facts) -> int | None:
    """What a model, in use or not, says of facts of the past; None when it cannot be asked."""
    if row is None:
        return None
    try:
        return _loaded(row.pk, row.artefact_hash).odd(forest.vector(facts))
    except Unreadable:
        return None


def to_try() -> AnomalyModel | None:
    """The model that back-tests ask about checks it was not there for: the one in use, else the newest candidate."""
    rows = AnomalyModel.objects.exclude(status="RETIRED").defer("artefact", "card")
    return rows.filter(status="IN_USE").first() or rows.order_by("-pk").first()
