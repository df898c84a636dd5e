"""Sending a customer's M-Pesa payment back to the phone it came from: allowed by two people, asked of M-Pesa, booked
when M-Pesa says that it went back.

Until then the money cannot be used: it is set aside on the account it went to, or stays in suspense and cannot be
placed. The request is written down and committed before M-Pesa is called, and never sent twice.
"""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events, http, live
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.mpesa import addresses, daraja, queries, rules, wake
from apps.mpesa.errors import NOT_SENT, NotToSendBack
from apps.mpesa.events import MpesaSentBack
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction
from apps.mpesa.operations.credit import require_unbooked
from apps.mpesa.operations.top_up import UNDER_WAY, end
from apps.mpesa.states import MPESA
from apps.users.models import User
from apps.users.policies import require_unconnected
from apps.users.queries import system_user

SEND_BACK = "mpesa.send_back"
RIGHT = "mpesa.reconcile_mpesa"
TRIES = 3  # of a request that never left this machine


def ask_to_send_back(*, row: MpesaTransaction, reason: str, by: User, at: datetime) -> Approval:
    """Ask a second person to let a receipt go back to its payer, whole.

    Raises NotAllowed, Connected, NotToSendBack.
    """
    _require_may(by, row)
    _require_there(row)
    return approvals.ask(
        kind=SEND_BACK,
        subject=f"mpesa/{row.public_id}",
        payload={"row": row.pk},
        after={"receipt": row.receipt, "amount": str(row.amount), "phone": rules.shown(row.phone or "")},
        amount=row.amount,
        reason=reason,
        by=by,
        at=at,
    )


def _require_may(by: User, row: MpesaTransaction) -> None:
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to send M-Pesa money back."))
    require_uninvolved(by, row)


def require_uninvolved(by: User, row: MpesaTransaction) -> None:
    """Nobody decides on a payment of their own, nor of whom they are connected with. Raises NotAllowed, Connected."""
    if row.user is not None and row.user_id == by.pk:
        raise NotAllowed(_("No one decides on their own payment."))
    # Of a prompt for a business, who asked for it and whose account it came to are two.
    if row.user is not None:
        require_unconnected(by, row.user)
    if row.account is not None and row.account.owner_id != row.user_id:
        require_unconnected(by, row.account.owner)


def _require_there(row: MpesaTransaction) -> None:
    if not queries.may_go_back(row):
        raise NotToSendBack(_("Only money that came in by M-Pesa, and is still here, can be sent back."))


@transaction.atomic
def run_send_back(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved return: its money is set aside, and a worker asks M-Pesa after the commit.

    Raises NotAllowed, Connected, NotToSendBack, and InsufficientFunds when the holder has spent it.
    """
    original = locked(payload["row"])
    for who in (maker, checker):
        _require_may(who, original)
    _require_there(original)
    row = MpesaTransaction(
        kind=Kind.REVERSAL,
        reverses=original,
        user=original.user,
        account=None if original.in_suspense else original.account,
        phone=original.phone,
        name=original.name,
        amount_minor=original.amount_minor,
        account_reference=original.receipt or "",
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise NotToSendBack(_("It is being sent back already, or was.")) from no
    if row.account is not None:
        aside = accounts.set_aside(
            account=row.account,
            amount=row.amount,
            cost=Money.zero("KES"),
            reference=f"mpesa/back/{row.public_id}",
            limited=False,
            at=at,
        )
        MpesaTransaction.objects.filter(pk=row.pk).update(hold_id=aside.hold_id)
    audit_trail.record("mpesa.send_back.begun", on=row, by=checker, at=at, customer=original.user)
    transaction.on_commit(partial(wake.send_reversal, row.pk), robust=True)
    return {"reversal": str(row.public_id)}


def locked(pk: int) -> MpesaTransaction:
    """The row as it stands, held until the transaction ends.

    Read again once it is held: a join made while waiting would show the account it had before.
    """
    MpesaTransaction.objects.select_for_update().only("pk").get(pk=pk)
    return MpesaTransaction.objects.select_related("account__owner", "user", "reverses").get(pk=pk)


def is_going_back(row: MpesaTransaction) -> bool:
    """Whether its money waits for M-Pesa to take it; asked under the lock of `row`."""
    return row.reversals.filter(status__in=UNDER_WAY).exists()


def send_reversal(*, reversal_id: int, at: datetime) -> bool:
    """Ask M-Pesa, once; False when another worker has it. Silence and garbled answers leave it to be asked about."""
    rows = MpesaTransaction.objects.filter(pk=reversal_id, status=MpesaStatus.INITIATED, sent_at=None)
    if not rows.update(sent_at=at):
        return False
    row = MpesaTransaction.objects.select_related("reverses").get(pk=reversal_id)
    original: Any = row.reverses
    for _nth in range(TRIES):
        try:
            taken = daraja.reverse(
                receipt=original.receipt,
                shillings=row.amount_minor // 100,
                words="Return",
                result=addresses.of_one("reversal", row.public_id),
                timeout=addresses.of_one("reversal", row.public_id, "timeout"),
            )
        except NOT_SENT:
            continue
        except daraja.Refused as no:
            not_sent_back(row, code=no.error_code, text=no.error_text, at=at)
            return True
        except http.NoAnswer:
            MpesaTransaction.objects.filter(pk=row.pk, status__in=UNDER_WAY).update(status=MpesaStatus.CHECKING)
            return True
        MpesaTransaction.objects.filter(pk=row.pk).update(conversation_id=taken.conversation_id[:64])
        MpesaTransaction.objects.filter(pk=row.pk, status=MpesaStatus.INITIATED).update(status=MpesaStatus.PENDING)
        return True
    not_sent_back(row, code=rules.NOT_REACHED, text="M-Pesa could not be reached.", at=at)
    return True


def ask_about_reversal(*, row: MpesaTransaction, at: datetime) -> None:
    """Ask what became of one nobody heard of; without M-Pesa's id only its statement, and then a person, can tell."""
    MpesaTransaction.objects.filter(pk=row.pk).update(asked_at=at)
    if row.conversation_id:
        daraja.transaction_status(
            conversation_id=row.conversation_id,
            result=addresses.of_one("status", row.public_id, "result"),
            timeout=addresses.of_one("status", row.public_id, "timeout"),
        )


@transaction.atomic
def sent_back(row: MpesaTransaction, *, receipt: str, by: User | None = None, at: datetime) -> None:
    """M-Pesa gave it to the payer: it leaves the account or suspense, and the receipt is REVERSED.

    Raises HoldNotOpen, or NotToSendBack, when the money was let go before, and ReceiptBooked when the receipt stands
    for another payment: then a person must look.
    """
    row = locked(row.pk)
    if row.status == MpesaStatus.COMPLETED:
        return
    require_unbooked(row, receipt)
    original = locked(row.reverses_id or 0)
    if original.reversals.exclude(pk=row.pk).exclude(status=MpesaStatus.FAILED).exists():
        raise NotToSendBack(_("It is being sent back already, or was."))
    if row.account is None and not original.in_suspense:
        raise NotToSendBack(_("This money was placed before M-Pesa said that it went back. A person must look at it."))
    transfer_id = _book(row, receipt, at)
    MPESA.make(
        row, "COMPLETED", receipt=receipt or None, transfer_id=transfer_id, hold_id=None, result_code="0", ended_at=at
    )
    MPESA.make(original, "REVERSED", in_suspense=False)
    facts = {"receipt": receipt, "of": str(original.receipt), "amount": str(row.amount)}
    audit_trail.record(
        "mpesa.send_back.done", on=row, by=by or system_user(), at=at, after=facts, customer=original.user
    )
    events.publish(MpesaSentBack(transaction_id=row.pk, original_id=original.pk, minor=row.amount_minor))
    _tell(original)


def _book(row: MpesaTransaction, receipt: str, at: datetime) -> int:
    reference, out = f"mpesa/back/{row.public_id}", ledger.credit(ledger.gl("mpesa:settlement", "KES"), row.amount)
    narrative = f"M-Pesa {row.account_reference} sent back"
    if row.account is None:
        suspense = ledger.debit(ledger.gl("suspense:receipts", "KES"), row.amount)
        return ledger.post(
            reference=reference, kind="SUSPENSE", narrative=narrative, legs=[suspense, out], at=at
        ).transfer_id
    with translation.override(row.account.owner.language):
        words = gettext("M-Pesa %(receipt)s sent back") % {"receipt": row.account_reference}
    lines = accounts.take(
        hold_id=row.hold_id or 0,
        reference=reference,
        kind=TransactionType.REVERSAL,
        narrative=narrative,
        movements=[accounts.out_of(row.account, row.amount, words, counterparty=row.name or "")],
        legs=[out],
        receipt=receipt or row.account_reference,
        at=at,
    )
    return lines[0].transfer_id


@transaction.atomic
def not_sent_back(row: MpesaTransaction, *, code: str, text: str, at: datetime) -> bool:
    """M-Pesa did not take it: the money is the holder's again. False when that, or the contrary, was known before."""
    row = locked(row.pk)
    if not end(row, MpesaStatus.FAILED, code=code, text=text, at=at):
        return False
    if row.account is not None and row.hold_id is not None:
        accounts.give_back(
            hold_id=row.hold_id, account=row.account, amount=row.amount, held_at=row.created_at, limited=False, at=at
        )
    return True


def _tell(original: MpesaTransaction) -> None:
    if original.user_id is not None:
        live.tell(original.user_id)
