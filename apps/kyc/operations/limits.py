"""Changing what tiers may do: one asks, another allows."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.kyc.models import LimitKind, TierLimit
from apps.kyc.queries import limits_of
from apps.users.models import Tier, User
from apps.users.policies import require_right

CHANGE = "kyc.limit_change"


def change_limit(
    *, tier: str, kind: str, amount: Money | None, valid_from: date, reason: str, by: User, at: datetime
) -> Approval:
    """Ask for another limit of a tier from a day on (today or later). Raises NotAllowed."""
    require_right(by, "kyc.manage_limits")
    if tier not in Tier.values or kind not in LimitKind.values or (amount is not None and amount.minor <= 0):
        raise NotAllowed(_("Name a tier, a limit and an amount above zero."))
    if valid_from < local_date(at):
        raise NotAllowed(_("A limit can start today or later, never in the past."))
    now_in_force = getattr(limits_of(tier, on=valid_from), kind.lower())
    return approvals.ask(
        kind=CHANGE,
        subject=f"kyc/{tier}/{kind}",
        payload={
            "tier": tier,
            "kind": kind,
            "minor": amount.minor if amount else None,
            "currency": amount.currency if amount else "KES",
            "valid_from": valid_from.isoformat(),
            "reason": reason,
        },
        before={"amount": str(now_in_force) if now_in_force else None},
        after={"amount": str(amount) if amount else None, "valid_from": valid_from.isoformat()},
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_limit_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change: a new dated row. Raises Conflict when that day has one already."""
    try:
        with transaction.atomic():
            row = TierLimit.objects.create(
                tier=payload["tier"],
                kind=payload["kind"],
                amount_minor=payload["minor"],
                currency=payload["currency"],
                valid_from=date.fromisoformat(payload["valid_from"]),
                source=payload["reason"][:200],
            )
    except IntegrityError as no:
        raise Conflict(_("That day has a limit already. Choose another day.")) from no
    audit_trail.record("kyc.limit.changed", on=row, by=checker, at=at, after=payload, reason=payload["reason"])
    return {"limit": row.pk}
