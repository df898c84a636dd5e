"""Training and keeping models; which of them decides is changed by two people."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import features
from apps.credit_scoring.champion import is_whole
from apps.credit_scoring.errors import CannotTrain, ModelUnusable
from apps.credit_scoring.loan_facts import LoanOutcome, loan_facts
from apps.credit_scoring.models import ModelKind, ModelVersion
from apps.credit_scoring.policies import MANAGES
from apps.credit_scoring.rules import scorecard
from apps.credit_scoring.rules.features import CHARACTERISTICS, vector
from apps.credit_scoring.rules.scorecard import Unreadable
from apps.credit_scoring.states import MODEL, ModelStatus
from apps.credit_scoring.training import pipeline
from apps.credit_scoring.training.pipeline import Made, TooLittle, Trained
from apps.credit_scoring.training.synthetic import MONTHS, Cases, synthetic_year
from apps.kernel import approvals
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval
from apps.users.models import User
from apps.users.policies import require_right

PROMOTE = "credit_scoring.promote"
SYNTHETIC, BANK = "synthetic", "bank"
SEED, ROWS = 2026, 12_000
FACTS = (
    "name", "kind", "artefact", "artefact_hash", "trained_on", "is_synthetic", "seed", "metrics", "reference", "card",
    "card_markdown",
)  # fmt: skip


def train_models(*, dataset: str, seed: int = SEED, rows: int = ROWS, by: User, at: datetime) -> list[ModelVersion]:
    """Train a card and its challenger and keep both as candidates. Takes seconds. Raises CannotTrain.

    `synthetic`: an invented year, and the models say so. `bank`: loans that were decided here over a year ago, each
    with what the bank knew at that moment. Where nothing decides yet the card does at once; where no challenger runs
    the trees do, in the shadow. Training again on the same cases keeps the models that are there.
    """
    made = _made(dataset, seed, rows, at)
    return [keep(found, by=by, at=at) for found in (made.scorecard, made.challenger) if found]


def _made(dataset: str, seed: int, rows: int, at: datetime) -> Made:
    cases = synthetic_year(seed, rows) if dataset == SYNTHETIC else bank_year(at)
    try:
        return pipeline.train(cases, seed=seed)
    except TooLittle as no:
        words = _("There are too few loans to learn from. No model was made. %(why)s")
        raise CannotTrain(words % {"why": no}) from no


def bank_year(at: datetime) -> Cases:
    """Loans decided between two years and one year ago, seen as they were on the day of their decision."""
    import numpy as np

    since, until = at - timedelta(days=730), at - timedelta(days=365)
    ended = sorted(loan_facts().outcomes(since=since, until=until), key=lambda row: row.decided_at)
    people = User.objects.in_bulk({row.user_id for row in ended})
    seen = [_seen(row, people[row.user_id]) for row in ended]
    columns = {
        code: np.array([np.nan if row[code] is None else row[code] for row in seen], dtype=float)
        for code in CHARACTERISTICS
    }
    bad = np.array([int(row.is_bad) for row in ended], dtype=int)
    month = np.array([1 + (row.decided_at - since).days * MONTHS // 366 for row in ended], dtype=int)
    return Cases(f"loans of {since:%Y-%m-%d} to {until:%Y-%m-%d}", columns, bad, month, is_synthetic=False)


def _seen(row: LoanOutcome, person: User) -> dict[str, float | None]:
    return vector(features.observe([person], at=row.decided_at)[0].features)


@transaction.atomic
def keep(found: Trained, *, by: User, at: datetime) -> ModelVersion:
    """Write a trained model down; the very same one stands already when it was trained before."""
    earlier = ModelVersion.objects.filter(name=found.name).first()
    if earlier:
        return earlier
    row = ModelVersion.objects.create(
        **{name: getattr(found, name) for name in FACTS}, trained_at=at, trained_by=None if by.is_service else by
    )
    told = {"hash": row.artefact_hash, "trained_on": row.trained_on, "auc": found.metrics["out_of_time"]["auc"]}
    audit_trail.record("credit_scoring.model.trained", on=row, by=by, at=at, after=told)
    _use_where_nothing_is(row, by, at)
    return row


def _use_where_nothing_is(row: ModelVersion, by: User, at: datetime) -> None:
    to = ModelStatus.CHAMPION if row.kind == ModelKind.SCORECARD else ModelStatus.CHALLENGER
    if not ModelVersion.objects.filter(status=to).exists():
        _put_to_use(row, to, by, at)


def ask_promotion(*, model: ModelVersion, to: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask that another model decide (CHAMPION) or run in the shadow (CHALLENGER). A second person allows it.

    Raises NotAllowed, ModelUnusable, Conflict.
    """
    require_right(by, MANAGES)
    if not reason.strip():
        raise NotAllowed(_("Say why: the person who decides reads your reason. Nothing was changed."))
    _require_usable(model, to)
    now_in_use = ModelVersion.objects.filter(status=to).first()
    return approvals.ask(
        kind=PROMOTE,
        subject=f"credit_scoring/models/{model.pk}",
        payload={"model": model.pk, "to": to},
        before=_figures(now_in_use) if now_in_use else {},
        after=_figures(model),
        reason=reason.strip(),
        by=by,
        at=at,
    )


def _figures(row: ModelVersion) -> dict[str, Any]:
    later = row.metrics.get("out_of_time", {})
    return {"model": row.name, "trained_on": row.trained_on, **{key: later.get(key) for key in ("auc", "ks", "brier")}}


def _require_usable(row: ModelVersion, to: str) -> None:
    if to not in {ModelStatus.CHAMPION, ModelStatus.CHALLENGER} or not MODEL.allows(row.status, to):
        raise Conflict(_("This model cannot be put to that use from where it stands. Nothing was changed."))
    if not is_whole(row):
        raise ModelUnusable(_("The model is not the one that was trained. Nothing was changed. Train it again."))
    if to == ModelStatus.CHAMPION and row.kind != ModelKind.SCORECARD:
        raise ModelUnusable(_("Only a scorecard decides, because its reasons can be told. Nothing was changed."))
    if row.kind == ModelKind.SCORECARD:
        try:
            scorecard.read(row.artefact)
        except Unreadable as no:
            raise ModelUnusable(_("The model cannot be read. Nothing was changed. Train it again.")) from no


@transaction.atomic
def run_promotion(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The allowed change: the model before it is retired. Raises ModelUnusable, Conflict, IllegalMove."""
    row = ModelVersion.objects.get(pk=payload["model"])
    _require_usable(row, payload["to"])
    try:
        with transaction.atomic():
            _put_to_use(row, payload["to"], checker, at)
    except IntegrityError as no:
        raise Conflict(_("Another model was put to use at this moment. Nothing was changed. Look again.")) from no
    return {"model": row.name, "to": payload["to"]}


def _put_to_use(row: ModelVersion, to: str, by: User, at: datetime) -> None:
    before = ModelVersion.objects.select_for_update().filter(status=to).first()
    if before:
        MODEL.make(before, ModelStatus.RETIRED, retired_at=at)
    was = row.status
    MODEL.make(row, to, in_use_from=at)
    told = {"status": to, "in_place_of": before.name if before else ""}
    audit_trail.record("credit_scoring.model.put_to_use", on=row, by=by, at=at, before={"status": was}, after=told)
