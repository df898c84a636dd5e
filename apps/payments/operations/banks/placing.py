"""Giving money in suspense that another bank sent to the account it was meant for: asked by one, allowed by another.

Money of a payer who may be on a list is neither placed nor sent back: it stays frozen until two who decide about lists
have released it, and goes then where it was meant to go.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.errors import DomainError, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import CurrencyMismatch
from apps.ledger import operations as ledger
from apps.payments.errors import NotWaiting
from apps.payments.models import IncomingStatus, IncomingTransfer
from apps.payments.operations.banks.receiving import LISTED, kind_of, line_of, reason_of, tell_of_credit
from apps.payments.states import INCOMING
from apps.users.models import User
from apps.users.policies import require_unconnected

PLACE_TRANSFER = "payments.place_incoming"
RELEASE_TRANSFER = "payments.release_incoming"
RIGHT = "payments.refund_transactions"
LISTS = "kyc.work_screening"


def ask_to_place(*, row: IncomingTransfer, account: Account, why: str, by: User, at: datetime) -> Approval:
    """Ask a second person to agree whose money it is. Raises NotAllowed, NotWaiting, CurrencyMismatch."""
    require_may(by, row)
    _require_fits(row, account, by)
    return approvals.ask(
        kind=PLACE_TRANSFER,
        subject=f"incoming/{row.public_id}",
        payload={"row": row.pk, "account": account.pk},
        before={"asked for": row.asked_account, "name": row.asked_name},
        after={"account": account.number},
        amount=row.amount,
        reason=why,
        by=by,
        at=at,
    )


def require_may(by: User, row: IncomingTransfer) -> None:
    """Who may place it or send it back. Raises NotAllowed, NotWaiting."""
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to send payments back."))
    if row.status != IncomingStatus.SUSPENSE:
        raise NotWaiting(_("This money does not wait any more. Nothing was changed."))
    if row.reason == LISTED:
        raise NotAllowed(_("The payer may be on a list. Only who decides about lists may release it. No money moved."))


def _require_fits(row: IncomingTransfer, account: Account, by: User) -> None:
    if account.owner_id == by.pk:
        raise NotAllowed(_("No one places money on their own account."))
    require_unconnected(by, account.owner)
    if account.currency != row.currency:
        raise CurrencyMismatch(_("The account is kept in another currency. No money moved."))


@transaction.atomic
def run_place(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """Post it. Raises what asking raises, and what posting raises (the account is closed, or at its limit)."""
    row = locked(payload["row"])
    account = Account.objects.select_related("owner").get(pk=payload["account"])
    for who in (maker, checker):
        require_may(who, row)
        _require_fits(row, account, who)
    before = row.reason
    _give(row, account, at)
    facts = {"to": account.number, "was": before}
    audit_trail.record("payments.incoming.placed", on=row, by=checker, at=at, after=facts, customer=account.owner)
    return {"reference": row.reference}


def ask_to_release(*, row: IncomingTransfer, why: str, by: User, at: datetime) -> Approval:
    """Ask a second person to agree that the payer is not who is on the list. Raises NotAllowed, NotWaiting."""
    _require_may_release(by, row)
    return approvals.ask(
        kind=RELEASE_TRANSFER,
        subject=f"incoming/{row.public_id}",
        payload={"row": row.pk},
        before={"payer": row.payer_name, "bank": row.payer_bank},
        amount=row.amount,
        reason=why,
        by=by,
        at=at,
    )


def _require_may_release(by: User, row: IncomingTransfer) -> None:
    if not by.is_active or not by.has_perm(LISTS):
        raise NotAllowed(_("You do not hold the right to decide who is on a list."))
    if row.status != IncomingStatus.SUSPENSE or row.reason != LISTED or row.account is None:
        raise NotWaiting(_("This money does not wait any more. Nothing was changed."))
    if row.account.owner_id == by.pk:
        raise NotAllowed(_("No one places money on their own account."))
    require_unconnected(by, row.account.owner)


@transaction.atomic
def run_release(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """It goes where it was meant to, or waits like any other where that takes none. Raises NotAllowed, NotWaiting."""
    row = locked(payload["row"])
    for who in (maker, checker):
        _require_may_release(who, row)
    account: Any = row.account
    audit_trail.record("payments.incoming.released", on=row, by=checker, at=at, after={"payer": row.payer_name})
    try:
        with transaction.atomic():
            _give(row, account, at)
    except DomainError as no:
        row.reason = reason_of(no)
        row.save(update_fields=["reason"])
    return {"reference": row.reference, "status": row.status}


def _give(row: IncomingTransfer, account: Account, at: datetime) -> None:
    """From suspense to the account, told to its holder. Raises what posting raises."""
    INCOMING.make(row, IncomingStatus.CREDITED, account=account, reason="")
    accounts.post(
        # One that came back to suspense is placed anew: under a reference of its own.
        reference=f"incoming/{row.public_id}/placed/{row.returns.count()}",
        kind=kind_of(row),
        narrative=f"From another bank {row.reference}, placed",
        movements=[line_of(row, account)],
        legs=[ledger.debit(ledger.gl("suspense:receipts", row.currency), row.amount)],
        receipt=row.reference,
        limited=True,
        at=at,
    )
    tell_of_credit(row)


def locked(pk: int) -> IncomingTransfer:
    """The row as it stands, held until the transaction ends."""
    IncomingTransfer.objects.select_for_update().only("pk").get(pk=pk)
    return IncomingTransfer.objects.select_related("account__owner").get(pk=pk)
