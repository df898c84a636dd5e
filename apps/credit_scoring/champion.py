"""The model that decides, loaded from its row: looked at by its hash each time, read once.

A model that is missing or was altered never stops the bank and never speaks: the five factors do, and the score says
so.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import structlog

from apps.credit_scoring.models import ModelVersion
from apps.credit_scoring.rules import scorecard
from apps.credit_scoring.rules.scorecard import Scorecard, Unreadable
from apps.credit_scoring.states import ModelStatus

log = structlog.get_logger(__name__)
MISSING, CORRUPT, SYNTHETIC = "MODEL_MISSING", "MODEL_CORRUPT", "SYNTHETIC_TRAINING"


@dataclass(frozen=True, slots=True)
class Champion:
    """The card in use, or why there is none."""

    version: ModelVersion | None
    card: Scorecard | None
    note: str = ""


def champion() -> Champion:
    """The card that decides now; one query."""
    row = ModelVersion.objects.filter(status=ModelStatus.CHAMPION).first()
    if row is None:
        log.warning("credit_model_missing")
        return Champion(None, None, MISSING)
    if not is_whole(row):
        log.error("credit_model_corrupt", model=row.name)
        return Champion(row, None, CORRUPT)
    try:
        return Champion(row, _read(row.artefact), SYNTHETIC if row.is_synthetic else "")
    except Unreadable as no:
        log.exception("credit_model_unreadable", model=row.name, why=str(no))
        return Champion(row, None, CORRUPT)


def is_whole(row: ModelVersion) -> bool:
    """Whether the artefact is the one that was trained."""
    return hash_of(row.artefact) == row.artefact_hash


def hash_of(artefact: str) -> str:
    """SHA-256 of the text."""
    return sha256(artefact.encode()).hexdigest()


@lru_cache(maxsize=8)
def _read(artefact: str) -> Scorecard:
    return scorecard.read(artefact)
