"""What payments do when others speak, and what both sides are told."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.accounts import operations as accounts
from apps.fraud.events import TransactionBlocked, TransactionCleared
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.ledger.queries import balances
from apps.notifications import operations as notifications
from apps.payments import operations, policies, wake
from apps.payments.asker_news import tell_who_asked
from apps.payments.events import (
    BulkEnded,
    BulkRowsPaid,
    BulkStarted,
    BulkSubmitted,
    PaymentCompleted,
    PaymentFailed,
    PaymentHeld,
    PaymentQueued,
    RefundMade,
)
from apps.payments.models import BulkPayment, HeldBecause, Payment, PaymentStatus, Refund, RowStatus
from apps.payments.operations.confirm import NEW_PAYEE_WAIT
from apps.payments.queries import hears_of

STOPPED = gettext_noop("The bank stopped this payment after looking at it.")


@subscribe(PaymentQueued, promptly=True)
def wake_a_worker(event: PaymentQueued) -> None:
    """The payer waits: hand it to its rail now; a sweep finds what this call does not reach."""
    transaction.on_commit(partial(wake.hand_over, event.payment_id), robust=True)


@subscribe(PaymentHeld, promptly=True)
def wake_later(event: PaymentHeld) -> None:
    """The moment in which a first large payment may be taken back ends by itself."""
    if event.because == HeldBecause.NEW_PAYEE:
        wait = NEW_PAYEE_WAIT.total_seconds()
        transaction.on_commit(partial(wake.let_go_on, event.payment_id, in_seconds=wait), robust=True)


@subscribe(TransactionCleared)
def go_on_after_review(event: TransactionCleared) -> None:
    """A person looked at it and it may go on."""
    if payment := _reviewed(event.reference):
        operations.let_go_on(payment=payment, at=now())
    if bulk := _batch(event.reference):
        operations.bulk.go_on_after_review(bulk=bulk, at=now())


@subscribe(TransactionBlocked)
def stop_after_review(event: TransactionBlocked) -> None:
    """A person looked at it and it may not; the payer has the money back. The screen's own blocks are done already."""
    if event.by_id and (payment := _reviewed(event.reference)):
        operations.stop_held(payment=payment, because=STOPPED, at=now())
    if event.by_id and (bulk := _batch(event.reference)):
        operations.bulk.stop(bulk=bulk, because=STOPPED, at=now())


def _reviewed(reference: str) -> Payment | None:
    app, _slash, public_id = reference.partition("/")
    if app != "payments":
        return None
    return Payment.objects.filter(public_id=public_id, status=PaymentStatus.HELD).first()


def _batch(reference: str) -> BulkPayment | None:
    app, _slash, public_id = reference.partition("/")
    return BulkPayment.objects.filter(public_id=public_id).first() if app == "bulk" else None


# Every payment is looked at by these.
_TO_TELL = Written(
    lambda pk: Payment.objects.select_related("payer", "from_account", "to_account__owner", "request").filter(pk=pk),
    pk=-1,
)
_SALE = Written(
    lambda pk: Payment.objects.select_related("payer", "merchant__settlement_account__owner", "sale").filter(
        pk=pk, merchant__isnull=False
    ),
    pk=-1,
)


@subscribe(PaymentCompleted)
def tell_both(event: PaymentCompleted) -> None:
    """The payer that it went and what it cost, the payee that it came; each once."""
    payment: Payment = _TO_TELL.rows(pk=event.payment_id)[0]
    if payment.payer_id == event.payee_id or hasattr(payment, "bulk_row"):
        return  # between own accounts: they are looking at it; of a batch: told once, when all of it is done
    held = balances([payment.from_account.ledger_account_id])[payment.from_account.ledger_account_id]
    sent = {
        "amount": str(payment.amount),
        "reference": payment.reference,
        "payee": f"{payment.payee_name} {payment.payee_address}".replace("•", "*"),
        "cost": str(payment.charge.total),
        "balance": str(held.available),
    }
    at = payment.completed_at or now()  # news of then: told late, it may be too old to send
    notifications.send("payments.sent", to=payment.payer, context=sent, at=at, key=f"payments/{payment.pk}/sent")
    if payment.to_account is not None:
        came = {
            "amount": str(payment.amount),
            "reference": payment.reference,
            "payer": payment.payer.public_name,
        }
        key = f"payments/{payment.pk}/received"
        if payment.request is None:
            notifications.send("payments.received", to=payment.to_account.owner, context=came, at=at, key=key)
        else:
            came["note"] = payment.request.note or "-"
            tell_who_asked(payment.request, "payments.request_paid", came, at=at, key=key)


@subscribe(PaymentCompleted)
def alert_of_large_payment(event: PaymentCompleted) -> None:
    """The payer finds a large one among the alerts, too."""
    payment: Payment = _TO_TELL.rows(pk=event.payment_id)[0]
    if payment.payer_id == event.payee_id or hasattr(payment, "bulk_row"):
        return  # it stays theirs; of a batch: told once, as it begins
    accounts.tell_of_large_payment(
        holder=payment.payer,
        amount=payment.amount,
        payee=f"{payment.payee_name} {payment.payee_address}".replace("•", "*"),
        reference=payment.reference,
        about=f"payments/{payment.public_id}",
        at=payment.completed_at or now(),
    )


@subscribe(BulkStarted)
def alert_of_large_batch(event: BulkStarted) -> None:
    """Whose money a large batch is finds it among the alerts."""
    bulk = BulkPayment.objects.select_related("from_account__owner").get(pk=event.bulk_id)
    if bulk.is_of_the_bank:
        return
    accounts.tell_of_large_payment(
        holder=bulk.from_account.owner,
        amount=Money(event.minor, event.currency),
        payee=bulk.name,
        reference=bulk.reference,
        about=f"bulk/{bulk.public_id}",
        at=bulk.started_at or now(),
    )


@subscribe(PaymentCompleted)
def tell_shop_of_sale(event: PaymentCompleted) -> None:
    """The shop hears of a sale by SMS: of every one, of large ones, or of none, as it chose."""
    payment: Payment | None = _SALE.first(pk=event.payment_id)
    if payment is None or payment.merchant is None or not hears_of(payment.merchant, payment.amount, now()):
        return
    context = {
        "amount": str(payment.amount),
        "reference": payment.reference,
        "payer": payment.payer.public_name,
        "shop": payment.merchant.trading_name,
    }
    to, at = payment.merchant.settlement_account.owner, payment.completed_at or now()
    notifications.send("payments.sale_paid", to=to, context=context, at=at, key=f"payments/{payment.pk}/sale")


@subscribe(RefundMade)
def tell_both_of_refund(event: RefundMade) -> None:
    """Payer and payee, each once; a shop not of what it gave back out of its takings itself."""
    rows = Refund.objects.select_related(
        "payment__payer",
        "payment__to_account__owner",
        "payment__settlement__account__owner",
        "payment__merchant__settlement_account__owner",
    )
    row = rows.get(pk=event.refund_id)
    context = {"amount": str(row.amount), "reference": row.reference, "of": row.payment.reference}
    at = row.done_at or now()
    people = {row.payment.payer, row.payment.to_account.owner} if row.payment.to_account else {row.payment.payer}
    if row.payment.settlement is not None:
        people.add(row.payment.settlement.account.owner)
    elif (shop := row.payment.merchant) is not None and row.made_by_id not in policies.people_of(shop):
        people.add(shop.settlement_account.owner)
    for person in people:
        key = f"payments/refund/{row.pk}/{person.pk}"
        notifications.send("payments.refunded", to=person, context=context, at=at, key=key)


@subscribe(PaymentFailed)
def tell_of_failure(event: PaymentFailed) -> None:
    """Who had confirmed a payment learns that it did not arrive and that the money is theirs again.

    A refusal on the page or in the answer of the API was told there.
    """
    if event.because != "not_carried":
        return
    payment = Payment.objects.select_related("payer").get(pk=event.payment_id)
    if hasattr(payment, "standing_order_run") or hasattr(payment, "bulk_row"):
        return  # the standing order says so, with its date; the batch when all of it is done
    context = {
        "amount": str(payment.amount),
        "reference": payment.reference,
        "payee": f"{payment.payee_name} {payment.payee_address}".replace("•", "*"),
    }
    notifications.send(
        "payments.failed", to=payment.payer, context=context, at=now(), key=f"payments/{payment.pk}/failed"
    )


@subscribe(BulkStarted, promptly=True)
def wake_a_worker_for_bulk(event: BulkStarted) -> None:
    """People wait for their salaries; a sweep finds what this call does not reach."""
    transaction.on_commit(partial(wake.carry_on, event.bulk_id), robust=True)


@subscribe(PaymentCompleted)
def note_row_paid(event: PaymentCompleted) -> None:
    """A row of a batch arrived outside the bank."""
    operations.bulk.row_settled(payment_id=event.payment_id, at=now())


@subscribe(PaymentFailed)
def note_row_failed(event: PaymentFailed) -> None:
    """A row of a batch did not arrive; its money is the payer's again."""
    operations.bulk.row_settled(payment_id=event.payment_id, at=now())


@subscribe(BulkSubmitted)
def tell_who_decides(event: BulkSubmitted) -> None:
    """Those who could approve a business's batch, each once. Staff find theirs in the queue of approvals."""
    bulk = BulkPayment.objects.select_related("business", "from_account", "submitted_by").get(pk=event.bulk_id)
    if bulk.business is None or bulk.submitted_by is None or bulk.eyes != "MEMBERS":
        return
    context = {
        "amount": str(bulk.needed),
        "name": bulk.name,
        "payer": bulk.payer_name,
        "count": str(bulk.good_count),
    }
    at = bulk.submitted_at or now()
    for person in policies.others(bulk, bulk.submitted_by):
        key = f"payments/bulk/{bulk.pk}/waiting/{person.pk}"
        notifications.send("payments.bulk_waiting", to=person, context=context, at=at, key=key)


@subscribe(BulkRowsPaid)
def tell_payees(event: BulkRowsPaid) -> None:
    """Everyone who was paid, each once a row."""
    bulk = BulkPayment.objects.get(pk=event.bulk_id)
    rows = bulk.rows.filter(number__range=(event.first, event.last), status=RowStatus.PAID, rail="internal")
    for row in rows.select_related("to_account__owner").order_by("number"):
        if row.to_account is None:
            continue
        context = {
            "amount": str(row.amount),
            "reference": f"{bulk.reference}/{row.number}",
            "payer": bulk.payer_name,
            "name": bulk.name,
        }
        at = row.settled_at or now()
        key = f"payments/bulk/{bulk.pk}/{row.number}"
        notifications.send("payments.bulk_received", to=row.to_account.owner, context=context, at=at, key=key)


@subscribe(BulkEnded)
def tell_who_paid(event: BulkEnded) -> None:
    """Who asked for it and who allowed it: how many were paid and how many were not."""
    bulk = BulkPayment.objects.select_related("submitted_by", "decided_by").get(pk=event.bulk_id)
    context = {
        "reference": bulk.reference,
        "name": bulk.name,
        "paid": str(event.paid),
        "not_paid": str(bulk.rows.filter(status=RowStatus.FAILED).count()),
        "amount": str(Money(event.minor, event.currency)),
    }
    for person in {bulk.submitted_by, bulk.decided_by} - {None}:
        key = f"payments/bulk/{bulk.pk}/ended/{person.pk}"  # type: ignore[union-attr]  # None was taken out
        notifications.send("payments.bulk_ended", to=person, context=context, at=bulk.ended_at or now(), key=key)
