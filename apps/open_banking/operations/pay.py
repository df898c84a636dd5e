"""A payment that an app asks for: by a consent to pay, which was its proof, or with a challenge the customer answers.

The consent is locked first and stays so: two requests at once are one after the other, and the second finds it used.
What `payments` refuses takes everything back, and the consent may be tried again.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import PaymentBlocked
from apps.kernel import events
from apps.kernel.money import Money
from apps.open_banking.errors import BeyondConsent, ConsentRequired, CostsMore, RefundTooLarge
from apps.open_banking.events import PaymentInitiated
from apps.open_banking.models import (
    Consent,
    ConsentType,
    PaymentTerms,
    Permission,
    Resource,
    ThirdPartyApp,
    TransactionRequest,
)
from apps.open_banking.operations.cover import require_covered
from apps.open_banking.operations.creditor import Creditor, begin
from apps.open_banking.operations.end import consume
from apps.open_banking.operations.own import require_within_limits
from apps.open_banking.operations.read import Leaving, let_leave
from apps.payments import operations as payments
from apps.payments.models import Payment
from apps.payments.operations.carry import locked
from apps.payments.operations.confirm import CONFIRMED, go_on
from apps.users.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, for whom, by which consent (None: by the customer's own word, which needs a challenge)."""

    app: ThirdPartyApp
    user: User
    consent: Consent | None
    person_present: bool
    interaction_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: from which account, to whom, how much; `details` as it is answered."""

    type: str
    account: Account
    creditor: Creditor
    amount: Money
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    refund_of: Payment | None = None


@transaction.atomic
def ask_to_pay(*, asking: Asking, order: Order, at: datetime) -> TransactionRequest:
    """Begin a payment, and make it where nothing more has to be proven.

    By a consent to pay it goes at once, with the consent used up in the same transaction; otherwise the customer is
    sent a challenge, except between their own accounts. It then goes the way of any payment: limits, screen, holds,
    rails. Blocked by the screen, it is kept as FAILED, and the consent is used up.

    Raises ConsentRequired, BeyondConsent, CostsMore, RefundTooLarge, and what `payments` raises; then nothing is kept.
    """
    consent = _held(asking, order, at) if asking.consent is not None else None
    require_within_limits(account=order.account, payee_key=order.creditor.key, amount=order.amount, at=at)
    if order.refund_of is not None:
        _require_not_more(order.refund_of, order.amount, at)
    public_id = uuid.uuid4()
    payment = begin(
        payer=asking.user, account=order.account, creditor=order.creditor, amount=order.amount,
        note=_note(consent, order), key=f"obp/{public_id}", at=at,
    )  # fmt: skip
    row = TransactionRequest.objects.create(
        public_id=public_id, app=asking.app, user=asking.user, consent=consent, account=order.account, payment=payment,
        type=order.type, details=order.details, refund_of=order.refund_of, created_at=at,
    )  # fmt: skip
    _write_down(asking, order, at)
    facts = {"app": str(asking.app.public_id), "payment": payment.reference, "amount": str(order.amount)}
    audit_trail.record(
        "open_banking.payment.initiated", on=row, by=asking.user, at=at, after=facts, customer=asking.user
    )
    if _needs_challenge(row, payment):
        payments.challenge(payment=payment, by=asking.user, at=at, method="SMS")
    else:
        _make(row, at)
    events.publish(
        PaymentInitiated(
            request_id=row.pk, payment_id=payment.pk, app_id=asking.app.pk, user_id=asking.user.pk,
            consent_id=consent.pk if consent else None,
        )
    )  # fmt: skip
    return row


@transaction.atomic
def make_proven(*, request: TransactionRequest, by: User, at: datetime) -> TransactionRequest:
    """Make a payment whose challenge was answered, and use up its consent with it.

    Blocked by the screen it is kept as FAILED. Raises ConsentRequired, StepUpRequired, IllegalMove, PaymentExpired and
    what posting raises; then nothing is kept and the challenge is still good.
    """
    held = Consent.objects.select_for_update()
    consent = held.get(pk=request.consent.pk) if request.consent else None
    if consent is not None and not consent.is_live(at):
        raise ConsentRequired(_("The customer's consent has ended. No money moved."))
    challenge_id = request.payment.challenge
    try:
        request.payment = payments.confirm(payment=request.payment, challenge_id=challenge_id, by=by, at=at)
    except PaymentBlocked:  # kept by `confirm` as FAILED: it raises after its own transaction
        request.payment.refresh_from_db()
    _use_up(request, at)
    return request


@transaction.atomic
def reject_request(*, request: TransactionRequest, by: User, at: datetime) -> TransactionRequest:
    """The customer does not want it: nothing moves any more. Raises IllegalMove when it went already."""
    payments.cancel(payment=request.payment, by=by, at=at)
    TransactionRequest.objects.filter(pk=request.pk).update(is_rejected=True)
    audit_trail.record("open_banking.payment.rejected", on=request, by=by, at=at, customer=by)
    request.refresh_from_db()
    return request


@transaction.atomic
def give_up(*, request: TransactionRequest, by: User, at: datetime) -> None:
    """Too many wrong answers: the payment is dropped. Doing so twice is once."""
    marked = TransactionRequest.objects.filter(pk=request.pk, is_spent=False).update(is_spent=True)
    if marked:
        payments.cancel(payment=request.payment, by=by, at=at)
        audit_trail.record("open_banking.payment.given_up", on=request, by=by, at=at, customer=by)


def _held(asking: Asking, order: Order, at: datetime) -> Consent:
    """The consent, locked, when it covers exactly this."""
    row = Consent.objects.select_for_update().get(pk=asking.consent.pk if asking.consent else 0)
    terms = PaymentTerms.objects.filter(consent=row).first()
    if row.consent_type != ConsentType.PIS or terms is None or not row.is_live(at):
        raise ConsentRequired(_("The customer's consent to pay has ended. No money moved."))
    if not row.chosen.filter(account=order.account, permission=Permission.PAYMENT).exists():
        raise BeyondConsent(_("The customer chose another account to pay from. No money moved."))

    def made(begin_at: datetime, end_at: datetime) -> tuple[int, int]:
        so_far = TransactionRequest.objects.counting(row, begin_at, end_at, at=at)
        return so_far.count(), so_far.aggregate(minor=Sum("payment__amount_minor"))["minor"] or 0

    require_covered(
        row, terms, payee_key=order.creditor.key, amount=order.amount, note=order.note, made=made, at=at
    )  # fmt: skip
    return row


def _require_not_more(original: Payment, amount: Money, at: datetime) -> None:
    """What was sent back of a payment never comes to more than it was; under the payment's lock."""
    locked(original.pk)
    back = TransactionRequest.objects.filter(refund_of=original).not_over(at)
    spent = back.aggregate(minor=Sum("payment__amount_minor"))["minor"] or 0
    left = Money(original.amount_minor - spent, original.currency)
    if amount.currency != original.currency or amount > left:
        raise RefundTooLarge(
            _("At most %(left)s of what was received can be sent back. No money moved.") % {"left": left}
        )


def _note(consent: Consent | None, order: Order) -> str:
    """The reference that was fixed, else what was asked."""
    fixed = consent.terms.note if consent is not None else ""
    return fixed or order.note


def _needs_challenge(row: TransactionRequest, payment: Payment) -> bool:
    """Whether the customer must prove it now: a consent to pay was proof, and their own accounts need none."""
    if payment.status in CONFIRMED:
        return False
    return row.consent is None or row.type == TransactionRequest.Type.ACCOUNT_OTP


def _make(row: TransactionRequest, at: datetime) -> None:
    if row.payment.status not in CONFIRMED:
        payment = locked(row.payment_id)
        terms = row.consent.terms if row.consent else None
        if terms is not None and terms.cost is not None and payment.charge.total > terms.cost:
            raise CostsMore(_("The payment costs more now than the customer was told. No money moved. Ask them anew."))
        go_on(payment, at)  # stopped by the screen, it is FAILED now, audited and told by `payments`
        row.payment = payment
    _use_up(row, at)


def _use_up(row: TransactionRequest, at: datetime) -> None:
    """One payment uses up a consent to one; to recurring ones it stays."""
    if row.consent is not None and not row.consent.is_recurring:
        consume(consent=row.consent, at=at)


def _write_down(asking: Asking, order: Order, at: datetime) -> None:
    leaving = Leaving(
        app_id=asking.app.pk, user_id=asking.user.pk, consent=asking.consent, accounts=[order.account.pk],
        resource=Resource.PAYMENT, fields="amount,payee", person_present=asking.person_present,
        interaction_id=asking.interaction_id, counts=False,
    )  # fmt: skip
    let_leave(leaving=leaving, at=at)
