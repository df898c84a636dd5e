"""Devices, addresses and payees that may not take part: blocked with a reason, ended by time or by a person."""

import ipaddress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import BadBlock, BlockedAlready
from apps.fraud.models import BlockedItem, BlockedKind
from apps.fraud.operations.review import ReasonNeeded
from apps.kernel import approvals
from apps.kernel.errors import Conflict, IllegalMove
from apps.kernel.models import Approval, ApprovalStatus
from apps.users.models import User
from apps.users.places import key_of_place
from apps.users.policies import require_right
from apps.users.rules import Unreadable

RIGHT = "fraud.review_fraud"
LIFT = "fraud.lift_block"
_OVER = "Its time was over"


@transaction.atomic
def block(*, kind: str, value: str, why: str, until: datetime | None, by: User, at: datetime) -> BlockedItem:
    """From now on the screen stops what comes from this device or address, or goes to this payee.

    Raises NotAllowed, ReasonNeeded, BadBlock, BlockedAlready.
    """
    require_right(by, RIGHT)
    if not why.strip():
        raise ReasonNeeded(_("Say why: whoever looks at it later reads your reason."))
    if until is not None and until <= at:
        raise BadBlock(_("A block ends in the future. Nothing was blocked."))
    value = _read(kind, value)
    live = BlockedItem.objects.filter(kind=kind, value=value, lifted_at=None)
    live.filter(until__lte=at).update(lifted_at=at, lifted_by=by, lifted_because=_OVER)
    row = BlockedItem(kind=kind, value=value, why=why.strip()[:300], until=until, blocked_by=by, blocked_at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise BlockedAlready(_("This is blocked already. Lift that block first to change it.")) from no
    facts = {"kind": kind, "value": value, "until": until.isoformat() if until else None}
    audit_trail.record("fraud.item.blocked", on=row, by=by, at=at, reason=why, after=facts)
    return row


@transaction.atomic
def ask_lift(*, item: BlockedItem, why: str, by: User, at: datetime) -> Approval:
    """Ask to end a block before its time; blocking takes one, lifting takes another as well.

    Raises NotAllowed, ReasonNeeded, IllegalMove, Conflict.
    """
    require_right(by, RIGHT)
    if not why.strip():
        raise ReasonNeeded(_("Say why: whoever looks at it later reads your reason."))
    if not BlockedItem.objects.select_for_update().filter(pk=item.pk, lifted_at=None).exists():
        raise IllegalMove(_("This block was lifted already."))
    subject = f"blocked/{item.pk}"
    if Approval.objects.filter(kind=LIFT, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("Another officer asked for this already; it waits for a decision. Nothing was changed."))
    return approvals.ask(
        kind=LIFT, subject=subject, payload={"item": item.pk, "why": why.strip()[:300]},
        before={"kind": item.kind, "value": item.value, "why": item.why}, after={"lifted": True},
        reason=why, by=by, at=at,
    )  # fmt: skip


def run_lift(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: the screen lets it take part again. Raises IllegalMove."""
    ended = {"lifted_at": at, "lifted_by": checker, "lifted_because": payload["why"]}
    if not BlockedItem.objects.filter(pk=payload["item"], lifted_at=None).update(**ended):
        raise IllegalMove(_("This block was lifted already."))
    item = BlockedItem.objects.get(pk=payload["item"])
    audit_trail.record("fraud.item.unblocked", on=item, by=checker, at=at, reason=payload["why"])
    return {"item": item.pk}


def _read(kind: str, value: str) -> str:
    value = value.strip()
    if kind not in BlockedKind.values or not value or len(value) > 80:
        raise BadBlock(_("Say what is blocked: a device, an address or a payee. Nothing was blocked."))
    if kind == BlockedKind.PAYEE:
        return _payee(value)
    if kind == BlockedKind.DEVICE:
        return value
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as no:
        raise BadBlock(_("That is not an internet address. Nothing was blocked.")) from no


def _payee(value: str) -> str:
    try:
        return key_of_place(value)
    except Unreadable as no:
        raise BadBlock(_("That is not a phone number. Nothing was blocked.")) from no
