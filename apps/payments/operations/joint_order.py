"""Standing orders of a business: written down by one, in force once as many have signed as its mandate asks.

Signatures are counted again on each date by the mandate of that day (`sign_run`). The business is locked first, then
the order, then its payment and account: nobody leaves between counting and paying, and a stop comes before a run or
after it.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates
from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import DomainError, IllegalMove
from apps.kernel.money import Money
from apps.payments import queries
from apps.payments.errors import KeyReused, SignaturesLacking
from apps.payments.events import JointOrderAsked, JointOrderEnded
from apps.payments.models import (
    DayOff,
    JointOrder,
    JointOrderSignature,
    JointOrderStatus,
    JointPayment,
    JointSignature,
    JointStatus,
    OrderStatus,
    Payment,
    StandingOrder,
)
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
from apps.payments.operations.standing import bound_to, close_order, leave_out, put_in_force, set_up_order
from apps.payments.schedule import Schedule
from apps.payments.states import JOINT_ORDER
from apps.users import operations as people
from apps.users.models import BusinessProfile, Party, StepUpChallenge, User

OPERATION = "payments.joint_order.sign"
_RUNS = {OrderStatus.ACTIVE, OrderStatus.PAUSED}


@transaction.atomic
def ask_joint_order(
    *,
    from_account: Account,
    where: dict[str, Any],
    amount: Money,
    schedule: Schedule,
    key: str,
    by: User,
    at: datetime,
    day_off: str = DayOff.NEXT,
    note: str = "",
    instead_of: JointOrder | None = None,
) -> JointOrder:
    """Write down what a business should pay by itself; it pays nothing before it is signed, by its maker too. It waits
    for signatures three days, and no longer than its first date. The same `key`, the same order.

    `instead_of` is one in force, which is stopped in the moment this one is signed by all. Raises NotFound, NotAllowed,
    NotASignatory, NoMandate, TooFewSign, IllegalMove, and what `set_up_order` raises.
    """
    business = require_signatory(by, from_account, amount)
    order = set_up_order(
        owner=business.party, from_account=from_account, where=where, amount=amount, schedule=schedule,
        key=f"joint/{by.pk}/{key}", at=at, day_off=day_off, note=note,
    )  # fmt: skip
    return _written(order, business, instead_of, by, at)


def _written(
    order: StandingOrder, business: BusinessProfile, instead_of: JointOrder | None, by: User, at: datetime
) -> JointOrder:
    first = order.schedule.due_on(0) or order.starts_on
    joint, is_new = JointOrder.objects.get_or_create(
        order=order,
        defaults={
            "business": business,
            "made_by": by,
            "created_at": at,
            "expires_at": min(at + WAITS, day_start(first + timedelta(days=1))),
            "total_minor": queries.each_takes(order, local_date(at)).minor,
            "replaces": instead_of,
        },
    )
    if joint.replaces_id != (instead_of.pk if instead_of else None):
        raise KeyReused(_("This was sent before with other figures. Nothing was changed; start anew."))
    if is_new:
        if instead_of is not None and (instead_of.business_id != business.pk or not instead_of.is_in_force):
            raise IllegalMove(_("The order that this should replace is over. Nothing was set up. Look at it again."))
        StandingOrder.objects.filter(pk=order.pk).update(expires_at=joint.expires_at)
        _record("asked", joint, by, at)
        events.publish(JointOrderAsked(joint_id=joint.pk, business_id=business.pk, by_id=by.pk))
    return JointOrder.objects.whole().get(pk=joint.pk)


def challenge_joint_order(*, joint: JointOrder, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask for proof before signing, for exactly these terms.

    Raises NotFound, NotASignatory, NoMandate, TooFewSign, IllegalMove, PaymentExpired, TooSoon.
    """
    require_theirs(by, joint)
    asked = require_names(by, joint.order.from_account, queries.each_takes(joint.order, local_date(at)))
    _require_lacks(joint, asked, at)
    return people.challenge(user=by, at=at, method=method, **bound_to(joint.order, operation=OPERATION, by=by))


@transaction.atomic
def sign_joint_order(*, joint: JointOrder, challenge_id: uuid.UUID | str | None, by: User, at: datetime) -> JointOrder:
    """Agree to it, with proof. The last signature that is needed puts it in force, and stops what it replaces. One in
    force, whose signatures are not enough any more by the mandate of today, takes further ones. Signed before, it is
    answered as it is.

    Raises NotFound, NotASignatory, NoMandate, TooFewSign, IllegalMove, PaymentExpired, StepUpRequired.
    """
    joint = _locked(joint.pk)
    require_theirs(by, joint)
    if JointOrderSignature.objects.filter(joint=joint, user=by).exists():
        return joint
    total = queries.each_takes(joint.order, local_date(at))
    asked = require_names(by, joint.order.from_account, total)
    _require_lacks(joint, asked, at)
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(joint.order, operation=OPERATION, by=by))
    JointOrderSignature.objects.create(joint=joint, user=by, at=at)
    JointOrder.objects.filter(pk=joint.pk).update(total_minor=total.minor)
    _record("signed", joint, by, at)
    if joint.status == JointOrderStatus.WAITING and _counted(joint, asked) >= asked.needed:
        _begin(joint, by, at)
    tell_members(joint.business)
    return joint


@transaction.atomic
def end_joint_order(*, joint: JointOrder, by: User, at: datetime, reason: str = "") -> JointOrder:
    """While it waits its maker takes it back, and another signatory turns it down, saying why; in force, any signatory
    stops it. What has gone out stays; stopped again, it stays as it is.

    Raises NotFound, NotAllowed, NotASignatory, IllegalMove.
    """
    joint = _locked(joint.pk)
    require_theirs(by, joint)
    if joint.status != JointOrderStatus.WAITING or by.pk != joint.made_by_id:
        require_signs(by, joint.business)
    if joint.status == JointOrderStatus.STOPPED:
        return joint
    require_says_why(joint, by, reason)
    if joint.status == JointOrderStatus.SIGNED:
        to = JointOrderStatus.STOPPED
    else:
        to = JointOrderStatus.CANCELLED if by.pk == joint.made_by_id else JointOrderStatus.DECLINED
    _end(joint, to, at, by=by, because=reason.strip()[:200])
    return joint


def may_end_joint_order(*, joint: JointOrder, by: User) -> bool:
    """Whether `end_joint_order` would listen to somebody now, for pages."""
    if joint.status == JointOrderStatus.WAITING and by.pk == joint.made_by_id:
        return True
    is_open = joint.status == JointOrderStatus.WAITING or joint.is_in_force
    return is_open and signs_by_mandate(by, joint.business)


@transaction.atomic
def skip_joint_order(*, joint: JointOrder, due_on: date, by: User, at: datetime) -> JointOrder:
    """Any signatory leaves the next date out. `due_on` says which, so that asking twice skips one.

    Raises NotFound, NotASignatory, IllegalMove.
    """
    joint = _locked(joint.pk)
    require_theirs(by, joint)
    require_signs(by, joint.business)
    joint.order = leave_out(joint.order, due_on, by, at)
    tell_members(joint.business)
    return joint


def expire_joint_orders(*, at: datetime, most: int = 200) -> int:
    """End what was not signed in time; nothing is set up. Safe to run twice and side by side. Returns how many."""
    due = JointOrder.objects.filter(status=JointOrderStatus.WAITING, expires_at__lte=at)
    return sum(_expire_one(pk, at) for pk in due.order_by("expires_at").values_list("pk", flat=True)[:most])


def hold_business(order_id: int) -> None:
    """Lock the business of an order, if it is one's, before the order itself; within the caller's transaction."""
    business_id = JointOrder.objects.filter(order_id=order_id).values_list("business_id", flat=True).first()
    if business_id is not None:
        held(business_id)


def lacking(order: StandingOrder, at: datetime) -> JointOrder | None:
    """The order of a business whose signatures are not enough by the mandate as it is now; None for any other."""
    joint = JointOrder.objects.whole().filter(order=order).first() if order.owner.kind == Party.BUSINESS else None
    if joint is None:
        return None
    try:
        total = queries.each_takes(joint.order, local_date(at))
        signed = queries.signatures_of(joint, mandates.signing_of(joint.business), total)
    except DomainError:  # no rate or no tariff today: what refuses the date then is told then
        return None
    return None if signed.are_enough else joint


def sign_run(*, order: StandingOrder, payment: Payment, at: datetime) -> None:
    """Make the payment of a date a joint payment that has its signatures already: those of the order that count by the
    mandate of the day. Within the caller's transaction and its lock of the business; nothing for people's orders.

    Raises SignaturesLacking, NoMandate, TooFewSign, RatesStale.
    """
    joint = JointOrder.objects.select_related("business", "made_by").filter(order=order).first()
    if joint is None:
        return
    asked = mandates.asked_for(payment.from_account, payment.total)
    given = list(joint.signatures.filter(user__in=asked.signers).select_related("user"))
    if len(given) < asked.needed:
        raise SignaturesLacking(
            _("Those who signed it are not enough by today's mandate. No money moved. Sign the order again.")
        )
    run = JointPayment.objects.create(
        business=joint.business, payment=payment, status=JointStatus.SIGNED, made_by=joint.made_by,
        created_at=at, expires_at=at, over_at=at, over_by=given[-1].user,
    )  # fmt: skip
    JointSignature.objects.bulk_create(JointSignature(joint=run, user=one.user, at=one.at) for one in given)


@transaction.atomic
def _expire_one(pk: int, at: datetime) -> bool:
    joint = _locked(pk)
    if joint.status != JointOrderStatus.WAITING:
        return False
    _end(joint, JointOrderStatus.EXPIRED, at)
    return True


def _begin(joint: JointOrder, by: User, at: datetime) -> None:
    """In force from now on; what it replaces is not any more, so that no date is paid by both."""
    JOINT_ORDER.make(joint, JointOrderStatus.SIGNED, over_at=at, over_by=by)
    put_in_force(joint.order, by, at)
    if joint.replaces_id is not None:
        before = _locked(joint.replaces_id)
        if before.status == JointOrderStatus.SIGNED and before.order.status in _RUNS:
            _end(before, JointOrderStatus.STOPPED, at, by=by, because=str(_("Another order took its place.")))


def _end(joint: JointOrder, to: JointOrderStatus, at: datetime, *, by: User | None = None, because: str = "") -> None:
    JOINT_ORDER.make(joint, to, over_at=at, over_by=by, over_because=because)
    joint.order = close_order(joint.order, by or joint.business.party, at)
    _record(to.lower(), joint, by or joint.business.party, at, reason=because)
    events.publish(JointOrderEnded(joint_id=joint.pk, status=to.value))
    tell_members(joint.business)


def _require_lacks(joint: JointOrder, asked: mandates.Asked, at: datetime) -> None:
    """It waits for signatures, or is in force with too few of them by today's mandate.

    Raises IllegalMove, PaymentExpired.
    """
    if joint.status != JointOrderStatus.SIGNED:
        require_waiting(joint, at)
    elif joint.order.status not in _RUNS or _counted(joint, asked) >= asked.needed:
        raise IllegalMove(_("This order has all the signatures that it needs, or is over. Look at it again."))


def _counted(joint: JointOrder, asked: mandates.Asked) -> int:
    return JointOrderSignature.objects.filter(joint=joint, user__in=asked.signers).count()


def _record(verb: str, joint: JointOrder, by: User, at: datetime, *, reason: str = "") -> None:
    facts = {"amount": str(joint.order.amount), "to": joint.order.payee_address, "cadence": joint.order.cadence}
    party = joint.business.party
    audit_trail.record(
        f"payments.joint_order.{verb}", on=joint.order, by=by, at=at, after=facts, reason=reason, customer=party
    )


def _locked(pk: int) -> JointOrder:
    """The order of a business as it stands now, held with the business until the transaction ends."""
    business = held(JointOrder.objects.values_list("business_id", flat=True).get(pk=pk))
    joint = JointOrder.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=pk)
    orders = StandingOrder.objects.select_for_update(of=("self",))
    whole = orders.select_related("owner", "from_account__owner", "from_account__product", "to_account")
    joint.business, joint.order = business, whole.get(pk=joint.order_id)
    return joint
