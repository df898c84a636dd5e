"""What those behind a business are told of its standing orders; each thing once."""

from datetime import datetime

from django.utils import translation

from apps.accounts import mandates
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.notifications.people import readers
from apps.payments.events import JointOrderAsked, JointOrderEnded, StandingOrderConfirmed
from apps.payments.models import JointOrder, JointOrderStatus
from apps.users.models import User


@subscribe(JointOrderAsked)
def ask_signatories(event: JointOrderAsked) -> None:
    """Whom the mandate names, but its maker, that a standing order of their business waits for them."""
    joint = JointOrder.objects.whole().get(pk=event.joint_id)
    by = mandates.signing_of(joint.business)
    if by is None or joint.status != JointOrderStatus.WAITING or by.needed(joint.total) < 2:  # the maker's will do
        return
    for person in by.signers:
        if person.pk != joint.made_by_id:
            _tell(joint, "waiting", person, joint.created_at, maker=joint.made_by.public_name)


@subscribe(StandingOrderConfirmed)
def tell_it_is_signed(event: StandingOrderConfirmed) -> None:
    """Its maker, who signed it, and who reads the letters of the business, that it pays from now on."""
    joint = JointOrder.objects.whole().filter(order_id=event.order_id).first()
    if joint is None:
        return
    people = [joint.made_by, *(one.user for one in joint.signatures.all()), *readers(joint.business.party)]
    for person in {one.pk: one for one in people}.values():
        _tell(joint, "signed", person, joint.over_at or now())


@subscribe(JointOrderEnded)
def tell_others_it_is_over(event: JointOrderEnded) -> None:
    """Its maker, and whom the mandate names, that it pays nothing more; not who ended it. Nobody when it lapsed."""
    joint = JointOrder.objects.whole().get(pk=event.joint_id)
    if joint.over_by is None or event.status != joint.status:
        return
    by = mandates.signing_of(joint.business)
    others = {one.pk: one for one in (joint.made_by, *(by.signers if by else ())) if one.pk != joint.over_by_id}
    more = {"who": joint.over_by.public_name, "reason": joint.over_because or "-"}
    for person in others.values():
        _tell(joint, "stopped", person, joint.over_at or now(), **more)


def _tell(joint: JointOrder, what: str, person: User, at: datetime, **more: str) -> None:
    order = joint.order
    with translation.override(person.language):
        often = order.get_cadence_display().lower()
    context = {
        "amount": str(order.amount),
        "business": joint.business.name,
        "payee": f"{order.payee_name} {order.payee_address}".replace("•", "*"),
    }
    if what in {"waiting", "signed"}:
        context |= {"often": often, "due_on": str(order.schedule.due_on(0))}
    key = f"payments/joint-order/{joint.pk}/{what}/{person.pk}"
    notifications.send(f"payments.joint_order_{what}", to=person, context=context | more, at=at, key=key)
