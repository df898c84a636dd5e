"""Deciding what nobody can be asked about: two people who read M-Pesa's own portal say whether it went through."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.mpesa import queries
from apps.mpesa.errors import NotToDecide
from apps.mpesa.models import Kind, MpesaTransaction
from apps.mpesa.operations import payout, send_back
from apps.users.models import User

DECIDE = "mpesa.decide"


def ask_to_decide(*, row: MpesaTransaction, went: bool, receipt: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask a second person to agree that a payment in doubt went through, by `receipt`, or did not.

    Raises NotAllowed, NotToDecide.
    """
    if not by.is_active or not by.has_perm(send_back.RIGHT):
        raise NotAllowed(_("You do not hold the right to reconcile M-Pesa."))
    _require_in_doubt(row, at)
    receipt = receipt.strip().upper()
    if went and not (receipt.isascii() and receipt.isalnum() and len(receipt) <= 20):
        raise NotToDecide(_("Write the receipt that M-Pesa's portal shows for it."))
    return approvals.ask(
        kind=DECIDE,
        subject=f"mpesa/{row.public_id}",
        payload={"row": row.pk, "went": went, "receipt": receipt if went else ""},
        before={"status": row.status},
        after={"went through": "yes" if went else "no", "receipt": receipt if went else ""},
        amount=row.amount,
        reason=reason,
        by=by,
        at=at,
    )


def _require_in_doubt(row: MpesaTransaction, at: datetime) -> None:
    if not queries.is_in_doubt(row, at):
        raise NotToDecide(_("Only money sent ten minutes ago, of which nobody knows, is decided by people."))


@transaction.atomic
def run_decision(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What the two agreed on is booked, as if M-Pesa had said it. Raises NotToDecide when it became known meanwhile."""
    row = send_back.locked(payload["row"])
    _require_in_doubt(row, at)
    if row.user_id in {maker.pk, checker.pk}:
        raise NotAllowed(_("No one decides on their own payment."))
    receipt, text = payload["receipt"], "Decided by two people from M-Pesa's portal."
    if payload["went"]:
        done: Any = send_back.sent_back if row.kind == Kind.REVERSAL else payout.carried
        done(row, receipt=receipt, at=at)
    else:
        undone: Any = send_back.not_sent_back if row.kind == Kind.REVERSAL else payout.not_carried
        undone(row, code="decided", text=text, at=at)
    facts = {"went": payload["went"], "receipt": receipt}
    audit_trail.record("mpesa.transaction.decided", on=row, by=checker, at=at, after=facts, customer=row.user)
    return {"row": str(row.public_id)}
