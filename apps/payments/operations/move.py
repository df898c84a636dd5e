"""Moving money between one's own accounts: no proof is asked, because it stays with the same person."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.payments.errors import ToYourself
from apps.payments.events import PaymentCompleted
from apps.payments.models import Payment, PaymentStatus
from apps.payments.operations.start import LIFE, first_of
from apps.payments.states import PAYMENT
from apps.users.models import User


def move_between_own(
    *, owner: User, from_account: Account, to_account: Account, amount: Money, key: str, at: datetime
) -> Payment:
    """From one of a person's accounts to another, at once and once per `key`.

    Raises NotFound, ToYourself for the same account, BadAmount, CurrencyMismatch, KeyReused, and what posting raises.
    """
    if {from_account.owner_id, to_account.owner_id} != {owner.pk}:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    if from_account.pk == to_account.pk:
        raise ToYourself(_("Choose two different accounts. No money moved."))
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if {from_account.currency, to_account.currency} != {amount.currency}:
        raise CurrencyMismatch(
            _("Both accounts must be in %(currency)s. No money moved.") % {"currency": amount.currency}
        )
    payment = Payment(
        kind=TransactionType.INTERNAL_TRANSFER,
        payer=owner,
        from_account=from_account,
        to_account=to_account,
        payee_name=to_account.name,
        payee_address=to_account.masked_number,
        amount_minor=amount.minor,
        currency=amount.currency,
        key=key[:120],
        reference="K" + secrets.token_hex(4).upper(),
        created_at=at,
        expires_at=at + LIFE,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                payment.save()
        except IntegrityError:
            return first_of(payment)
        _move(payment, owner, at)
    return payment


def _move(payment: Payment, owner: User, at: datetime) -> None:
    lines = accounts.post(
        reference=f"payments/{payment.public_id}",
        kind=payment.kind,
        receipt=payment.reference,
        narrative=f"Own transfer {payment.reference}",
        movements=[
            accounts.out_of(payment.from_account, payment.amount, payment.to_account.name),
            accounts.into(payment.to_account, payment.amount, payment.from_account.name),
        ],
        at=at,
    )
    PAYMENT.make(payment, PaymentStatus.COMPLETED, transfer_id=lines[0].transfer_id, completed_at=at)
    audit_trail.record("payments.payment.completed", on=payment, by=owner, at=at, after={"amount": str(payment.amount)})
    events.publish(
        PaymentCompleted(
            payment_id=payment.pk,
            payer_id=owner.pk,
            payee_id=owner.pk,
            minor=payment.amount_minor,
            currency=payment.currency,
        )
    )
