"""Payments to our paybill: checked when M-Pesa asks, booked when it tells, placed by a person when nobody knows whose.

The payer cannot be known by their number, which comes masked: the account reference they typed says whose money it is.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, AccountStatus, TransactionType
from apps.accounts.places import meant_by
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotAllowed
from apps.ledger import operations as ledger
from apps.mpesa import rules
from apps.mpesa.errors import AlreadyPlaced
from apps.mpesa.events import MpesaReceived
from apps.mpesa.models import Kind, MpesaTransaction
from apps.mpesa.operations.credit import book, tell_accounts
from apps.mpesa.operations.send_back import is_going_back, locked
from apps.users.models import User

NO_SUCH_ACCOUNT, BAD_AMOUNT, OTHER = "C2B00012", "C2B00013", "C2B00016"


def may_pay(told: rules.Received) -> str:
    """ "0" when a payment may come, else the code M-Pesa shows the payer's refusal by. Moves and writes nothing."""
    if MpesaTransaction.objects.filter(account_reference=told.reference, kind=Kind.STK_PUSH).exists():
        return "0"
    meant = meant_by(told.reference)
    if meant is None or meant.account.currency != "KES":
        return NO_SUCH_ACCOUNT
    if meant.account.status == AccountStatus.CLOSED:
        return OTHER
    return "0" if rules.LEAST_MINOR <= told.minor <= rules.MOST_MINOR else BAD_AMOUNT


def confirm_c2b(*, told: rules.Received, at: datetime) -> MpesaTransaction | None:
    """Book a payment M-Pesa has taken: the money moved there, so it is never refused; None when it was booked before.

    The confirmation of an approved prompt carries that prompt's reference, and ends it.
    """
    with transaction.atomic():
        push = _push_of(told)
        if push is not None:
            if push.receipt:
                return None
            book(push, receipt=told.receipt, account=push.account, at=at)
            return push
        meant = meant_by(told.reference)
        row = MpesaTransaction(
            kind=Kind.C2B,
            phone=told.masked_phone or None,
            name=told.name or None,
            amount_minor=told.minor,
            account_reference=told.reference[:20],
            purpose=meant.purpose if meant else "",
            receipt=told.receipt,
            created_at=at,
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            return None  # told before: by the callback twice, or by the pull
        book(row, receipt=told.receipt, account=meant.account if meant else None, at=at)
        return row


def _push_of(told: rules.Received) -> MpesaTransaction | None:
    rows = MpesaTransaction.objects.select_for_update(of=("self",)).select_related("account__owner", "user")
    by_receipt = rows.filter(receipt=told.receipt).first()
    if by_receipt:
        return by_receipt
    found = rows.filter(kind=Kind.STK_PUSH, account_reference=told.reference, receipt=None).first()
    return found if found and found.amount_minor == told.minor else None


@transaction.atomic
def place(*, row: MpesaTransaction, account: Account, reason: str, by: User, at: datetime) -> MpesaTransaction:
    """Give money in suspense to the account it was meant for.

    Raises NotAllowed, AlreadyPlaced, and what posting raises.
    """
    if not by.is_active or not by.has_perm("mpesa.reconcile_mpesa"):
        raise NotAllowed(_("You do not hold the right to place money."))
    if account.owner_id == by.pk:
        raise NotAllowed(_("No one places money on their own account."))
    if not reason.strip():
        raise NotAllowed(_("Say how you know whose it is: the record is read later."))
    if is_going_back(locked(row.pk)):
        raise AlreadyPlaced(_("This money is being sent back to its payer. Nothing was changed."))
    moved = MpesaTransaction.objects.filter(pk=row.pk, in_suspense=True).update(
        in_suspense=False, account=account, user=account.owner
    )
    if not moved:
        raise AlreadyPlaced(_("This money was placed before. Nothing was changed."))
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
        after={"to": account.number},
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
    return row
