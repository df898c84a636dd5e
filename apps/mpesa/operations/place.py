"""Giving money in suspense to the account it was meant for: small sums by one person, larger ones by two."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.accounts.policies import require_not_ones_own
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.mpesa.errors import AlreadyPlaced
from apps.mpesa.events import MpesaReceived
from apps.mpesa.models import MpesaTransaction
from apps.mpesa.operations.credit import tell_accounts
from apps.mpesa.operations.send_back import RIGHT, is_going_back, locked
from apps.users.models import User

PLACE = "mpesa.place"
ALONE_UP_TO = Money.of(10_000, "KES")  # as refunds: what one person may give away


@transaction.atomic
def place(*, row: MpesaTransaction, account: Account, reason: str, by: User, at: datetime) -> Approval | None:
    """Give money in suspense to the account it was meant for; over 10,000 a second person must allow it, and their
    request is answered. Raises NotAllowed, Connected, AlreadyPlaced, and what posting raises.
    """
    _require_may(by, account)
    if not reason.strip():
        raise NotAllowed(_("Say how you know whose it is: the record is read later."))
    row = locked(row.pk)
    _require_there(row)
    if row.amount <= ALONE_UP_TO:
        _placed(row, account, reason, by, at)
        return None
    return approvals.ask(
        kind=PLACE,
        subject=f"mpesa/{row.public_id}",
        payload={"row": row.pk, "account": account.pk, "customer": account.owner_id, "reason": reason.strip()},
        before={"receipt": row.receipt, "typed": row.account_reference, "payer": row.name or ""},
        after={"account": account.number, "amount": str(row.amount)},
        amount=row.amount,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_place(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises NotAllowed, Connected, AlreadyPlaced, and what posting raises."""
    row = locked(payload["row"])
    account = Account.objects.select_related("owner").get(pk=payload["account"])
    for who in (maker, checker):
        _require_may(who, account)
    _require_there(row)
    _placed(row, account, payload["reason"], checker, at)
    return {"receipt": row.receipt, "account": account.number}


def _require_may(by: User, account: Account) -> None:
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to place money."))
    require_not_ones_own(by, account)


def _require_there(row: MpesaTransaction) -> None:
    """Asked under the lock of `row`."""
    if is_going_back(row):
        raise AlreadyPlaced(_("This money is being sent back to its payer. Nothing was changed."))
    if not row.in_suspense:
        raise AlreadyPlaced(_("This money was placed before. Nothing was changed."))


def _placed(row: MpesaTransaction, account: Account, reason: str, by: User, at: datetime) -> None:
    """From suspense to the account, under the lock of `row`. Why it waited stays in the audit trail: the row is the
    holder's from here on, and they may have a copy of all that is kept of them.
    """
    waited = row.result_text
    to = {"in_suspense": False, "account": account, "user": account.owner, "result_text": ""}
    MpesaTransaction.objects.filter(pk=row.pk).update(**to)
    accounts.post(
        reference=f"mpesa/{row.receipt}/placed",
        kind=TransactionType.DEPOSIT,
        narrative=f"M-Pesa {row.receipt} placed",
        movements=[
            accounts.into(account, row.amount, f"M-Pesa {row.receipt}", counterparty=row.name or "", category="top-up")
        ],
        legs=[ledger.debit(ledger.gl("suspense:receipts", "KES"), row.amount)],
        receipt=row.receipt or "",
        limited=True,
        at=at,
    )
    row.refresh_from_db()
    tell_accounts(row)
    audit_trail.record(
        "mpesa.payment.placed",
        on=row,
        by=by,
        at=at,
        reason=reason,
        after={"to": account.number, "waited": waited},
        customer=account.owner,
    )
    events.publish(
        MpesaReceived(
            transaction_id=row.pk,
            account_id=account.pk,
            minor=row.amount_minor,
            account_reference=row.account_reference,
        )
    )
