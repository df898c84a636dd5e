"""Sending money of a payment back to its payer: whole or in parts, never more than was paid, large ones by two."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import AccountStatus, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.ledger import operations as ledger
from apps.payments.errors import KeyReused, NotRefundable
from apps.payments.events import RefundMade
from apps.payments.models import Payment, PaymentStatus, Refund
from apps.payments.operations.carry import TAKINGS, locked, sent_back
from apps.payments.operations.start import new_reference
from apps.payments.policies import people_of, require_may_give_back_from, require_may_run_shop
from apps.payments.states import REFUND
from apps.users.models import User
from apps.users.policies import require_unconnected

LARGE_REFUND = "payments.large_refund"
ALONE_UP_TO = Money.of(10_000, "KES")


@transaction.atomic
def refund(*, payment: Payment, amount: Money, reason: str, key: str, by: User, at: datetime) -> Refund:
    """Give a payment, or a part of it, back from its payee. Once per `key`; over 10,000 it waits for a second person.

    Raises NotAllowed, BadAmount, CurrencyMismatch, NotRefundable, KeyReused, and what posting raises: InsufficientFunds
    when the payee no longer has it.
    """
    _require_may(by, payment, reason)
    row, payment, is_new = _written(payment, amount, reason, key, by, at)
    if not is_new:
        return row
    if _is_small(row):
        _give_back(row, payment, by=by, at=at)
    else:
        _ask(row, by, at)
    return row


@transaction.atomic
def refund_by_merchant(*, payment: Payment, amount: Money, reason: str, key: str, by: User, at: datetime) -> Refund:
    """A shop gives back what it was paid, or a part: out of what it was not paid out yet, later from its account.

    Until it is paid out it is the shop's own money, so nobody else is asked; then it is the account's, and who gives it
    back must be who may pay from there alone. Once per `key`. The fee of a settlement is not given back.
    Raises NotFound, NotAllowed, BadAmount, CurrencyMismatch, NotRefundable, KeyReused; NoMandate, TooFewSign;
    InsufficientFunds and AccountNotActive when its settlement account cannot pay.
    """
    if payment.merchant is None:
        raise NotFound(_("There is no such payment, or it is not the shop's."))
    require_may_run_shop(by, payment.merchant)
    if not reason.strip():
        raise NotAllowed(_("Say why: the record of this decision is read later."))
    row, payment, is_new = _written(payment, amount, reason, key, by, at)
    if is_new:
        if payment.settlement is not None:
            require_may_give_back_from(by, payment.settlement.account, amount)
        _give_back(row, payment, by=by, at=at, by_bank=False)
    return row


def _written(
    payment: Payment, amount: Money, reason: str, key: str, by: User, at: datetime
) -> tuple[Refund, Payment, bool]:
    """The refund's row, under the lock of its payment; False when it had been written before."""
    if amount.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    if amount.currency != payment.currency:
        raise CurrencyMismatch(_("The payment was in %(currency)s.") % {"currency": payment.currency})
    payment = locked(payment.pk)
    row = Refund(
        payment=payment,
        status=Refund.Status.WAITING,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason.strip()[:200],
        reference=new_reference(),
        key=key[:120],
        made_by=by,
        created_at=at,
    )
    earlier = Refund.objects.filter(made_by=by, key=row.key).first()
    if earlier:
        return _same(earlier, row), payment, False
    _require_left(payment, amount)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return _same(Refund.objects.get(made_by=by, key=row.key), row), payment, False
    return row, payment, True


def _require_may(by: User, payment: Payment, reason: str) -> None:
    if not by.is_active or not by.has_perm("payments.refund_transactions"):
        raise NotAllowed(_("You do not hold the right to send payments back."))
    _require_uninvolved(by, payment)
    if not reason.strip():
        raise NotAllowed(_("Say why: the record of this decision is read later."))


def _require_uninvolved(who: User, payment: Payment) -> None:
    sides = _sides(payment)
    if who.pk in sides:
        raise NotAllowed(_("No one decides on their own payment."))
    for side in User.objects.filter(pk__in=sides):
        require_unconnected(who, side)


def _sides(payment: Payment) -> set[int]:
    """Those whose own payment it is."""
    if payment.merchant is not None:
        return {payment.payer_id, *people_of(payment.merchant)}
    return {payment.payer_id, *([payment.to_account.owner_id] if payment.to_account else [])}


def _same(earlier: Refund, row: Refund) -> Refund:
    if (earlier.payment_id, earlier.amount, earlier.reason) != (row.payment_id, row.amount, row.reason):
        raise KeyReused(_("This was sent before with other figures. No money moved; start a new one."))
    return earlier


def _require_left(payment: Payment, amount: Money) -> None:
    """Under the lock of the payment. What waits for approval counts as given back."""
    if not payment.is_inside:
        raise NotRefundable(_("This payment left the bank, so it can only be taken back where it went."))
    if payment.kind == TransactionType.EXCHANGE:
        raise NotRefundable(_("An exchange is not sent back: the customer exchanges again at the rate of the day."))
    if payment.status != PaymentStatus.COMPLETED:
        raise NotRefundable(_("Only a payment that was made, and not sent back in full, can be refunded."))
    _require_open_payer(payment)
    live = payment.refunds.exclude(status=Refund.Status.RETURNED)
    given = live.aggregate(minor=Sum("amount_minor"))["minor"] or 0
    left = Money(payment.amount_minor - given, payment.currency)
    if amount > left:
        raise NotRefundable(_("At most %(left)s of this payment is left to refund. No money moved.") % {"left": left})


def _require_open_payer(payment: Payment) -> None:
    """Said before a second person is asked, and of whose account; the posting looks again under its lock."""
    if payment.from_account.status == AccountStatus.CLOSED:
        raise NotRefundable(
            _(
                "The account that paid is closed, so nothing can go back there. No money moved. "
                "Pay the customer in another way."
            )
        )


def _is_small(row: Refund) -> bool:
    """What one person may give back of a payment alone, all its parts together."""
    alone = row.payment.refunds.filter(approval=None).aggregate(minor=Sum("amount_minor"))["minor"] or 0
    return row.currency == ALONE_UP_TO.currency and alone <= ALONE_UP_TO.minor


def _ask(row: Refund, by: User, at: datetime) -> None:
    row.approval = approvals.ask(
        kind=LARGE_REFUND,
        subject=f"payments/{row.payment.public_id}",
        payload={"refund": row.pk},
        after={"payment": row.payment.reference, "amount": str(row.amount)},
        amount=row.amount,
        reason=row.reason,
        by=by,
        at=at,
    )
    row.save(update_fields=["approval"])


@transaction.atomic
def run_refund(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved refund. Raises NotAllowed, Connected, NotRefundable, and what posting raises."""
    row = Refund.objects.get(pk=payload["refund"])
    payment = locked(row.payment_id)
    _require_uninvolved(checker, payment)
    _require_open_payer(payment)
    _give_back(row, payment, by=checker, at=at)
    return {"refund": row.reference, "transfer": row.transfer_id}


def return_refund(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The refund that was not allowed: nothing moved, and the payment may be refunded again."""
    REFUND.make(Refund.objects.get(pk=payload["refund"]), Refund.Status.RETURNED)
    return {}


def _source(row: Refund, payment: Payment) -> tuple[list[Any], list[Any]]:
    """Where it comes from: movements of an account, or legs of the bank's own; under the lock of the payment."""
    if payment.merchant is not None and payment.settlement is None:
        return [], [ledger.debit(ledger.gl(TAKINGS, row.currency), row.amount)]
    account = payment.to_account if payment.settlement is None else payment.settlement.account
    if account is None:
        raise NotRefundable(_("This payment left the bank, so it can only be taken back where it went."))
    return [accounts.out_of(account, row.amount, payment.reference, counterparty=payment.payer.full_name)], []


def _give_back(row: Refund, payment: Payment, *, by: User, at: datetime, by_bank: bool = True) -> None:
    shop = payment.merchant
    words = {"merchant": shop.trading_name, "mcc": shop.mcc} if shop is not None else {}
    source, legs = _source(row, payment)
    lines = accounts.post(
        reference=f"refunds/{row.pk}",
        kind=TransactionType.REFUND,
        narrative=f"Refund of {payment.reference}",
        movements=[
            *source,
            accounts.into(
                payment.from_account, row.amount, payment.reference, counterparty=payment.payee_name, **words
            ),
        ],
        legs=legs,
        receipt=row.reference,
        by_bank=by_bank,
        at=at,
    )
    done_with = {"transfer_id": lines[0].transfer_id, "done_at": at, "from_takings": bool(legs)}
    REFUND.make(row, Refund.Status.DONE, **done_with)
    done = payment.refunds.filter(status=Refund.Status.DONE).aggregate(minor=Sum("amount_minor"))["minor"]
    if done == payment.amount_minor:
        sent_back(payment)
    facts = {"payment": payment.reference, "amount": str(row.amount)}
    audit_trail.record(
        "payments.refund.made", on=row, by=by, at=at, reason=row.reason, after=facts, customer=payment.payer
    )
    events.publish(RefundMade(refund_id=row.pk, payment_id=payment.pk, minor=row.amount_minor, currency=row.currency))
