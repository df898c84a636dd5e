"""What people are told of their payees, standing orders, requests and shops; each thing once."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import mandates
from apps.kernel.clock import local_date, now
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.notifications.people import readers
from apps.payments import operations
from apps.payments.asker_news import tell_who_asked
from apps.payments.events import (
    JointAsked,
    JointEnded,
    MerchantsSettled,
    PayeeAdded,
    RequestDeclined,
    RequestMade,
    RequestReminded,
    StandingOrderConfirmed,
    StandingOrderEnded,
    StandingOrderFailed,
)
from apps.payments.models import (
    JointPayment,
    JointStatus,
    OrderStatus,
    Payee,
    PaymentRequest,
    RequestStatus,
    Settlement,
    StandingOrder,
    StandingOrderRun,
)
from apps.users.events import UserRegistered
from apps.users.models import Party, User
from apps.users.queries import somebody
from apps.users.rules import masked_phone


def _plain(text: str) -> str:
    """In letters every phone can show."""
    return text.replace("•", "*")


def _to(row: Any) -> str:
    return _plain(f"{row.payee_name} {row.payee_address}")


@subscribe(JointAsked)
def tell_signatories(event: JointAsked) -> None:
    """Whom the mandate names, but its maker, that a payment of their business waits for them."""
    joint = JointPayment.objects.whole().get(pk=event.joint_id)
    by = mandates.signing_of(joint.business)
    if by is None or joint.status != JointStatus.WAITING or by.needed(joint.payment.total) < 2:  # the maker's will do
        return
    context = {
        "amount": str(joint.payment.amount),
        "business": joint.business.name,
        "payee": _to(joint.payment),
        "maker": joint.made_by.public_name,
    }
    for person in by.signers:
        if person.pk != joint.made_by_id:
            key = f"payments/joint/{joint.pk}/waiting/{person.pk}"
            notifications.send("payments.joint_waiting", to=person, context=context, at=joint.created_at, key=key)


@subscribe(JointEnded)
def tell_others_it_was_stopped(event: JointEnded) -> None:
    """Its maker, and whom the mandate names, that it is not paid; not who stopped it."""
    joint = JointPayment.objects.whole().select_related("over_by").get(pk=event.joint_id)
    if event.status not in {JointStatus.CANCELLED, JointStatus.DECLINED} or joint.over_by is None:
        return
    by = mandates.signing_of(joint.business)
    context = {
        "amount": str(joint.payment.amount),
        "business": joint.business.name,
        "payee": _to(joint.payment),
        "who": joint.over_by.public_name,
        "reason": joint.over_because or "-",
    }
    others = {one.pk: one for one in (joint.made_by, *(by.signers if by else ())) if one.pk != joint.over_by_id}
    for person in others.values():
        key = f"payments/joint/{joint.pk}/stopped/{person.pk}"
        notifications.send("payments.joint_stopped", to=person, context=context, at=joint.over_at or now(), key=key)


@subscribe(PayeeAdded)
def tell_of_payee(event: PayeeAdded) -> None:
    """A new payee is what a thief would add first."""
    row = Payee.objects.select_related("owner").get(pk=event.payee_id)
    key = f"payments/payees/{row.pk}/added"
    notifications.send(
        "payments.payee_added", to=row.owner, context={"payee": _to(row)}, at=row.saved_at or now(), key=key
    )


@subscribe(StandingOrderConfirmed)
def tell_of_order(event: StandingOrderConfirmed) -> None:
    """What will be paid, and from when; of a business, `order_news` tells it."""
    order = StandingOrder.objects.select_related("owner").get(pk=event.order_id)
    if order.owner.kind == Party.BUSINESS:
        return
    _of_order(order, "set_up", order.confirmed_at or now(), due_on=str(order.schedule.due_on(0)))


@subscribe(StandingOrderFailed)
def tell_of_failed_date(event: StandingOrderFailed) -> None:
    """A date was not paid, and why."""
    run = StandingOrderRun.objects.select_related("order__owner").get(pk=event.run_id)
    order = run.order
    is_over = order.status in {OrderStatus.DONE, OrderStatus.CANCELLED}
    for person in readers(order.owner):
        with translation.override(person.language):
            further = _("Nothing more is paid by it.") if is_over else _("Your standing order goes on.")
            because = _(run.because) if run.because and person.pk != order.owner_id else run.because
        words = {"due_on": str(run.due_on), "because": because, "further": further}
        _of_order(order, "failed", run.tried_at or now(), to=person, **words)


@subscribe(StandingOrderEnded)
def tell_of_end(event: StandingOrderEnded) -> None:
    """Nothing more is paid by it."""
    order = StandingOrder.objects.select_related("owner").get(pk=event.order_id)
    _of_order(order, "done", order.ended_at or now())


def _of_order(order: StandingOrder, what: str, at: datetime, *, to: User | None = None, **more: str) -> None:
    """To one of those who read what is written to its owner, or to each of them in the same words."""
    context = {"amount": str(order.amount), "payee": _to(order), **more}
    key = f"payments/standing/{order.pk}/{more.get('due_on', '')}/{what}"
    if to is not None and to.pk != order.owner_id:
        key += f"/{to.pk}"
    notifications.send(f"payments.standing_order_{what}", to=to or order.owner, context=context, at=at, key=key)


@subscribe(RequestMade)
def tell_the_asked(event: RequestMade) -> None:
    """Whoever is asked hears it, unless they block the asker."""
    row = _request(event.request_id)
    _ask(row, "request_asked", row.created_at)


@subscribe(RequestReminded)
def remind_the_asked(event: RequestReminded) -> None:
    """Once more, while it still waits."""
    row = _request(event.request_id)
    if row.status == RequestStatus.OPEN:
        _ask(row, "request_reminder", row.reminded_at or now())


def _ask(row: PaymentRequest, text: str, at: datetime) -> None:
    if row.asked is None or row.is_silent:
        return
    context = {
        "amount": str(row.amount),
        "asker": row.from_name,
        "note": row.note or "-",
        "expires_on": str(local_date(row.expires_at)),
    }
    key = f"payments/requests/{row.pk}/{text}/{local_date(at)}"
    notifications.send(f"payments.{text}", to=row.asked, context=context, at=at, key=key)


@subscribe(RequestDeclined)
def tell_the_asker(event: RequestDeclined) -> None:
    """They said no."""
    row = _request(event.request_id)
    phone = _plain(masked_phone(str(row.phone)))
    context = {"amount": str(row.amount), "note": row.note or "-", "phone": phone}
    key = f"payments/requests/{row.pk}/declined"
    tell_who_asked(row, "payments.request_declined", context, at=row.over_at or now(), key=key)


@subscribe(UserRegistered)
def introduce_requests(event: UserRegistered) -> None:
    """Whoever joins finds what they were asked for."""
    user = somebody(event.user_id)
    operations.introduce(user=user, at=user.created_at)


@subscribe(MerchantsSettled)
def tell_shops(event: MerchantsSettled) -> None:
    """Whoever holds the account that was paid; one whose day was given back in full has nothing to hear."""
    rows = Settlement.objects.filter(pk__range=(event.first, event.last), day=event.day, net_minor__gt=0)
    for row in rows.select_related("merchant", "account__owner").order_by("pk"):
        context = {
            "amount": str(row.net),
            "reference": row.reference,
            "shop": row.merchant.trading_name,
            "count": str(row.sales_count),
            "sales": str(row.sales),
            "cost": str(row.fee + row.duty),
            "refunds": str(row.refunds),
        }
        key = f"payments/settlements/{row.pk}"
        notifications.send("payments.settled", to=row.account.owner, context=context, at=row.created_at, key=key)


def _request(pk: int) -> PaymentRequest:
    return PaymentRequest.objects.select_related("asker", "asked", "made_by").get(pk=pk)
