"""Putting money that came by M-Pesa where it belongs: on an account, or in suspense; once per receipt."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts import operations as accounts
from apps.accounts.events import MoneyCameIn
from apps.accounts.models import Account, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.errors import DomainError
from apps.ledger import operations as ledger
from apps.ledger.errors import BooksBusy
from apps.mpesa import rules
from apps.mpesa.errors import ReceiptBooked
from apps.mpesa.events import MpesaReceived
from apps.mpesa.models import MpesaTransaction
from apps.mpesa.states import MPESA
from apps.users.models import User
from apps.users.queries import system_user
from apps.users.rules import masked_phone


def is_booked_elsewhere(row: MpesaTransaction, receipt: str) -> bool:
    """Whether a receipt is booked as another payment than `row`."""
    return MpesaTransaction.objects.filter(receipt=receipt).exclude(pk=row.pk).exists()


def require_unbooked(row: MpesaTransaction, receipt: str) -> None:
    """Raises ReceiptBooked for a receipt that stands for another payment than `row`."""
    if receipt and is_booked_elsewhere(row, receipt):
        words = gettext_lazy("Receipt %(receipt)s is booked for another payment already. Nothing was changed.")
        raise ReceiptBooked(words % {"receipt": receipt})


def book(row: MpesaTransaction, *, receipt: str, account: Account | None, at: datetime) -> None:
    """Post it and note it done, within the caller's transaction and its lock on `row`.

    An account that cannot take it (closed, or its holder at the limit of their tier) sends it to suspense: the money is
    at M-Pesa already and cannot be refused. Raises ReceiptBooked, and what posting raises for any other reason;
    BooksBusy among it, which says nothing of the account: told again, it takes the money.
    """
    require_unbooked(row, receipt)
    try:
        with transaction.atomic():
            transfer_id = _to_account(row, receipt, account, at) if account else _to_suspense(row, receipt, at)
        suspended = account is None
    except BooksBusy:
        raise
    except DomainError as no:
        if account is None:
            raise
        transfer_id, suspended = _to_suspense(row, receipt, at), True
        row.result_text = str(no)[:200]
    MPESA.make(
        row,
        "COMPLETED",
        receipt=receipt,
        transfer_id=transfer_id,
        in_suspense=suspended,
        account=account,
        user=_whose(row, account),
        result_code="0",
        result_text=row.result_text,
        ended_at=at,
    )
    facts = {"receipt": receipt, "amount": str(row.amount), "in suspense": str(suspended)}
    owner = account.owner if account else None
    audit_trail.record("mpesa.payment.received", on=row, by=system_user(), at=at, after=facts, customer=owner)
    events.publish(
        MpesaReceived(
            transaction_id=row.pk,
            account_id=None if suspended or account is None else account.pk,
            minor=row.amount_minor,
            account_reference=row.account_reference,
        )
    )
    if account is not None and not suspended:
        tell_accounts(row)
    if row.user_id is not None:
        live.tell(row.user_id)


def _whose(row: MpesaTransaction, account: Account | None) -> User | None:
    """Who asked for it, of a prompt into the account it was asked for; else who holds the account.

    Of a prompt for a business these differ: its form counts once for whoever sent it, and they follow it.
    """
    if account is None or (row.user is not None and row.account_id == account.pk):
        return row.user
    return account.owner


def tell_accounts(row: MpesaTransaction) -> None:
    """Tell who hears of money on accounts, whatever rail it came by, that it is there and what it is for."""
    if row.account_id is not None:
        events.publish(
            MoneyCameIn(
                account_id=row.account_id,
                rail="mpesa",
                receipt=row.receipt or "",
                minor=row.amount_minor,
                currency=row.currency,
                purpose=row.purpose,
            )
        )


def _to_account(row: MpesaTransaction, receipt: str, account: Account, at: datetime) -> int:
    with translation.override(account.owner.language):
        words = _("From M-Pesa %(who)s") % {"who": row.name or row.till or _payer(row.phone or "")}
    lines = accounts.post(
        reference=f"mpesa/{receipt}",
        kind=TransactionType.DEPOSIT,
        narrative=f"M-Pesa {receipt}",
        movements=[accounts.into(account, row.amount, words, counterparty=row.name or "", category="top-up")],
        legs=[ledger.debit(ledger.gl("mpesa:settlement", "KES"), row.amount)],
        receipt=receipt,
        limited=True,
        at=at,
    )
    return lines[0].transfer_id


def _payer(phone: str) -> str:
    """A number as people know it, `0712 ••• 908`; M-Pesa's own masks and hashes are only cut."""
    return masked_phone(phone) if phone.startswith("+") else rules.shown(phone)


def _to_suspense(row: MpesaTransaction, receipt: str, at: datetime) -> int:
    posted = ledger.post(
        reference=f"mpesa/{receipt}",
        kind="SUSPENSE",
        narrative=f"M-Pesa {receipt}, owner unknown",
        legs=[
            ledger.debit(ledger.gl("mpesa:settlement", "KES"), row.amount),
            ledger.credit(ledger.gl("suspense:receipts", "KES"), row.amount),
        ],
        at=at,
    )
    return posted.transfer_id
