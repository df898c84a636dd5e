"""Rows that leave the bank: handed over a few at a time as ordinary payments, each with its own money set aside."""

from datetime import datetime

from django.db import transaction

from apps.accounts import operations as accounts
from apps.kernel import events
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.payments import rails
from apps.payments.events import PaymentQueued
from apps.payments.models import BulkPayment, BulkRow, Eyes, Payment, PaymentStatus, RowStatus
from apps.payments.operations.bulk.run import finish, running, set_aside_rest, sums_of
from apps.payments.operations.start import LIFE, new_reference


@transaction.atomic
def send_some(*, bulk_id: int, at: datetime) -> int:
    """Make payments of the next rows of a batch, as many as its rail takes in five seconds; returns how many.

    The money of all rows that wait is one hold. It is given up, each row's own is set aside, and the rest is held
    anew, in one transaction under the lock of the balance, so that nothing else can take it in between. Raises
    AccountNotActive when the payer froze the account: what was not handed over stays where it is.
    """
    bulk = running(bulk_id)
    if bulk is None or bulk.hold_id is None:
        return 0
    waiting = bulk.rows.filter(status=RowStatus.READY).exclude(rail="internal").order_by("number")
    first = waiting.first()
    rail = rails.bulk_rail(first.rail) if first else None
    if rail is None:
        return 0
    rows = list(waiting.filter(rail=rail.code)[: rail.pace()])
    _count, amount, _charge = sums_of(waiting, bulk.currency)
    accounts.give_back(hold_id=bulk.hold_id, account=bulk.from_account, amount=amount, held_at=at, limited=False, at=at)
    payments = Payment.objects.bulk_create([_payment(bulk, row, at) for row in rows])
    for row, payment in zip(rows, payments, strict=True):
        row.status, row.payment = RowStatus.SENT, payment
        events.publish(PaymentQueued(payment_id=payment.pk, rail=payment.rail))
    BulkRow.objects.bulk_update(rows, ["status", "payment"])
    BulkPayment.objects.filter(pk=bulk.pk).update(hold_id=set_aside_rest(bulk, at=at))
    return len(rows)


def _payment(bulk: BulkPayment, row: BulkRow, at: datetime) -> Payment:
    """A payment that was proven and screened with its batch, its money set aside."""
    payment = Payment(
        kind=row.kind,
        status=PaymentStatus.PENDING,
        payer=bulk.from_account.owner,
        from_account=bulk.from_account,
        rail=row.rail,
        destination=row.destination,
        payee_name=row.payee_name,
        payee_address=row.payee_address,
        payee_key=row.payee_key,
        amount_minor=row.amount.minor,
        fee_minor=row.fee_minor,
        duty_minor=row.duty_minor,
        currency=row.currency,
        note=(row.note or bulk.name)[:80],
        key=f"bulk/{row.public_id}",  # which nobody is told, so no key of the payer's own can take its place
        is_limited=bulk.eyes == Eyes.OWN,
        reference=new_reference(),
        created_at=at,
        expires_at=at + LIFE,
        confirmed_at=bulk.started_at,
    )
    aside = accounts.set_aside(
        account=bulk.from_account,
        amount=payment.amount,
        cost=Money(row.fee_minor + row.duty_minor, row.currency),
        reference=f"payments/{payment.public_id}",
        limited=False,
        at=at,
    )
    payment.hold_id = aside.hold_id
    return payment


# Every payment is looked at, of a batch or not.
_SENT = Written(
    lambda payment: BulkRow.objects.filter(payment_id=payment, status=RowStatus.SENT).select_related("payment"),
    payment=-1,
)


@transaction.atomic
def row_settled(*, payment_id: int, at: datetime) -> None:
    """The payment of a row came to its end; told again, it changes nothing. Ends the batch when it was the last."""
    row: BulkRow | None = _SENT.first(payment=payment_id)
    if row is None or row.payment is None:
        return
    mine = BulkRow.objects.filter(pk=row.pk, status=RowStatus.SENT)
    if row.payment.status == PaymentStatus.COMPLETED:
        mine.update(status=RowStatus.PAID, transfer_id=row.payment.transfer_id, settled_at=row.payment.completed_at)
    elif row.payment.status == PaymentStatus.FAILED:
        mine.update(status=RowStatus.FAILED, error="NOT_CARRIED", settled_at=at)
    finish(bulk_id=row.bulk_id, at=at)
