"""Telling people on the day before what their standing orders will pay."""

from datetime import datetime, timedelta

from apps.accounts import mandates
from apps.accounts.models import TransactionType
from apps.kernel.clock import local_date
from apps.ledger.queries import calendar_of
from apps.notifications import operations as notifications
from apps.notifications import people
from apps.payments import queries
from apps.payments.models import JointOrder, OrderStatus, StandingOrder
from apps.payments.operations.joint_order import lacking

_MOVES_AT_MOST = timedelta(days=31)


def tell_of_tomorrow(*, at: datetime) -> int:
    """Write one message for each payment that tomorrow brings; told again, nobody hears it twice. Returns how many.

    A bill stands among the alerts in the app, too.
    """
    tomorrow = local_date(at) + timedelta(days=1)
    calendar = calendar_of(tomorrow - _MOVES_AT_MOST, tomorrow)
    rows = StandingOrder.objects.filter(
        status=OrderStatus.ACTIVE, next_due_on__range=(tomorrow - _MOVES_AT_MOST, tomorrow)
    )
    told, bills = 0, list[notifications.Fact]()
    for order in rows.select_related("owner", "from_account").order_by("pk").iterator(500):
        due_on = order.next_due_on
        if due_on is None or queries.pay_from(order, due_on, calendar) != tomorrow:
            continue
        context = {
            "amount": str(order.amount),
            "payee": f"{order.payee_name} {order.payee_address}".replace("•", "*"),
            "account": order.from_account.masked_number.replace("•", "*"),
        }
        if (joint := lacking(order, at)) is not None:
            _warn(joint, order, context | {"due_on": str(tomorrow)}, at)
            told += 1
            continue
        key = f"payments/standing/{order.pk}/{tomorrow}/tomorrow"  # told again when a day gazetted today moves it on
        notifications.send("payments.standing_order_tomorrow", to=order.owner, context=context, at=at, key=key)
        if order.kind == TransactionType.BILL_PAYMENT:
            about = f"standing-orders/{order.public_id}/{tomorrow}"
            owners = people.readers(order.owner)
            bills += [notifications.Fact(to=one.pk, about=about, context=context) for one in owners]
        told += 1
    notifications.note("payments.standing_order_tomorrow", facts=bills, at=at)
    return told


def _warn(joint: JointOrder, order: StandingOrder, context: dict[str, str], at: datetime) -> None:
    """Too few of those who signed it sign still: to those who may sign it, and who read the letters of the business."""
    by = mandates.signing_of(joint.business)
    told = {one.pk: one for one in (*people.readers(order.owner), *(by.signers if by else ()))}
    context |= {"business": joint.business.name}
    for person in told.values():
        key = f"payments/joint-order/{joint.pk}/{context['due_on']}/lacks/{person.pk}"
        notifications.send("payments.joint_order_lacks", to=person, context=context, at=at, key=key)
