"""How loans are classed and provided for, changed by two people: days and rates as dated rows with their source.

Nothing is worked out again for days that have ended: a row counts from the end of its first day on.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.models import Approval
from apps.lending import policies
from apps.lending.errors import BadProduct
from apps.lending.models import AgeingRule, LossBand
from apps.lending.queries import ageing_rule
from apps.users.models import User

SET_AGEING = "lending.set_ageing"
SET_LOSS_RATE = "lending.set_loss_rate"
LONGEST = 1000  # days
DAYS = ("stage_2_after", "non_performing_after", "cure_days")


def ask_ageing(*, days: dict[str, int], valid_from: date, source: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask for other days (`stage_2_after`, `non_performing_after`, `cure_days`) from a day on; a second person must
    allow it. Raises NotAllowed, BadProduct.
    """
    policies.require_may_change_products(by)
    _require_days(days)
    _require_dated(valid_from, source, at)
    held = ageing_rule(valid_from)
    return approvals.ask(
        kind=SET_AGEING,
        subject="loans/ageing",
        payload={"days": days, "valid_from": valid_from.isoformat(), "source": source.strip()},
        reason=reason,
        by=by,
        at=at,
        before={name: getattr(held, name) for name in DAYS},
        after=days | {"from": valid_from.isoformat(), "source": source.strip()},
    )


def ask_loss_rate(
    *, band: LossBand, rate: Decimal, valid_from: date, source: str, reason: str, by: User, at: datetime
) -> Approval:
    """Ask that a class of a regulator's table be provided for by another share (0.03 is 3 %) from a day on; a second
    person must allow it. Raises NotAllowed, BadProduct.
    """
    policies.require_may_change_products(by)
    _require_rate(rate)
    _require_dated(valid_from, source, at)
    return approvals.ask(
        kind=SET_LOSS_RATE,
        subject=f"loans/classes/{band.table.code}/{band.code}",
        payload={"band": band.pk, "rate": f"{rate:f}", "valid_from": valid_from.isoformat(), "source": source.strip()},
        reason=reason,
        by=by,
        at=at,
        before={"rate": f"{band.rate:f}"},
        after={"rate": f"{rate:f}", "from": valid_from.isoformat(), "source": source.strip()},
    )


@transaction.atomic
def run_ageing(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises BadProduct when its day has passed or has a row already."""
    _require_days(payload["days"])
    return _kept(AgeingRule(**payload["days"]), payload, maker, checker, at)


@transaction.atomic
def run_loss_rate(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises BadProduct when its day has passed or has a row already."""
    band = LossBand.objects.get(pk=payload["band"])
    rate = Decimal(payload["rate"])
    _require_rate(rate)
    row = LossBand(table_id=band.table_id, code=band.code, from_days=band.from_days, rate=rate)
    return _kept(row, payload, maker, checker, at)


def _kept(
    row: AgeingRule | LossBand, payload: dict[str, Any], maker: Any, checker: Any, at: datetime
) -> dict[str, Any]:
    row.valid_from, row.source = date.fromisoformat(payload["valid_from"]), payload["source"]
    _require_dated(row.valid_from, row.source, at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise BadProduct(_("That day has a row of its own already. Nothing was changed.")) from no
    facts = {name: value for name, value in payload.items() if name != "band"}
    audit_trail.record("lending.classes.set", on=row, by=checker, at=at, after=facts | {"asked_by": maker.pk})
    return facts


def _require_days(days: dict[str, int]) -> None:
    errors: dict[str, list[Any]] = {
        name: [_("From 0 to %(most)s days.") % {"most": f"{LONGEST:,}"}]
        for name in DAYS
        if not 0 <= days[name] <= LONGEST
    }
    if not errors and days["stage_2_after"] >= days["non_performing_after"]:
        errors["non_performing_after"] = [_("A loan is non-performing later than it is watched.")]
    if errors:
        raise BadProduct(_("Loans cannot be classed by these days. Nothing was asked for."), errors=errors)


def _require_rate(rate: Decimal) -> None:
    if not rate.is_finite() or not 0 <= rate <= 1 or rate != round(rate, 5):
        words = _("From 0 to 100 %.")
        raise BadProduct(_("A share is from 0 to 100 %. Nothing was asked for."), errors={"rate": [words]})


def _require_dated(valid_from: date, source: str, at: datetime) -> None:
    if not source.strip() or len(source) > 200:
        words = _("Say where it is written.")
        raise BadProduct(_("Say which rule it rests on. Nothing was asked for."), errors={"source": [words]})
    if valid_from < local_date(at):
        words = _("Today or later.")
        raise BadProduct(
            _("Days that have ended are not classed again. Nothing was asked for."), errors={"valid_from": [words]}
        )
