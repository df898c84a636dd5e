"""A payment that came back after it had been settled: booked back at the price it left at, and told."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountClosed, AccountNotActive
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.payments import iso20022 as iso
from apps.payments import rails
from apps.payments.banks.reasons import why
from apps.payments.events import PaymentReturned
from apps.payments.models import BankOrder, OrderOutStatus, Payment, PaymentReturn, PaymentStatus
from apps.payments.operations.banks import orders
from apps.payments.operations.carry import reverse
from apps.payments.positions import equivalent_of
from apps.payments.states import BANK_ORDER
from apps.users.queries import system_user


@transaction.atomic
def give_back_returned(order: BankOrder, entry: iso.Entry, *, at: datetime) -> bool:
    """Book a return once; False when it does not fit and a person must look.

    The payer gets back what came, in the currency and at the rate it left at; the fee was for what was done and stays.
    A return that is told of before the settlement settles first. More than was sent is nobody's to give away.
    """
    order = orders.locked(order.pk)
    earlier = PaymentReturn.objects.filter(payment=order.payment).first()
    if earlier is not None:
        return earlier.their_reference == entry.reference
    if entry.amount.minor > order.moved_minor or order.status == OrderOutStatus.REJECTED:
        return False
    if order.status != OrderOutStatus.SETTLED:
        orders.settled(order, their_reference=entry.reference, at=at)
        order = orders.locked(order.pk)
    payment = Payment.objects.select_related("payer", "from_account__owner", "quote").get(pk=order.payment_id)
    if payment.status != PaymentStatus.COMPLETED:
        return False
    given = _worth(payment, entry.amount)
    if given.minor <= 0:
        return False
    transfer_id, in_suspense = _booked(payment, given, _legs(payment, given, entry.amount), at)
    row = PaymentReturn.objects.create(
        payment=payment,
        channel=order.channel,
        their_reference=entry.reference,
        reason=entry.reason,
        came_minor=entry.amount.minor,
        came_currency=entry.amount.currency,
        given_minor=given.minor,
        currency=given.currency,
        transfer_id=transfer_id,
        in_suspense=in_suspense,
        made_at=at,
    )
    BANK_ORDER.make(order, OrderOutStatus.RETURNED, reason=entry.reason, ended_at=order.ended_at)
    reverse(payment, failed_because=why(entry.reason))
    facts = {"came": str(entry.amount), "given": str(given), "reason": entry.reason}
    audit_trail.record("payments.payment.returned", on=payment, by=system_user(), at=at, after=facts)
    events.publish(PaymentReturned(return_id=row.pk, payment_id=payment.pk, payer_id=payment.payer_id))
    live.tell(payment.payer_id)
    return True


def _worth(payment: Payment, came: Money) -> Money:
    """What the payer gets: all of it when all came back, else the same share, rounded down to the cent."""
    quote = payment.quote
    if quote is None:
        return came
    return Money(payment.amount_minor * came.minor // quote.get_minor, payment.currency)


def _legs(payment: Payment, given: Money, came: Money) -> list[Any]:
    """The bank's side. Of an exchange: the position it took up goes back at the worth it was taken up with, so that
    what the rate did meanwhile is the bank's, and shows in the day's revaluation.
    """
    purpose, quote = rails.rail(payment.rail).settlement, payment.quote
    legs = [ledger.debit(ledger.gl(purpose, came.currency), came)]
    if quote is None:
        return legs
    worth = Money(quote.get_worth_minor * came.minor // quote.get_minor, payment.currency)
    legs += [
        ledger.credit(ledger.gl("fx:position", came.currency), came),
        ledger.debit(equivalent_of(came.currency, quote.home_currency), worth),
    ]
    if spread := given - worth:
        legs.append(ledger.debit(ledger.gl("fx:spread", quote.home_currency), spread))
    return legs


def _booked(payment: Payment, given: Money, legs: list[Any], at: datetime) -> tuple[int, bool]:
    """To the account it left; to suspense when that takes no money any more."""
    reference, narrative = f"payments/{payment.public_id}/return", f"Return of {payment.reference}"
    with translation.override(payment.payer.language):
        words = gettext("Came back: %(name)s") % {"name": payment.payee_name}
    try:
        with transaction.atomic():
            lines = accounts.post(
                reference=reference,
                kind=TransactionType.REFUND,
                narrative=narrative,
                movements=[accounts.into(payment.from_account, given, words, counterparty=payment.payee_name)],
                legs=legs,
                receipt=payment.reference,
                by_bank=True,
                at=at,
            )
    except (AccountClosed, AccountNotActive):
        suspense = ledger.credit(ledger.gl("suspense:receipts", given.currency), given)
        posted = ledger.post(reference=reference, kind="SUSPENSE", narrative=narrative, legs=[*legs, suspense], at=at)
        return posted.transfer_id, True
    return lines[0].transfer_id, False
