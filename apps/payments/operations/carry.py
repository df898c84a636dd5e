"""What happens to a confirmed payment: posted at once, set aside, handed to its rail, settled or given back."""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.errors import DomainError, IllegalMove
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.errors import BooksBusy
from apps.payments import rails
from apps.payments.events import PaymentCompleted, PaymentFailed, PaymentHeld, PaymentQueued, PaymentReversed
from apps.payments.models import HeldBecause, Payment, PaymentStatus
from apps.payments.operations.follow import arrived, came_back, require_takes
from apps.payments.positions import legs_of
from apps.payments.states import PAYMENT
from apps.users.models import User
from apps.users.queries import system_user

TAKINGS = "merchants:takings"  # what shops took and were not paid out yet

log = structlog.get_logger(__name__)


def complete(payment: Payment, *, at: datetime) -> None:
    """Move the money inside the bank, within the caller's transaction."""
    lines = accounts.post_within(
        **_posting(payment, at),
        legs=_inside(payment),
        limited=payment.payer_id != _payee_id(payment),
    )
    written(payment, lines[0].transfer_id, at)


def hold_back(payment: Payment, because: HeldBecause, *, until: datetime | None, at: datetime) -> None:
    """Set the money aside and wait, for a moment or for a person, within the caller's transaction."""
    _set_aside(payment, PaymentStatus.HELD, at, held_because=because.value, held_until=until)
    audit_trail.record("payments.payment.held", on=payment, by=payment.payer, at=at, reason=because.value)
    events.publish(PaymentHeld(payment_id=payment.pk, payer_id=payment.payer_id, because=because.value))


def queue(payment: Payment, *, at: datetime) -> None:
    """Set the money aside for the rail, within the caller's transaction; a worker hands it over after the commit."""
    rails.rail(payment.rail)
    _set_aside(payment, PaymentStatus.PENDING, at)
    audit_trail.record("payments.payment.queued", on=payment, by=payment.payer, at=at, after=facts(payment))
    events.publish(PaymentQueued(payment_id=payment.pk, rail=payment.rail))


def _set_aside(payment: Payment, to: PaymentStatus, at: datetime, **fields: Any) -> None:
    aside = accounts.set_aside(
        account=payment.from_account,
        amount=payment.amount,
        cost=payment.charge.total,
        reference=f"payments/{payment.public_id}",
        limited=True,
        at=at,
    )
    PAYMENT.make(payment, to, hold_id=aside.hold_id, confirmed_at=at, **fields)


def let_go_on(*, payment: Payment, at: datetime) -> Payment:
    """A held payment goes its way: into the payee's account, or to its rail. One that is no longer held stays as it is.

    When the payee cannot take it any more, it fails and the payer has all of it back. Raises BooksBusy: then it is
    still held, and the same call will do later.
    """
    try:
        return _let_go_on(payment.pk, at)
    except BooksBusy:
        raise  # nobody's fault
    except DomainError as no:
        return stop_held(payment=payment, because=str(no), at=at)


@transaction.atomic
def _let_go_on(pk: int, at: datetime) -> Payment:
    payment = locked(pk)
    if payment.status != PaymentStatus.HELD:
        return payment
    if not payment.is_inside:
        PAYMENT.make(payment, PaymentStatus.PENDING)
        events.publish(PaymentQueued(payment_id=payment.pk, rail=payment.rail))
    else:
        if payment.merchant is not None:
            require_takes(payment.merchant)
        _take(payment, legs=_inside(payment), limited=payment.payer_id != _payee_id(payment), at=at)
    live.tell(payment.payer_id)
    return payment


def hand_over(*, payment_id: int, at: datetime) -> bool:
    """Give a queued payment to its rail, once; False when another worker has it or it is not due.

    The claim is committed before the provider is called. A rail that fails to say what happened leaves the payment
    CHECKING: it may have gone through, so it is never sent again, only asked about.
    """
    mine = Payment.objects.filter(pk=payment_id, status=PaymentStatus.PENDING, sent_at=None).update(sent_at=at)
    if not mine:
        return False
    payment = Payment.objects.select_related("payer", "from_account").get(pk=payment_id)
    try:
        rails.rail(payment.rail).send(payment=payment, at=at)
    except Exception:
        log.exception("payment_outcome_unknown", payment=payment.reference, rail=payment.rail)
        doubt(payment=payment, at=at)
    return True


@transaction.atomic
def settle(*, payment: Payment, provider_reference: str, at: datetime) -> Payment:
    """The rail carried it: what was set aside is posted. Told again, it changes nothing.

    Raises IllegalMove when the payment had been given back before: then the books and the provider differ, and
    reconciliation shows it to a person.
    """
    payment = locked(payment.pk)
    if payment.status in {PaymentStatus.COMPLETED, PaymentStatus.REVERSED}:
        return payment
    if payment.status not in {PaymentStatus.PENDING, PaymentStatus.CHECKING}:
        raise IllegalMove(_("This payment is over; the provider says otherwise. A person must look at it."))
    payment.provider_reference = provider_reference[:64]
    legs = [*_handed_out(payment), *accounts.earned(payment.charge)]
    _take(payment, legs=legs, limited=False, at=at)
    live.tell(payment.payer_id)
    return payment


def _handed_out(payment: Payment) -> list[Any]:
    """What the rail's settlement account pays: the amount, or what it was exchanged for on its way abroad."""
    purpose, quote = rails.rail(payment.rail).settlement, payment.quote
    if quote is None:
        return [ledger.credit(ledger.gl(purpose, payment.currency), payment.amount)]
    return [ledger.credit(ledger.gl(purpose, quote.get_currency), quote.get), *legs_of(quote)]


@transaction.atomic
def fail(*, payment: Payment, because: str, at: datetime, by: User | None = None) -> Payment:
    """It will not arrive: what was set aside is free again, fee included. Told again, it changes nothing.

    `because` is a sentence for the payer. Raises IllegalMove when it was posted before.
    """
    payment = locked(payment.pk)
    if payment.status in {PaymentStatus.FAILED, PaymentStatus.CANCELLED}:
        return payment
    _give_back(payment, at)
    PAYMENT.make(payment, PaymentStatus.FAILED, failed_because=because[:200])
    came_back(payment, because, at)
    audit_trail.record("payments.payment.failed", on=payment, by=by or system_user(), at=at, reason=because)
    events.publish(PaymentFailed(payment_id=payment.pk, payer_id=payment.payer_id, because="not_carried"))
    live.tell(payment.payer_id)
    return payment


@transaction.atomic
def stop_held(*, payment: Payment, because: str, at: datetime) -> Payment:
    """As `fail`, of what is held alone: one that went its way meanwhile may be with its rail already, and stays."""
    now_held = locked(payment.pk)
    return fail(payment=now_held, because=because, at=at) if now_held.status == PaymentStatus.HELD else now_held


@transaction.atomic
def doubt(*, payment: Payment, at: datetime) -> Payment:
    """Nobody knows what became of it: the money stays set aside, and the payer is told that we are checking."""
    payment = locked(payment.pk)
    if payment.status == PaymentStatus.PENDING:
        PAYMENT.make(payment, PaymentStatus.CHECKING)
        audit_trail.record("payments.payment.in_doubt", on=payment, by=system_user(), at=at)
        live.tell(payment.payer_id)
    return payment


def give_back_held(payment: Payment, *, at: datetime) -> None:
    """Undo a hold for a payer who changed their mind, within the caller's transaction and its lock."""
    _give_back(payment, at)
    PAYMENT.make(payment, PaymentStatus.CANCELLED)
    came_back(payment, str(_("You stopped this payment.")), at)


def _give_back(payment: Payment, at: datetime) -> None:
    if payment.hold_id is not None:
        accounts.give_back(
            hold_id=payment.hold_id,
            account=payment.from_account,
            amount=payment.amount,
            held_at=payment.confirmed_at or at,
            limited=payment.is_limited,
            at=at,
        )


def locked(pk: int) -> Payment:
    """The payment as it stands now, held until the transaction ends."""
    rows = Payment.objects.select_for_update(of=("self",))
    return rows.select_related("from_account__owner", "to_account__owner", "payer", "merchant").get(pk=pk)


def _take(payment: Payment, *, legs: list[Any], limited: bool, at: datetime) -> None:
    lines = accounts.take(hold_id=payment.hold_id or 0, **_posting(payment, at), legs=legs, limited=limited)
    written(payment, lines[0].transfer_id, at)


def _inside(payment: Payment) -> list[Any]:
    """The bank's side of a payment that stays here: what it costs, and what a shop took until it is paid out."""
    takings = [ledger.credit(ledger.gl(TAKINGS, payment.currency), payment.amount)] if payment.merchant_id else []
    return [*takings, *accounts.earned(payment.charge)]


def _posting(payment: Payment, at: datetime) -> dict[str, Any]:
    account, to, payer = payment.from_account, payment.to_account, payment.payer
    is_own = to is not None and to.owner_id == payer.pk
    named = "" if is_own else payment.payee_name
    shop = payment.merchant
    words = {"merchant": shop.trading_name, "mcc": shop.mcc} if shop is not None else {}
    said = payment.note or payment.payee_name
    movements = [accounts.out_of(account, payment.amount, said, counterparty=named, **words)]
    if to is not None:
        sender = account.name if is_own else payer.full_name
        words = {"counterparty": "" if is_own else sender}
        movements.append(accounts.into(to, payment.amount, payment.note or sender, **words))
    return {
        "reference": f"payments/{payment.public_id}",
        "kind": payment.kind,
        "narrative": f"{TransactionType(payment.kind).label} {payment.reference}",
        "movements": [*movements, *accounts.charged(account, payment.charge)],
        "receipt": payment.reference,
        "at": at,
    }


def written(payment: Payment, transfer_id: int, at: datetime) -> None:
    """The money has moved: the payment is done, audited and told, within the caller's transaction."""
    PAYMENT.make(
        payment,
        PaymentStatus.COMPLETED,
        transfer_id=transfer_id,
        completed_at=at,
        provider_reference=payment.provider_reference,
    )
    arrived(payment, at)
    audit_trail.record("payments.payment.completed", on=payment, by=payment.payer, at=at, after=facts(payment))
    events.publish(
        PaymentCompleted(
            payment_id=payment.pk,
            payer_id=payment.payer_id,
            payee_id=_payee_id(payment),
            minor=payment.amount_minor,
            currency=payment.currency,
        )
    )


def reverse(payment: Payment, **fields: Any) -> None:
    """A payment that was made has gone back: written and told, within the caller's transaction that moved the money."""
    PAYMENT.make(payment, PaymentStatus.REVERSED, **fields)
    events.publish(PaymentReversed(payment_id=payment.pk, payer_id=payment.payer_id))


def _payee_id(payment: Payment) -> int | None:
    return payment.to_account.owner_id if payment.to_account is not None else None


def facts(payment: Payment) -> dict[str, str]:
    """What the audit trail keeps of a payment."""
    to = payment.to_account.number if payment.to_account is not None else payment.payee_address
    kept: dict[str, Any] = {
        "reference": payment.reference,
        "amount": payment.amount,
        "cost": payment.charge.total if payment.fee_minor else Money.zero(payment.currency),
        "from": payment.from_account.number,
        "to": to,
    }
    return {name: str(value) for name, value in kept.items()}
