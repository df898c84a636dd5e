"""The model beside the rules: trained, put to use by two people, switched off by one, and watched for drift."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fraud import anomaly
from apps.fraud.errors import CannotTrain, ModelUnusable
from apps.fraud.events import ModelDrifted
from apps.fraud.models import AnomalyModel, AnomalyReading, AnomalyStatus, FraudCheck
from apps.fraud.operations.review import ReasonNeeded
from apps.fraud.rules import VERSION, drift, forest
from apps.fraud.rules.forest import Unreadable
from apps.fraud.states import ANOMALY
from apps.fraud.training import forest as training
from apps.fraud.training.synthetic import invented
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict
from apps.kernel.models import Approval
from apps.users.models import User
from apps.users.policies import require_right

RIGHT = "fraud.manage_rules"
PROMOTE = "fraud.promote_model"
SYNTHETIC, BANK = "synthetic", "bank"
SEED, ROWS = 2026, 6_000
LEARNS_FROM = timedelta(days=180)
MOST_CHECKS = 100_000
WEEK = timedelta(days=7)
FEW_CHECKS = 200


def train_model(*, dataset: str, seed: int = SEED, rows: int = ROWS, by: User, at: datetime) -> AnomalyModel:
    """Grow a forest and keep it as a candidate; takes seconds. Raises CannotTrain.

    `synthetic`: invented payments, and the model says so. `bank`: the checks of the last 180 days with the facts of
    their moment, without those that were confirmed as fraud, which only judge it.
    """
    kept, odd = invented(seed, rows) if dataset == SYNTHETIC else _of_the_bank(at)
    words = "invented payments" if dataset == SYNTHETIC else f"checks of {at - LEARNS_FROM:%Y-%m-%d} to {at:%Y-%m-%d}"
    try:
        made = training.train(kept, odd, trained_on=words, is_synthetic=dataset == SYNTHETIC, seed=seed)
    except training.TooLittle as no:
        raise CannotTrain(_("There are too few checks to learn from. No model was made. %(why)s") % {"why": no}) from no
    with transaction.atomic():
        earlier = AnomalyModel.objects.filter(name=made.name).first()
        if earlier:
            return earlier
        row = AnomalyModel.objects.create(
            name=made.name, artefact=made.artefact, artefact_hash=made.artefact_hash, trained_on=words,
            is_synthetic=dataset == SYNTHETIC, seed=seed, metrics=made.metrics, reference=made.reference,
            card=made.card, trained_at=at, trained_by=None if by.is_service else by,
        )  # fmt: skip
        told = {"hash": row.artefact_hash, "trained_on": row.trained_on, "auc": made.metrics["auc"]}
        audit_trail.record("fraud.model.trained", on=row, by=by, at=at, after=told)
    return row


def _of_the_bank(at: datetime) -> tuple[list[dict[str, Any]], list[bool]]:
    rows = FraudCheck.objects.filter(checked_at__gt=at - LEARNS_FROM, checked_at__lte=at).exclude(facts={})
    kept = list(rows.order_by("-pk").values_list("facts", "flag__status")[:MOST_CHECKS])
    kept.reverse()
    cut = len(kept) * 3 // 4
    # What was confirmed as fraud teaches nothing of the ordinary; among the last quarter it judges.
    used = [one for nth, one in enumerate(kept) if nth >= cut or one[1] != "CONFIRMED"]
    return [facts for facts, _status in used], [status == "CONFIRMED" for _facts, status in used]


def ask_promotion(*, model: AnomalyModel, reason: str, by: User, at: datetime) -> Approval:
    """Ask that the screen ask this model from now on. A second person allows it.

    Raises NotAllowed, ReasonNeeded, ModelUnusable, Conflict.
    """
    require_right(by, RIGHT)
    if not reason.strip():
        raise ReasonNeeded(_("Say why: the person who decides reads your reason. Nothing was changed."))
    _require_usable(model)
    before = AnomalyModel.objects.filter(status=AnomalyStatus.IN_USE).first()
    return approvals.ask(
        kind=PROMOTE,
        subject=f"fraud/models/{model.pk}",
        payload={"model": model.pk},
        before=_figures(before) if before else {},
        after=_figures(model),
        reason=reason.strip(),
        by=by,
        at=at,
    )


def _figures(row: AnomalyModel) -> dict[str, Any]:
    return {"model": row.name, "trained on": row.trained_on, "auc": row.metrics.get("auc"),
            "above": row.metrics.get("above"), "invented payments": row.is_synthetic}  # fmt: skip


def _require_usable(row: AnomalyModel) -> None:
    if not ANOMALY.allows(row.status, AnomalyStatus.IN_USE):
        raise Conflict(_("This model cannot be put to use from where it stands. Nothing was changed."))
    try:
        if not anomaly.is_whole(row):
            raise Unreadable("altered")
        forest.read(row.artefact)
    except Unreadable as no:
        raise ModelUnusable(
            _("The model is not the one that was trained. Nothing was changed. Train it again.")
        ) from no


@transaction.atomic
def run_promotion(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The allowed change: the model before it is retired. Raises ModelUnusable, Conflict, IllegalMove."""
    row = AnomalyModel.objects.get(pk=payload["model"])
    _require_usable(row)
    before = AnomalyModel.objects.select_for_update().filter(status=AnomalyStatus.IN_USE).first()
    try:
        with transaction.atomic():
            if before:
                ANOMALY.make(before, AnomalyStatus.RETIRED, retired_at=at, retired_because=f"Replaced by {row.name}")
            ANOMALY.make(row, AnomalyStatus.IN_USE, in_use_from=at)
    except IntegrityError as no:
        raise Conflict(_("Another model was put to use at this moment. Nothing was changed. Look again.")) from no
    told = {"model": row.name, "in_place_of": before.name if before else ""}
    audit_trail.record("fraud.model.put_to_use", on=row, by=checker, at=at, after=told)
    return told


@transaction.atomic
def switch_off(*, model: AnomalyModel, why: str, by: User, at: datetime) -> None:
    """The kill switch: from now on the rules speak alone. One person is enough, because nothing gets looser by it
    that was not there before the model. Raises NotAllowed, ReasonNeeded, IllegalMove.
    """
    require_right(by, RIGHT)
    if not why.strip():
        raise ReasonNeeded(_("Say why: whoever looks at it later reads your reason."))
    ANOMALY.make(model, AnomalyStatus.RETIRED, retired_at=at, retired_because=why.strip()[:300])
    audit_trail.record("fraud.model.switched_off", on=model, by=by, at=at, reason=why)


@transaction.atomic
def read_drift(*, at: datetime) -> AnomalyReading | None:
    """The scores of the last seven days against those of training, once a day; too few of them are no reading."""
    row = AnomalyModel.objects.filter(status=AnomalyStatus.IN_USE).first()
    if row is None:
        return None
    checks = FraudCheck.objects.filter(
        checked_at__gt=at - WEEK, checked_at__lte=at, model_version=f"{VERSION}+{row.pk}"
    )
    scores = [score for score in checks.values_list("facts__anomaly", flat=True) if score is not None]
    if len(scores) < FEW_CHECKS:
        return None
    moved = drift.stability(row.reference["shares"], drift.shares(scores))
    reading, is_new = AnomalyReading.objects.get_or_create(
        model=row,
        on_date=local_date(at),
        defaults={"checks": len(scores), "psi": Decimal(f"{moved:.4f}"), "bands": drift.counts(scores), "taken_at": at},
    )
    if is_new and moved >= drift.MOVED:
        events.publish(ModelDrifted(model_id=row.pk, psi=f"{moved:.4f}"))
    return reading
