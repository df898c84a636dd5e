"""Paying from a business account: written down by one, proven by as many as its mandate asks, then paid once."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import PaymentBlocked
from apps.kernel import events
from apps.kernel.errors import IllegalMove
from apps.kernel.money import Money
from apps.payments.events import JointAsked, JointEnded
from apps.payments.models import HeldBecause, JointPayment, JointSignature, JointStatus, Payment, PaymentStatus
from apps.payments.operations.carry import give_back_held
from apps.payments.operations.carry import locked as locked_payment
from apps.payments.operations.confirm import go_on, require_could_go, use_up_code
from apps.payments.operations.follow import claim
from apps.payments.operations.signatures import (
    WAITS,
    held,
    require_names,
    require_says_why,
    require_signatory,
    require_signs,
    require_theirs,
    require_waiting,
    signs_by_mandate,
    tell_members,
)
from apps.payments.operations.start import start, start_by_rail
from apps.payments.rails import Destination
from apps.payments.states import JOINT, PAYMENT
from apps.users import operations as people
from apps.users.models import BusinessProfile, StepUpChallenge, User


@transaction.atomic
def ask_joint(
    *, from_account: Account, to: str, amount: Money | None, key: str, by: User, at: datetime, note: str = ""
) -> JointPayment:
    """Write down what a business is to pay to somebody at this bank; nothing moves before it is signed, by its maker
    too. The same `key`, the same payment. Raises NotFound, NotAllowed, NotASignatory, NoMandate, TooFewSign, and what
    starting a payment raises.
    """
    business = require_signatory(by, from_account, amount)
    payment = start(
        payer=business.party, from_account=from_account, to=to, amount=amount, key=_key(by, key), at=at, note=note
    )
    return _written(payment, business, by, at)


@transaction.atomic
def ask_joint_by_rail(
    *,
    from_account: Account,
    rail: str,
    kind: str,
    destination: Destination,
    amount: Money,
    key: str,
    by: User,
    at: datetime,
    note: str = "",
) -> JointPayment:
    """As `ask_joint`, for what leaves the bank; `destination` comes from `find_destination`."""
    business = require_signatory(by, from_account, amount)
    payment = start_by_rail(
        payer=business.party, from_account=from_account, rail=rail, kind=kind, destination=destination,
        amount=amount, key=_key(by, key), at=at, note=note,
    )  # fmt: skip
    return _written(payment, business, by, at)


def bound_to(joint: JointPayment) -> dict[str, Any]:
    """What a proof is bound to: this payment, what leaves the account, and who is paid."""
    payment = joint.payment
    return {
        "operation": "payments.joint.sign",
        "subject": f"payments/{payment.public_id}",
        "amount": payment.total,
        "payee": f"{payment.payee_name}, {payment.payee_address}",
    }


def challenge_joint(*, joint: JointPayment, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask for proof before signing; before the signature that pays it, only when its account could pay it now.

    Raises NotFound, NotASignatory, NoMandate, IllegalMove, PaymentExpired, TooSoon, and what `require_could_go` raises.
    """
    require_theirs(by, joint)
    require_waiting(joint, at)
    asked = require_names(by, joint.payment.from_account, joint.payment.total)
    others = JointSignature.objects.filter(joint=joint, user__in=asked.signers).exclude(user=by)
    if others.count() + 1 >= asked.needed:
        require_could_go(joint.payment, at)
    return people.challenge(user=by, at=at, method=method, **bound_to(joint))


def sign_joint(*, joint: JointPayment, challenge_id: uuid.UUID | str | None, by: User, at: datetime) -> JointPayment:
    """Agree to it, with proof. The last signature that is needed pays it, in the same transaction; signed before, it
    is answered as it is. Signatures of those who do not sign for the business any more do not count.

    Raises NotFound, NotAllowed, NotASignatory, NoMandate, TooFewSign, IllegalMove, PaymentExpired, StepUpRequired,
    PaymentBlocked, and what posting raises (InsufficientFunds, LimitExceeded, AccountNotActive…): then this signature
    was not given, nothing moved, and it goes on waiting.
    """
    with transaction.atomic():
        joint = _locked(joint.pk)
        require_theirs(by, joint)
        if JointSignature.objects.filter(joint=joint, user=by).exists():
            return joint
        require_waiting(joint, at)
        asked = require_names(by, joint.payment.from_account, joint.payment.total)
        people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(joint))
        JointSignature.objects.create(joint=joint, user=by, at=at)
        audit_trail.record("payments.joint.signed", on=joint.payment, by=by, at=at, customer=joint.business.party)
        given = JointSignature.objects.filter(joint=joint, user__in=asked.signers).count()
        said = _pay(joint, by, at) if given >= asked.needed else ""
        tell_members(joint.business)
    if said == "BLOCK":
        raise PaymentBlocked(
            _("We could not make this payment. No money moved. If you meant it, call us: quote %(reference)s.")
            % {"reference": joint.payment.reference}
        )
    return joint


@transaction.atomic
def end_joint(*, joint: JointPayment, by: User, at: datetime, reason: str = "") -> JointPayment:
    """Its maker takes it back; another signatory turns it down, saying why. Nothing moved.

    Signed by all, it is stopped in the moment for which a first large payment is held, and what was set aside is free
    again; then nobody is asked why, as there is no time to write. Raises NotFound, NotAllowed, NotASignatory,
    IllegalMove (sent, over, or looked at by the bank).
    """
    joint = _locked(joint.pk)
    require_theirs(by, joint)
    if by.pk != joint.made_by_id:
        require_signs(by, joint.business)
    if joint.status == JointStatus.SIGNED:
        _require_may_be_stopped(joint.payment)
    require_says_why(joint, by, reason)
    to = JointStatus.CANCELLED if by.pk == joint.made_by_id else JointStatus.DECLINED
    _end(joint, to, at, by=by, because=reason.strip()[:200])
    return joint


def may_end_joint(*, joint: JointPayment, by: User) -> bool:
    """Whether `end_joint` would listen to somebody now, for pages."""
    payment = joint.payment
    is_held = payment.status == PaymentStatus.HELD and payment.held_because == HeldBecause.NEW_PAYEE
    is_open = joint.status == JointStatus.WAITING or (joint.status == JointStatus.SIGNED and is_held)
    return is_open and (by.pk == joint.made_by_id or signs_by_mandate(by, joint.business))


def expire_joint(*, at: datetime, most: int = 200) -> int:
    """End what was not signed in time; nothing moved. Safe to run twice and side by side. Returns how many ended."""
    due = JointPayment.objects.filter(status=JointStatus.WAITING, expires_at__lte=at)
    return sum(_expire_one(pk, at) for pk in due.order_by("expires_at").values_list("pk", flat=True)[:most])


@transaction.atomic
def _expire_one(pk: int, at: datetime) -> bool:
    joint = _locked(pk)
    if joint.status != JointStatus.WAITING:
        return False
    _end(joint, JointStatus.EXPIRED, at)
    return True


def _end(joint: JointPayment, to: JointStatus, at: datetime, *, by: User | None = None, because: str = "") -> None:
    JOINT.make(joint, to, over_at=at, over_by=by, over_because=because)
    if joint.payment.status == PaymentStatus.HELD:
        give_back_held(joint.payment, at=at)
    else:
        PAYMENT.make(joint.payment, PaymentStatus.CANCELLED)
    actor = by or joint.business.party
    audit_trail.record(f"payments.joint.{to.lower()}", on=joint.payment, by=actor, at=at, reason=because)
    events.publish(JointEnded(joint_id=joint.pk, status=to.value))
    tell_members(joint.business)


def _pay(joint: JointPayment, by: User, at: datetime) -> str:
    """What the screen says; the money is posted or set aside unless it says BLOCK."""
    payment = joint.payment
    JOINT.make(joint, JointStatus.SIGNED, over_at=at, over_by=by)
    use_up_code(payment, at)
    claim(payment, at)
    said = go_on(payment, at)
    events.publish(JointEnded(joint_id=joint.pk, status=JointStatus.SIGNED.value))
    return said


def _written(payment: Payment, business: BusinessProfile, by: User, at: datetime) -> JointPayment:
    joint, is_new = JointPayment.objects.get_or_create(
        payment=payment,
        defaults={"business": business, "made_by": by, "created_at": at, "expires_at": at + WAITS},
    )
    if is_new:
        Payment.objects.filter(pk=payment.pk).update(expires_at=joint.expires_at)
        audit_trail.record("payments.joint.asked", on=payment, by=by, at=at, customer=business.party)
        events.publish(JointAsked(joint_id=joint.pk, business_id=business.pk, by_id=by.pk))
    return JointPayment.objects.whole().get(pk=joint.pk)


def _key(by: User, key: str) -> str:
    return f"joint/{by.pk}/{key}"[:120]


def _locked(pk: int) -> JointPayment:
    """The joint payment and its payment as they stand now, held until the transaction ends.

    The business is held first: who belongs to it, and its mandate, do not change while signatures are counted.
    """
    business = held(JointPayment.objects.values_list("business_id", flat=True).get(pk=pk))
    joint = JointPayment.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=pk)
    joint.business, joint.payment = business, locked_payment(joint.payment_id)
    return joint


def _require_may_be_stopped(payment: Payment) -> None:
    """Held for a moment, not for the bank's look, and under its lock: it went or it did not."""
    if payment.status != PaymentStatus.HELD:
        raise IllegalMove(_("This payment has gone already or is over. Nothing was changed. Look at it again."))
    if payment.held_because == HeldBecause.REVIEW:
        raise IllegalMove(_("We are looking at this payment, so it cannot be cancelled now. The money is set aside."))
