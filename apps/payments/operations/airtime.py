"""Airtime at its provider: an order is written down, sent once, and settled by what they say or what we find out.

They refuse a second order with the same Idempotency-Key only for a while, so an order whose answer was lost is never
sent again. Its name is then not known: a status for the only such order of that phone and amount is taken for it, else
the payment stays CHECKING until a person has looked.
"""

import hashlib
from datetime import datetime
from functools import partial

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import DomainError
from apps.kernel.known import known_as
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.errors import BooksBusy
from apps.payments import africastalking, wake
from apps.payments.africastalking import Answer, Told
from apps.payments.models import AirtimeCallback, AirtimeOrder, AirtimeStatus, Payment, PaymentStatus
from apps.payments.operations.carry import doubt, fail, settle
from apps.payments.states import AIRTIME
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
Outcome = AirtimeCallback.Outcome
NOT_LOADED = gettext_noop("The network did not load the airtime.")
NOT_TAKEN = gettext_noop("Airtime cannot be bought at the moment.")


def send_airtime(*, payment: Payment, at: datetime) -> None:
    """Order it: written down and committed, then sent, once. A refusal gives the money back.

    Whatever leaves the outcome open is raised (`africastalking.Unknown`); then it is never sent again.
    """
    order = AirtimeOrder(payment=payment, network=payment.destination.get("network", ""), sent_at=at)
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError:
        return  # another worker wrote it before: it sends, or has sent
    answer = africastalking.send(phone=payment.destination["phone"], amount=payment.amount, key=str(order.key))
    if answer.told is Told.REFUSED:
        not_loaded(order, because=NOT_TAKEN, words=answer.words, at=at)
        return
    _note(order, answer)
    early = AirtimeCallback.objects.filter(request_id=answer.request_id, outcome=Outcome.WAITING)
    for callback_id in early.values_list("pk", flat=True):  # they told before they answered
        apply_airtime_callback(callback_id=callback_id, at=at)


def _note(order: AirtimeOrder, answer: Answer) -> None:
    """Their name for it and what they said of the discount; a status that overtook the answer stays as it is."""
    rows = AirtimeOrder.objects.filter(pk=order.pk)
    rows.filter(request_id=None).update(request_id=answer.request_id, discount_minor=_discount(answer, order))
    rows.filter(status=AirtimeStatus.SENDING).update(status=AirtimeStatus.SENT)


def ask_about_airtime(*, payment: Payment, at: datetime) -> None:
    """Find out what became of an order. One that was never written down was never sent, so it is sent now."""
    order = AirtimeOrder.objects.select_related("payment").filter(payment=payment).first()
    if order is None:
        send_airtime(payment=payment, at=at)
        return
    if order.ended_at is not None or order.request_id is None:
        return
    AirtimeOrder.objects.filter(pk=order.pk).update(asked_at=at)
    outcome, why = _act(order, africastalking.find(order.request_id), at)
    if outcome == Outcome.DISPUTED:
        log.warning("airtime_disputed", payment=payment.reference, why=why)


@transaction.atomic
def receive_airtime_status(*, raw: str, at: datetime) -> AirtimeCallback:
    """Keep what they posted before anything is read from it; the same words again are the same row."""
    digest = hashlib.sha256(raw.encode()).hexdigest()
    kept, is_new = AirtimeCallback.objects.get_or_create(digest=digest, defaults={"raw": raw, "received_at": at})
    if is_new:
        transaction.on_commit(partial(wake.apply_airtime, kept.pk), robust=True)
    return kept


@transaction.atomic
def apply_airtime_callback(*, callback_id: int, at: datetime) -> AirtimeCallback:
    """Read one and act on it, once; one about an order whose name we do not know yet waits for it. Raises BooksBusy:
    then it is unread, and read again in a moment.
    """
    kept = AirtimeCallback.objects.select_for_update(of=("self",)).get(pk=callback_id)
    if kept.outcome not in {"", Outcome.WAITING}:
        return kept
    try:
        answer = africastalking.read_status(str(kept.raw))
        kept.request_id = answer.request_id
        order = _order_of(answer, str(kept.raw))
        kept.about = order
        with transaction.atomic():
            outcome, why = _act(order, answer, at) if order else (Outcome.WAITING, "")
    except africastalking.Unreadable as no:
        outcome, why = Outcome.UNREADABLE, str(no)
    except BooksBusy:
        raise
    except DomainError as no:
        outcome, why = Outcome.DISPUTED, str(no)
    if outcome in {Outcome.DISPUTED, Outcome.UNREADABLE}:
        log.warning("airtime_callback_not_applied", callback=kept.pk, outcome=outcome, why=why)
    kept.outcome, kept.why, kept.applied_at = outcome, why[:200], at
    kept.save()
    return kept


def _order_of(answer: Answer, raw: str) -> AirtimeOrder | None:
    """By its name; without one, the only order of that phone and amount whose answer was lost."""
    rows = AirtimeOrder.objects.select_related("payment")
    order = rows.filter(request_id=answer.request_id).first()
    if order is not None or answer.value is None:
        return order
    lost = rows.filter(
        request_id=None,
        ended_at=None,
        payment__status=PaymentStatus.CHECKING,
        payment__amount_minor=answer.value.minor,
        payment__payee_key=known_as(f"airtime/{africastalking.phone_in(raw)}"),
    )
    found = list(lost.select_for_update(of=("self",))[:2])
    if len(found) != 1:
        return None
    AirtimeOrder.objects.filter(pk=found[0].pk).update(request_id=answer.request_id)
    found[0].request_id = answer.request_id
    return found[0]


@transaction.atomic
def _act(order: AirtimeOrder, answer: Answer, at: datetime) -> tuple[Outcome, str]:
    """Do what they say of an order, once: post it, give it back, or write down that they say two things."""
    if answer.told is Told.TAKEN:
        return Outcome.NOTHING_NEW, ""
    order = AirtimeOrder.objects.select_for_update(of=("self",)).select_related("payment").get(pk=order.pk)
    says = AirtimeStatus.DELIVERED if answer.told is Told.DELIVERED else AirtimeStatus.FAILED
    if order.ended_at is not None:
        return (Outcome.NOTHING_NEW, "") if order.status == says else (Outcome.DISPUTED, f"it was {order.status}")
    if answer.told is Told.REFUSED:
        not_loaded(order, because=NOT_LOADED, words=answer.words, at=at)
        return Outcome.APPLIED, ""
    if odd := _odd(order, answer):
        doubt(payment=order.payment, at=at)
        what, words = odd
        act, after = f"payments.airtime.other_{what}", {"said": words}
        audit_trail.record(act, on=order.payment, by=system_user(), at=at, after=after)
        return Outcome.DISPUTED, words
    loaded(order, answer, at)
    return Outcome.APPLIED, ""


def _odd(order: AirtimeOrder, answer: Answer) -> tuple[str, str] | None:
    """How what was loaded differs from what was ordered, by its name and in words; None when they do not say so."""
    payment = order.payment
    if answer.value not in {None, payment.amount}:
        return "amount", f"{answer.value} in place of {payment.amount}"
    if answer.phone and known_as(f"airtime/{answer.phone}") != payment.payee_key:
        return "phone", "It names another phone than the one it was ordered for."
    return None


@transaction.atomic
def loaded(order: AirtimeOrder, answer: Answer, at: datetime) -> None:
    """The phone has it: the payment is posted, and what the provider leaves us is earned."""
    discount = _discount(answer, order)
    AIRTIME.make(order, AirtimeStatus.DELIVERED, discount_minor=discount, ended_at=at)
    payment = settle(payment=order.payment, provider_reference=order.request_id or "", at=at)
    if discount:
        commission = Money(discount, payment.currency)
        ledger.post(
            reference=f"airtime/{payment.public_id}/commission",
            kind="AIRTIME_COMMISSION",
            narrative=f"Commission on airtime {payment.reference}",
            legs=[
                ledger.debit(ledger.gl("airtime:payable", payment.currency), commission),
                ledger.credit(ledger.gl("fees:commission", payment.currency), commission),
            ],
            at=at,
        )


@transaction.atomic
def not_loaded(order: AirtimeOrder, *, because: str, words: str, at: datetime) -> None:
    """The phone does not have it: the payer has all of it back."""
    AIRTIME.make(order, AirtimeStatus.FAILED, error=words[:200], ended_at=at)
    fail(payment=order.payment, because=because, at=at)


def _discount(answer: Answer, order: AirtimeOrder) -> int:
    """In minor units; a figure that could not be a part of the price is none, and the statement will show it."""
    told = order.discount_minor if answer.discount is None else answer.discount.minor
    return told if told < order.payment.amount_minor else 0


def may_load(*, raw: str) -> bool:
    """Whether we ordered what they are about to load: an order of that phone and amount that is not over."""
    try:
        phone, amount = africastalking.read_validation(raw)
    except africastalking.Unreadable:
        return False
    open_orders = AirtimeOrder.objects.filter(ended_at=None, payment__payee_key=known_as(f"airtime/{phone}"))
    return open_orders.filter(payment__amount_minor=amount.minor, payment__currency=amount.currency).exists()
