"""The jobs of payments: hand over to rails, end holds, ask about silence, pay standing orders, go on with batches."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.db.models import F, Q

from apps.kernel.clock import now
from apps.kernel.sweeps import alone
from apps.payments import operations, rails, wake
from apps.payments.models import AirtimeCallback, BulkPayment, Channel, HeldBecause, Payment, PaymentStatus
from apps.payments.operations import banks

SILENCE = timedelta(seconds=60)  # how long a rail may say nothing before it is asked
YOUNG = timedelta(minutes=10)
BETWEEN_LATE_ONES = timedelta(minutes=10)
ONE_SWEEP = 200  # payments


@shared_task
def hand_over(*, payment_id: int, **later: Any) -> None:
    """Give one payment to its rail."""
    operations.hand_over(payment_id=payment_id, at=now())


@shared_task
def let_go_on(*, payment_id: int, **later: Any) -> None:
    """End one hold, when its time has come and the payer did not take it back."""
    for payment in _held_too_long().filter(pk=payment_id):
        operations.let_go_on(payment=payment, at=now())


@shared_task
def sweep_payments(**later: Any) -> None:
    """What no wake-up call reached: holds that are over, payments no worker took."""
    for payment in _held_too_long()[:ONE_SWEEP]:
        with alone("held_payment_waits", payment=payment.reference):
            operations.let_go_on(payment=payment, at=now())
    waiting = Payment.objects.filter(status=PaymentStatus.PENDING, sent_at=None)
    for payment_id in waiting.order_by("pk").values_list("pk", flat=True)[:ONE_SWEEP]:
        with alone("payment_not_handed_over", payment=payment_id):
            operations.hand_over(payment_id=payment_id, at=now())


@shared_task
def ask_about_silence(**later: Any) -> None:
    """Payments handed over a minute ago and not heard of: the rail finds out. Who was never asked, or longest ago, is
    asked first, so that hundreds nobody will ever hear of keep no other from its turn; after ten minutes each is asked
    about seldom, because a provider lets us ask only so often in all.
    """
    at = now()
    under_way = Payment.objects.filter(status__in=[PaymentStatus.PENDING, PaymentStatus.CHECKING])
    under_way = under_way.exclude(rail__in=rails.slow_ones())
    due = Q(asked_at=None) | Q(sent_at__gt=at - YOUNG) | Q(asked_at__lt=at - BETWEEN_LATE_ONES)
    silent = under_way.filter(due, sent_at__lt=at - SILENCE).select_related("payer", "from_account")
    for payment in silent.order_by(F("asked_at").asc(nulls_first=True), "sent_at")[:ONE_SWEEP]:
        Payment.objects.filter(pk=payment.pk).update(asked_at=now())
        with alone("rail_could_not_be_asked", payment=payment.reference, rail=payment.rail):
            operations.doubt(payment=payment, at=now())
            rails.rail(payment.rail).ask(payment=payment, at=now())


@shared_task
def carry_on_with_bulk(*, bulk_id: int, **later: Any) -> None:
    """Pay the rows of one batch that stay inside the bank."""
    operations.bulk.carry_on(bulk_id=bulk_id, at=now())


@shared_task
def sweep_bulk(**later: Any) -> None:
    """Go on with every batch under way: what a killed worker left, and the next few for each rail. One that cannot go
    on, because its payer froze the account or for whatever else, stops no other.
    """
    for bulk_id in BulkPayment.objects.running().order_by("pk").values_list("pk", flat=True):
        with alone("bulk_payment_waits", bulk=bulk_id):
            operations.bulk.carry_on(bulk_id=bulk_id, at=now())
            operations.bulk.send_some(bulk_id=bulk_id, at=now())


def _held_too_long() -> Any:
    return Payment.objects.filter(
        status=PaymentStatus.HELD, held_because=HeldBecause.NEW_PAYEE, held_until__lte=now()
    ).order_by("held_until")


@shared_task
def pay_standing_orders(**later: Any) -> None:
    """One task for each order that is due: any number of workers share them, and one that fails stops no other."""
    for order_id in operations.due_orders(at=now()):
        wake.pay_order(order_id)


@shared_task
def pay_order(*, order_id: int, **later: Any) -> None:
    """Pay one standing order, if it is due and no other worker has it."""
    operations.pay_order(order_id=order_id, at=now())


@shared_task
def tell_of_tomorrow(**later: Any) -> None:
    """What standing orders will pay tomorrow, told in the morning of the day before."""
    operations.tell_of_tomorrow(at=now())


@shared_task
def expire_requests(**later: Any) -> None:
    """End the requests to pay that nobody answered."""
    operations.expire_requests(at=now())


@shared_task
def expire_joint(**later: Any) -> None:
    """End what a business did not sign in time, payments and standing orders."""
    operations.expire_joint(at=now())
    operations.expire_joint_orders(at=now())


@shared_task
def expire_sales(**later: Any) -> None:
    """End the sales that nobody paid in time."""
    operations.expire_sales(at=now())


@shared_task
def apply_airtime(*, callback_id: int, **later: Any) -> None:
    """Read one status of airtime."""
    operations.apply_airtime_callback(callback_id=callback_id, at=now())


@shared_task
def sweep_airtime(**later: Any) -> None:
    """Statuses whose wake-up call was lost, or that came before we knew whose they are, for three days."""
    rows = AirtimeCallback.objects.filter(outcome__in=["", AirtimeCallback.Outcome.WAITING])
    recent = rows.filter(received_at__gt=now() - timedelta(days=3))
    for callback_id in recent.order_by("received_at").values_list("pk", flat=True)[:ONE_SWEEP]:
        with alone("airtime_callback_waits", callback=callback_id):
            operations.apply_airtime_callback(callback_id=callback_id, at=now())


@shared_task
def work_with_files(**later: Any) -> None:
    """Files and recalls to other banks: cut what is due, hand over what waits, ask what became of it."""
    works = (
        banks.cut_files, banks.send_files, banks.ask_about_files, banks.work_with_recalls, banks.refuse_what_is_due,
        banks.send_returns,
    )  # fmt: skip
    for work in works:
        with alone("work_with_other_banks_waits", work=work.__name__):
            work(at=now())


@shared_task
def hear_news(**later: Any) -> None:
    """What moved on our accounts at other banks."""
    for channel in Channel:
        with alone("bank_news_wait", channel=channel):
            banks.hear_news(channel=channel, at=now())


@shared_task
def compare_nostro(**later: Any) -> None:
    """The statements of days that ended beside our books."""
    banks.compare_ended_days(at=now())


SCHEDULE = {
    "payments.sweep_airtime": {"task": "apps.payments.tasks.sweep_airtime", "schedule": 30.0},
    "payments.work_with_files": {"task": "apps.payments.tasks.work_with_files", "schedule": 60.0},
    "payments.hear_news": {"task": "apps.payments.tasks.hear_news", "schedule": 30.0},
    "payments.compare_nostro": {"task": "apps.payments.tasks.compare_nostro", "schedule": crontab(hour=6, minute=30)},
    "payments.sweep_payments": {"task": "apps.payments.tasks.sweep_payments", "schedule": 5.0},
    "payments.sweep_bulk": {"task": "apps.payments.tasks.sweep_bulk", "schedule": 5.0},
    "payments.ask_about_silence": {"task": "apps.payments.tasks.ask_about_silence", "schedule": 30.0},
    "payments.pay_standing_orders": {"task": "apps.payments.tasks.pay_standing_orders", "schedule": 300.0},
    "payments.tell_of_tomorrow": {
        "task": "apps.payments.tasks.tell_of_tomorrow",
        "schedule": crontab(hour=9, minute=0),
    },
    "payments.expire_requests": {"task": "apps.payments.tasks.expire_requests", "schedule": 3600.0},
    "payments.expire_joint": {"task": "apps.payments.tasks.expire_joint", "schedule": 600.0},
    "payments.expire_sales": {"task": "apps.payments.tasks.expire_sales", "schedule": 60.0},
}
