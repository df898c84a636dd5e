"""Deciding what nobody can be asked about: two people who read M-Pesa's own portal say whether it went through."""

from collections.abc import Callable
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
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction
from apps.mpesa.operations import payout, send_back
from apps.mpesa.operations.credit import book
from apps.mpesa.operations.top_up import end
from apps.users.models import User

DECIDE = "mpesa.decide"


def _came(row: MpesaTransaction, *, receipt: str, at: datetime) -> None:
    book(row, receipt=receipt, account=row.account, at=at)


def _did_not_come(row: MpesaTransaction, *, code: str, text: str, at: datetime) -> None:
    end(row, MpesaStatus.FAILED, code=code, text=text, at=at, overrules=True)


_WENT: dict[str, Callable[..., None]] = {
    Kind.REVERSAL: send_back.sent_back,
    Kind.B2C: payout.carried,
    Kind.B2B: payout.carried,
    Kind.STK_PUSH: _came,
}
_DID_NOT: dict[str, Callable[..., Any]] = {
    Kind.REVERSAL: send_back.not_sent_back,
    Kind.B2C: payout.not_carried,
    Kind.B2B: payout.not_carried,
    Kind.STK_PUSH: _did_not_come,
}


def ask_to_decide(*, row: MpesaTransaction, went: bool, receipt: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask a second person to agree that a payment in doubt went through, by `receipt`, or did not.

    Raises NotAllowed, Connected, NotToDecide.
    """
    if not by.is_active or not by.has_perm(send_back.RIGHT):
        raise NotAllowed(_("You do not hold the right to reconcile M-Pesa."))
    send_back.require_uninvolved(by, row)
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
    """What the two agreed on is booked, as if M-Pesa had said it.

    Raises NotToDecide when it became known meanwhile; NotAllowed, Connected.
    """
    row = send_back.locked(payload["row"])
    _require_in_doubt(row, at)
    for who in (maker, checker):
        send_back.require_uninvolved(who, row)
    receipt, text = payload["receipt"], "Decided by two people from M-Pesa's portal."
    if payload["went"]:
        _WENT[row.kind](row, receipt=receipt, at=at)
    else:
        _DID_NOT[row.kind](row, code="decided", text=text, at=at)
    facts = {"went": payload["went"], "receipt": receipt}
    audit_trail.record("mpesa.transaction.decided", on=row, by=checker, at=at, after=facts, customer=row.user)
    return {"row": str(row.public_id)}
