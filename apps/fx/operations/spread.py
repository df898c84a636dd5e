"""Changing what exchanging costs: asked by one, allowed by another, valid from a later day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fx import queries
from apps.fx.errors import BadSpread
from apps.fx.models import Spread
from apps.fx.policies import require_may_manage
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.models import Approval
from apps.users.models import User

CHANGE_SPREAD = "fx.change_spread"
MOST = Decimal("0.1")


def ask_spread_change(*, rate: Decimal, valid_from: date, reason: str, by: User, at: datetime) -> Approval:
    """Ask for another spread (0.015 is 1.5 %) from a later day on. Raises NotAllowed, BadSpread."""
    require_may_manage(by)
    if not (rate.is_finite() and 0 <= rate <= MOST) or rate != rate.quantize(Decimal("0.00001")):
        raise BadSpread(_("A spread is between 0 and 10 per cent. Nothing was changed."))
    _require_later(valid_from, at)
    return approvals.ask(
        kind=CHANGE_SPREAD,
        subject="fx/spread",
        payload={"rate": str(rate), "valid_from": valid_from.isoformat()},
        before={"rate": str(queries.spread_on(valid_from))},
        after={"rate": str(rate), "from": valid_from.isoformat()},
        reason=reason,
        by=by,
        at=at,
    )


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadSpread(_("A spread changes tomorrow at the earliest. Nothing was changed. Choose a later day."))


@transaction.atomic
def run_spread_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadSpread when its day has come meanwhile or another change took that day."""
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    row = Spread(rate=Decimal(payload["rate"]), valid_from=valid_from)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise BadSpread(_("Another change already starts on that day. Choose another day.")) from no
    audit_trail.record("fx.spread.changed", on=row, by=checker, at=at, after=payload)
    return {"spread": row.pk}
