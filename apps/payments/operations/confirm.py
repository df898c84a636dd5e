"""Confirming a payment: proof bound to it, then the money, once however often it is asked."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import DomainError, IllegalMove, NotFound
from apps.kernel.money import Money
from apps.payments.errors import BadQr, PaymentExpired
from apps.payments.events import PaymentCompleted, PaymentFailed
from apps.payments.models import Payment, PaymentStatus, QrCode
from apps.payments.states import PAYMENT
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User

OPERATION = "payments.confirm"


def bound_to(payment: Payment) -> dict[str, Any]:
    """What a proof for this payment is bound to: operation, payment, amount with its fee, and payee."""
    return {
        "operation": OPERATION,
        "subject": f"payments/{payment.public_id}",
        "amount": Money(payment.amount_minor + payment.fee_minor, payment.currency),
        "payee": f"{payment.payee_name}, {payment.payee_address}",
    }


def challenge(*, payment: Payment, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the payer to prove that it is them, for this amount to this payee. Raises NotFound, IllegalMove, TooSoon."""
    require_theirs(payment, by)
    if payment.status != PaymentStatus.AWAITING_CONFIRMATION:
        raise IllegalMove(_("This payment is no longer waiting for you."))
    _require_in_time(payment, at)
    row = people.challenge(user=by, at=at, method=method, **bound_to(payment))
    Payment.objects.filter(pk=payment.pk).update(challenge=row.pk)
    payment.challenge = row.pk
    return row


def confirm(*, payment: Payment, challenge_id: Any, by: User, at: datetime) -> Payment:
    """Move the money. A payment that is done already is returned as it is, so a second confirm changes nothing.

    `challenge_id` is an answered challenge for exactly this payment. Raises NotFound, StepUpRequired, PaymentExpired,
    IllegalMove, and what posting raises (InsufficientFunds, LimitExceeded, AccountNotActive …); then nothing has moved
    and the payment stays open for another try, unless its time is over.
    """
    require_theirs(payment, by)
    with transaction.atomic():
        payment = (
            Payment.objects.select_for_update(of=("self",))
            .select_related("from_account__owner", "to_account__owner", "payer")
            .get(pk=payment.pk)
        )
        if payment.status == PaymentStatus.COMPLETED:
            return payment
        if payment.status != PaymentStatus.AWAITING_CONFIRMATION:
            raise IllegalMove(_("This payment was cancelled. No money moved. Start a new one."))
        _require_in_time(payment, at)
        people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(payment))
        _use_up_code(payment, at)
        _move(payment, at)
        audit_trail.record("payments.payment.completed", on=payment, by=by, at=at, after=_facts(payment))
        events.publish(
            PaymentCompleted(
                payment_id=payment.pk,
                payer_id=payment.payer_id,
                payee_id=payment.to_account.owner_id,
                minor=payment.amount_minor,
                currency=payment.currency,
            )
        )
    return payment


def require_theirs(payment: Payment, who: User) -> None:
    if payment.payer_id != who.pk or not who.is_active:
        raise NotFound(_("There is no such payment, or it is not yours."))


def _require_in_time(payment: Payment, at: datetime) -> None:
    if payment.expires_at <= at:
        raise PaymentExpired(_("You did not confirm in time, so nothing was sent. Start the payment again."))


def _use_up_code(payment: Payment, at: datetime) -> None:
    """A code for one amount is paid once, whoever scans it first."""
    if payment.qr_code_id is None:
        return
    single = QrCode.objects.filter(pk=payment.qr_code_id, amount_minor__isnull=False)
    if single.exists() and not single.filter(used_at=None).update(used_at=at):
        raise BadQr(_("That code was paid already. No money moved from you."))


def _move(payment: Payment, at: datetime) -> None:
    payer, payee = payment.payer, payment.to_account.owner
    lines = accounts.post(
        reference=f"payments/{payment.public_id}",
        kind=payment.kind,
        receipt=payment.reference,
        narrative=f"{payment.get_kind_display()} {payment.reference}",
        movements=[
            accounts.out_of(
                payment.from_account,
                payment.amount,
                payment.note or payment.payee_name,
                counterparty=payment.payee_name,
            ),
            accounts.into(
                payment.to_account, payment.amount, payment.note or payer.full_name, counterparty=payer.full_name
            ),
        ],
        limited=payer.pk != payee.pk,
        at=at,
    )
    PAYMENT.make(payment, PaymentStatus.COMPLETED, transfer_id=lines[0].transfer_id, completed_at=at)


def _facts(payment: Payment) -> dict[str, str]:
    return {
        "reference": payment.reference,
        "amount": str(payment.amount),
        "from": payment.from_account.number,
        "to": payment.to_account.number,
    }


@transaction.atomic
def note_refusal(*, payment: Payment, refusal: DomainError, by: User, at: datetime) -> None:
    """Keep why a confirmed payment was refused, for the payer's history and for staff; it may still be tried again."""
    Payment.objects.filter(pk=payment.pk, status=PaymentStatus.AWAITING_CONFIRMATION).update(
        failed_because=str(refusal)[:200]
    )
    audit_trail.record("payments.payment.refused", on=payment, by=by, at=at, reason=refusal.code)
    events.publish(PaymentFailed(payment_id=payment.pk, payer_id=payment.payer_id, because=refusal.code))
