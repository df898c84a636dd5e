"""The jobs of M-Pesa: send prompts, read callbacks, ask about silence."""

import contextlib
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.conf import settings
from django.db.models import F, Q

from apps.kernel.clock import now
from apps.kernel.sweeps import alone
from apps.mpesa import operations, rules
from apps.mpesa.errors import AskedAMomentAgo
from apps.mpesa.models import Callback, Kind, MpesaStatus, MpesaTransaction
from apps.mpesa.operations import callbacks
from apps.users.queries import system_user

SILENCE = timedelta(seconds=60)
BETWEEN_QUESTIONS = timedelta(seconds=30)
YOUNG = timedelta(minutes=10)
BETWEEN_LATE_ONES = timedelta(minutes=10)
BETWEEN_RECEIPTS = timedelta(hours=1)  # once M-Pesa has said that a prompt is paid: only a receipt is missing
ONE_SWEEP = 200


@shared_task
def send_push(*, push_id: int, **later: Any) -> None:
    """Send one prompt."""
    operations.send_push(push_id=push_id, at=now())


@shared_task
def send_reversal(*, reversal_id: int, **later: Any) -> None:
    """Ask for one payment to be sent back."""
    operations.send_reversal(reversal_id=reversal_id, at=now())


@shared_task
def apply_callback(*, callback_id: int, **later: Any) -> None:
    """Read one thing M-Pesa said."""
    operations.apply_callback(callback_id=callback_id, at=now())


@shared_task
def ask_by_receipt(*, transaction_id: int, receipt: str, **later: Any) -> None:
    """Ask what a receipt stands for."""
    callbacks.ask_by_receipt(transaction_id=transaction_id, receipt=receipt, at=now())


@shared_task
def sweep_mpesa(**later: Any) -> None:
    """What no wake-up call reached: prompts to send, callbacks to read."""
    unread = Callback.objects.filter(outcome="").order_by("received_at")
    for callback_id in unread.values_list("pk", flat=True)[:ONE_SWEEP]:
        with alone("callback_waits", callback=callback_id):
            operations.apply_callback(callback_id=callback_id, at=now())
    unsent = MpesaTransaction.objects.filter(status=MpesaStatus.INITIATED, sent_at=None).order_by("pk")
    for push_id in unsent.filter(kind=Kind.STK_PUSH).values_list("pk", flat=True)[:ONE_SWEEP]:
        with alone("prompt_not_sent", push=push_id):
            operations.send_push(push_id=push_id, at=now())
    for reversal_id in unsent.filter(kind=Kind.REVERSAL).values_list("pk", flat=True)[:ONE_SWEEP]:
        with alone("return_not_sent", reversal=reversal_id):
            operations.send_reversal(reversal_id=reversal_id, at=now())


@shared_task
def ask_about_silence(**later: Any) -> None:
    """Prompts and returns sent a minute ago and not heard of; one that cannot be asked about stops no other. Those that
    ten minutes of questions told nothing about are asked about seldom: M-Pesa lets us ask only so often in all.
    """
    at = now()
    live = MpesaTransaction.objects.filter(
        kind__in=[Kind.STK_PUSH, Kind.REVERSAL],
        status__in=[MpesaStatus.INITIATED, MpesaStatus.PENDING, MpesaStatus.CHECKING],
        sent_at__lt=at - SILENCE,
    )
    unpaid, young = ~Q(result_code=rules.PAID), Q(sent_at__gt=at - YOUNG)
    often, seldom = Q(asked_at__lt=at - BETWEEN_QUESTIONS) & young, Q(asked_at__lt=at - BETWEEN_LATE_ONES)
    due = live.filter(Q(asked_at=None) | unpaid & (often | seldom) | Q(asked_at__lt=at - BETWEEN_RECEIPTS))
    in_turn = due.order_by(F("asked_at").asc(nulls_first=True), "sent_at")  # old ones keep no other waiting
    for row in in_turn[:ONE_SWEEP]:
        with alone("mpesa_could_not_be_asked", row=str(row.public_id)):
            _ask(row)
        if row.kind == Kind.STK_PUSH:
            operations.give_up(push=row, at=now())


def _ask(row: MpesaTransaction) -> None:
    if row.kind == Kind.REVERSAL:
        operations.ask_about_reversal(row=row, at=now())
    elif row.result_code == rules.PAID:
        operations.ask_about_paid(push=row, at=now())
    else:
        operations.ask_about_push(push=row, at=now())


@shared_task
def pull_receipts(**later: Any) -> None:
    """What came to the paybill in the last two hours and was not told."""
    _pull(timedelta(hours=2))


@shared_task
def pull_two_days(**later: Any) -> None:
    """The same over all that M-Pesa keeps, once a day."""
    _pull(timedelta(hours=48))


def _pull(back: timedelta) -> None:
    """M-Pesa may answer "none" with an error, so the next round tries again and staff see it in the log."""
    with alone("mpesa_could_not_be_pulled"):
        operations.pull_receipts(at=now(), back=back)


@shared_task
def register_paybill(**later: Any) -> None:
    """Where the provider takes it every time, the paybill's addresses follow the bank's own."""
    if settings.DARAJA_REGISTERS_ITSELF:
        operations.register_addresses()


@shared_task
def ask_balance(**later: Any) -> None:
    """What our accounts there hold, once an hour; one that is asked already will do."""
    with contextlib.suppress(AskedAMomentAgo):
        operations.ask_balance(by=system_user(), at=now())


@shared_task
def reconcile_yesterday(**later: Any) -> None:
    """Compare yesterday with M-Pesa's statement of it, where the bank can fetch one; before it, the days of the last
    week on which that went wrong. A day that cannot be compared stops no other.
    """
    at = now()
    for day in operations.days_to_reconcile(at=at):
        with alone("mpesa_not_reconciled", day=day.isoformat()):
            operations.reconcile_fetched(day=day, at=at)


SCHEDULE = {
    "mpesa.reconcile_yesterday": {
        "task": "apps.mpesa.tasks.reconcile_yesterday",
        "schedule": crontab(hour=6, minute=0),
    },
    "mpesa.ask_balance": {"task": "apps.mpesa.tasks.ask_balance", "schedule": crontab(minute=10)},
    "mpesa.register_paybill": {"task": "apps.mpesa.tasks.register_paybill", "schedule": 60.0},
    "mpesa.pull_receipts": {"task": "apps.mpesa.tasks.pull_receipts", "schedule": 300.0},
    "mpesa.pull_two_days": {"task": "apps.mpesa.tasks.pull_two_days", "schedule": crontab(hour=5, minute=30)},
    "mpesa.sweep": {"task": "apps.mpesa.tasks.sweep_mpesa", "schedule": 5.0},
    "mpesa.ask_about_silence": {"task": "apps.mpesa.tasks.ask_about_silence", "schedule": 30.0},
}
