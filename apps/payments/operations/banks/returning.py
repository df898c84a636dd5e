"""Sending back what another bank sent (pacs.004): from suspense by two people, from an account when its holder agrees.

The money stands in suspense from the decision until the other bank has it, and stays there when it is not taken.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events, live
from apps.kernel.clock import local_date
from apps.kernel.models import Approval
from apps.kernel.sweeps import alone
from apps.ledger import operations as ledger
from apps.payments import iso20022 as iso
from apps.payments.banks import transfers, wire
from apps.payments.banks.reasons import DUPLICATES
from apps.payments.errors import NotWaiting
from apps.payments.events import TransferReturned, TransferWaits
from apps.payments.models import Channel, IncomingReturn, IncomingStatus, IncomingTransfer, ReturnStatus
from apps.payments.operations.banks.placing import locked, require_may
from apps.payments.operations.banks.receiving import NO_ACCOUNT, SETTLEMENTS
from apps.payments.states import INCOMING, INCOMING_RETURN
from apps.users.models import User
from apps.users.queries import system_user

RETURN_TRANSFER = "payments.return_incoming"
# Why money goes back (ExternalReturnReason1Code), for who decides; FOCR follows a wish of theirs.
REASONS = {
    NO_ACCOUNT: _("No such account"),
    "AC04": _("The account is closed"),
    "AM21": _("The account would hold more than it may"),
    "AM03": _("The account is kept in another currency"),
    "BE01": _("The name and the account do not belong together"),
    "RR04": _("For reasons of the law"),
    "CUST": _("The customer does not want it"),
    "NARR": _("Another reason"),
}


def ask_to_return(*, row: IncomingTransfer, reason: str, why: str, by: User, at: datetime) -> Approval:
    """Ask a second person to let money in suspense go back. Raises NotAllowed, NotWaiting."""
    require_may(by, row)
    if reason not in REASONS:
        raise NotWaiting(_("Choose why it goes back. Nothing was asked."))
    return approvals.ask(
        kind=RETURN_TRANSFER,
        subject=f"incoming/{row.public_id}",
        payload={"row": row.pk, "reason": reason},
        before={"from": row.payer_name, "asked for": row.asked_account},
        after={"reason": reason},
        amount=row.amount,
        reason=why,
        by=by,
        at=at,
    )


@transaction.atomic
def run_return(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """It begins; a worker sends it. Raises NotAllowed, NotWaiting."""
    row = locked(payload["row"])
    for who in (maker, checker):
        require_may(who, row)
    back = begin_return(row, reason=payload["reason"], by=checker, at=at)
    return {"return": back.identity}


def begin_return(row: IncomingTransfer, *, reason: str, by: User, at: datetime) -> IncomingReturn:
    """Write the return of money in suspense down, under the caller's lock on `row`. Raises NotWaiting."""
    INCOMING.make(row, IncomingStatus.RETURNING)
    back = IncomingReturn(incoming=row, reason=reason, decided_by=by, made_at=at)
    try:
        with transaction.atomic():
            back.save()
    except IntegrityError as no:
        raise NotWaiting(_("It is going back already. Nothing was changed.")) from no
    facts = {"reason": reason, "amount": str(row.amount)}
    owner = row.account.owner if row.account else None
    audit_trail.record("payments.incoming.going_back", on=row, by=by, at=at, after=facts, customer=owner)
    return back


def send_returns(*, at: datetime) -> None:
    """Send what was decided, again under its own identification until the other bank says what became of it.

    Outside any transaction; one that cannot be sent stops no other.
    """
    waiting = IncomingReturn.objects.filter(status=ReturnStatus.WAITING).select_related("incoming")
    for back in waiting.order_by("pk"):
        with alone("return_not_taken_yet", back=back.identity):
            report = wire.give_back(Channel(back.incoming.channel), _document(back, at))
            _heard(back, report, at)


def _document(back: IncomingReturn, at: datetime) -> bytes:
    row = back.incoming
    returned = iso.Return(
        identity=back.identity,
        message_id=row.message_id,
        end_to_end_id=row.end_to_end_id,
        uetr=row.uetr,
        amount=row.amount,
        reason=back.reason,
        settles_on=local_date(back.made_at),
    )
    return iso.write_pacs004(
        returned=returned,
        made_at=at,
        ours=transfers.ours(),
        theirs=transfers.counterpart(Channel(row.channel)),
        method="INDA" if row.channel == Channel.ABROAD else "CLRG",
    )


def _heard(back: IncomingReturn, report: iso.Report, at: datetime) -> None:
    """Only a report about this return moves money."""
    if report.about != back.identity:
        raise wire.BadAnswer(f"the report is not about {back.identity}")
    told = report.transfers[0] if report.transfers else iso.Told("", report.status, report.reason)
    if told.is_settled:
        returned(back, at=at)
    elif told.is_rejected and told.reason not in DUPLICATES:
        not_returned(back, reason=told.reason, at=at)


@transaction.atomic
def returned(back: IncomingReturn, *, at: datetime) -> bool:
    """They have it: it leaves suspense. False when that, or the contrary, was known before."""
    row = locked(back.incoming_id)
    back = IncomingReturn.objects.select_for_update().get(pk=back.pk)
    if back.status != ReturnStatus.WAITING:
        return False
    posted = ledger.post(
        reference=f"incoming/returned/{back.public_id}",
        kind="SUSPENSE",
        narrative=f"Sent back to another bank {row.reference}",
        legs=[
            ledger.debit(ledger.gl("suspense:receipts", row.currency), row.amount),
            ledger.credit(ledger.gl(SETTLEMENTS[Channel(row.channel)], row.currency), row.amount),
        ],
        at=at,
    )
    INCOMING_RETURN.make(back, ReturnStatus.SETTLED, transfer_id=posted.transfer_id, ended_at=at)
    INCOMING.make(row, IncomingStatus.RETURNED)
    owner = row.account.owner if row.account else None
    audit_trail.record("payments.incoming.returned", on=row, by=system_user(), at=at, customer=owner)
    agreed = owner if row.asked_back.filter(status="AGREED", challenge__isnull=False).exists() else None
    events.publish(TransferReturned(return_id=back.pk, incoming_id=row.pk, owner_id=agreed.pk if agreed else None))
    if agreed is not None:
        live.tell(agreed.pk)
    return True


@transaction.atomic
def not_returned(back: IncomingReturn, *, reason: str, at: datetime) -> bool:
    """They do not take it: it waits in suspense for a person. False when that, or the contrary, was known before."""
    row = locked(back.incoming_id)
    back = IncomingReturn.objects.select_for_update().get(pk=back.pk)
    if back.status != ReturnStatus.WAITING:
        return False
    INCOMING_RETURN.make(back, ReturnStatus.REJECTED, answer=reason, ended_at=at)
    INCOMING.make(row, IncomingStatus.SUSPENSE, reason=reason or "NARR")
    facts = {"reason": reason}
    audit_trail.record("payments.incoming.not_taken_back", on=row, by=system_user(), at=at, after=facts)
    events.publish(TransferWaits(incoming_id=row.pk, minor=row.amount_minor, currency=row.currency, reason=row.reason))
    return True
