"""Confirming a payment: proof bound to it, the screen, then the money, once however often it is asked."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.audit_trail import operations as audit_trail
from apps.fraud import operations as fraud
from apps.fraud.errors import PaymentBlocked
from apps.fx import queries as fx
from apps.kernel import events
from apps.kernel.errors import DomainError, IllegalMove, NotFound
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.payments.errors import BadQr, PaymentExpired
from apps.payments.events import PaymentFailed
from apps.payments.models import Door, HeldBecause, Payment, PaymentStatus, QrCode
from apps.payments.operations.carry import complete, hold_back, queue
from apps.payments.operations.channel import require_room_today
from apps.payments.operations.follow import came_back, claim
from apps.payments.queries import has_paid
from apps.payments.states import PAYMENT
from apps.users import operations as people
from apps.users.models import Party, StepUpChallenge, User

OPERATION = "payments.confirm"
NEW_PAYEE_ABOVE = Money.of(10_000, "KES")
NEW_PAYEE_WAIT = timedelta(seconds=10)
CONFIRMED = {PaymentStatus.COMPLETED, PaymentStatus.HELD, PaymentStatus.PENDING, PaymentStatus.CHECKING}

# One look for all that confirming needs: every payment of the bank waits for it.
_paid_before = Payment.objects.completed().filter(payer=OuterRef("payer"), payee_key=OuterRef("payee_key"))
_OPEN = Written(
    lambda public_id, payer: (
        Payment.objects.filter(public_id=public_id, payer_id=payer)
        .annotate(has_paid=Exists(_paid_before))
        .select_for_update(of=("self",))
        .select_related("from_account", "to_account", "merchant", "quote")
    ),
    public_id=uuid.UUID(int=1),
    payer=-1,
)


def bound_to(payment: Payment) -> dict[str, Any]:
    """What a proof for this payment is bound to: operation, payment, amount with what it costs, and payee."""
    return {
        "operation": OPERATION,
        "subject": f"payments/{payment.public_id}",
        "amount": payment.total,
        "payee": f"{payment.payee_name}, {payment.payee_address}",
    }


def challenge(*, payment: Payment, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the payer to prove that it is them, for this amount to this payee; not for what would be refused anyway.

    Raises NotFound, IllegalMove, TooSoon, and what `require_could_go` raises: then no code was sent.
    """
    require_theirs(payment, by)
    if payment.status != PaymentStatus.AWAITING_CONFIRMATION:
        raise IllegalMove(_("This payment is no longer waiting for you."))
    _require_in_time(payment, at)
    require_could_go(payment, at)
    row = people.challenge(user=by, at=at, method=method, **bound_to(payment))
    Payment.objects.filter(pk=payment.pk).update(challenge=row.pk)
    payment.challenge = row.pk
    return row


def require_could_go(payment: Payment, at: datetime) -> None:
    """Whether its account could pay it as it stands now. Confirming asks again under its locks, and that decides.

    Raises AccountClosed, AccountNotActive, NotSpendable, InsufficientFunds, LimitExceeded, RatesStale.
    """
    if payment.from_account.owner_id == payment.payer_id:
        payment.from_account.owner = payment.payer
    accounts.require_could_leave(
        account=payment.from_account,
        amounts=[payment.amount],
        cost=payment.charge.total,
        limited=True,  # to oneself nothing is proven, so every payment that is counts
        at=at,
    )


def foreseen(payment: Payment, at: datetime) -> DomainError | None:
    """Why its account could not pay it now; None when it could."""
    try:
        require_could_go(payment, at)
    except DomainError as no:
        return no
    return None


def confirm(*, payment: Payment | uuid.UUID, challenge_id: Any, by: User, at: datetime) -> Payment:
    """Move the money, or set it aside for its rail. A payment that was confirmed before is returned as it is.

    `payment` is one of the payer's, or its `public_id`; `challenge_id` is an answered challenge for exactly it.
    Afterwards it is COMPLETED, PENDING on its rail, or HELD: for ten seconds when a large amount goes to someone new,
    or until a person has looked at it.
    Raises NotFound, StepUpRequired, PaymentExpired, IllegalMove, PaymentBlocked, and what posting raises
    (InsufficientFunds, LimitExceeded, AccountNotActive…); then nothing has moved and the payment stays open for
    another try, unless its time is over or it was blocked.
    """
    with transaction.atomic():
        payment = _locked(payment, by)
        if payment.status in CONFIRMED:
            return payment
        if payment.status != PaymentStatus.AWAITING_CONFIRMATION:
            raise IllegalMove(_("This payment is over. No money moved. Start a new one."))
        _require_in_time(payment, at)
        by_ussd = payment.channel == Door.USSD
        people.use(challenge_id=challenge_id, user=by, at=at, by_ussd=by_ussd, **bound_to(payment))
        if by_ussd:
            require_room_today(payment, at)
        use_up_code(payment, at)
        claim(payment, at)
        is_stopped = go_on(payment, at, is_new=not payment.has_paid) == "BLOCK"  # type: ignore[attr-defined]  # as asked
    if is_stopped:
        raise PaymentBlocked(
            _("We could not make this payment. No money moved. If you meant it, call us: quote %(reference)s.")
            % {"reference": payment.reference}
        )
    return payment


def _locked(payment: Payment | uuid.UUID, by: User) -> Payment:
    """The payment as it stands now, with its people and accounts, held until the transaction ends. Raises NotFound."""
    public_id = payment.public_id if isinstance(payment, Payment) else payment
    found: Payment | None = _OPEN.first(public_id=public_id, payer=by.pk)
    if found is None or not by.is_active:
        raise _not_theirs()
    found.payer = by
    if found.from_account.owner_id == by.pk:
        found.from_account.owner = by
    return found


def go_on(payment: Payment, at: datetime, *, is_new: bool | None = None) -> str:
    """Screen a payment that was proven, and do what the screen says: ALLOW, REVIEW or BLOCK.

    `is_new`: whether its payer never paid its payee; looked up when not given.

    Within the caller's transaction and its lock of the payment. After BLOCK the payment has failed, and the caller
    keeps the transaction. Raises what posting raises.
    """
    if is_new is None:
        is_new = not has_paid(payment.payer_id, payment.payee_key)
    screened = fraud.screen(
        reference=f"payments/{payment.public_id}",
        user_id=payment.payer_id,
        account_id=payment.from_account_id,
        amount=payment.amount,
        kind=payment.kind,
        is_new_recipient=is_new,
        at=at,
        payee=payment.payee_key,
        payee_account_id=payment.to_account_id,
        payee_outside="" if payment.is_inside else payment.destination.get("name", ""),
        may_ask=payment.payer.kind == Party.PERSON,  # several stand behind a business: no one of them speaks for all
    )
    if screened.action == "BLOCK":
        PAYMENT.make(payment, PaymentStatus.FAILED, failed_because="payment_blocked")
        came_back(payment, "payment_blocked", at)
        audit_trail.record("payments.payment.blocked", on=payment, by=payment.payer, at=at)
        events.publish(PaymentFailed(payment_id=payment.pk, payer_id=payment.payer_id, because="payment_blocked"))
    elif screened.action == "REVIEW":
        hold_back(payment, HeldBecause.REVIEW, until=None, at=at)
    elif is_new and fx.in_home(payment.amount, at) > NEW_PAYEE_ABOVE:
        hold_back(payment, HeldBecause.NEW_PAYEE, until=at + NEW_PAYEE_WAIT, at=at)
    elif not payment.is_inside:
        queue(payment, at=at)
    else:
        complete(payment, at=at)
    return screened.action


def require_theirs(payment: Payment, who: User) -> None:
    """Raises NotFound for anyone but the payer."""
    if payment.payer_id != who.pk or not who.is_active:
        raise _not_theirs()


def _not_theirs() -> NotFound:
    return NotFound(_("There is no such payment, or it is not yours."))


def _require_in_time(payment: Payment, at: datetime) -> None:
    if payment.expires_at <= at:
        raise PaymentExpired(_("You did not confirm in time, so nothing was sent. Start the payment again."))


def use_up_code(payment: Payment, at: datetime) -> None:
    """A code for one amount is paid once, whoever scans it first."""
    if payment.qr_code_id is None:
        return
    single = QrCode.objects.filter(pk=payment.qr_code_id, amount_minor__isnull=False)
    if single.exists() and not single.filter(used_at=None).update(used_at=at):
        raise BadQr(_("That code was paid already. No money moved from you."))


@transaction.atomic
def note_refusal(*, payment: Payment, refusal: DomainError, by: User, at: datetime) -> None:
    """Keep why a confirmed payment was refused, for the payer's history and for staff; it may still be tried again."""
    kept = Payment.objects.filter(pk=payment.pk, status=PaymentStatus.AWAITING_CONFIRMATION).update(
        failed_because=str(refusal)[:200]
    )
    if kept:
        audit_trail.record("payments.payment.refused", on=payment, by=by, at=at, reason=refusal.code)
        events.publish(PaymentFailed(payment_id=payment.pk, payer_id=payment.payer_id, because=refusal.code))
