"""Paying a standing order on its date: once, whoever and however many try, and told when it could not be.

One transaction holds it all: the claim is the lock of the order, so that of a worker who dies nothing stays behind and
the next one begins anew; the row for each date and the key of its payment make it one even then.
"""

import base64
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.models import AccountStatus
from apps.kernel import cipher
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError, NotAllowed
from apps.ledger.errors import BooksBusy, InsufficientFunds
from apps.ledger.queries import Calendar, calendar_of
from apps.payments import queries
from apps.payments.models import DayOff, OrderStatus, Payment, PaymentStatus, RunStatus, StandingOrder, StandingOrderRun
from apps.payments.operations.carry import locked
from apps.payments.operations.confirm import CONFIRMED, go_on
from apps.payments.operations.follow import STANDING, tell_of_failure
from apps.payments.operations.joint_order import hold_business, sign_run
from apps.payments.operations.standing import end_order, move_on
from apps.payments.operations.start import start, start_by_rail
from apps.payments.rails import Destination
from apps.payments.schedule import is_too_late
from apps.users.models import UserStatus

FIRST_TRY = timedelta(hours=6)  # of the bank's day: salaries come before it, and people sleep until then
TRIES, BETWEEN = 3, timedelta(hours=5)


def due_orders(*, at: datetime) -> list[int]:
    """The orders to pay now, oldest date first; on a day off without those that wait for a working day."""
    today = local_date(at - FIRST_TRY)
    rows = StandingOrder.objects.due(today, at)
    if not calendar_of(today, today).is_working_day(today):
        rows = rows.exclude(day_off=DayOff.NEXT)
    return list(rows.order_by("next_due_on", "pk").values_list("pk", flat=True))


@transaction.atomic
def pay_order(*, order_id: int, at: datetime) -> StandingOrderRun | None:
    """Do what one order has due: pay it, put it off, or leave it out. None when there is nothing to do, or another
    worker is doing it. Obeys limits, the fraud screen and the state of accounts as any confirmed payment, and for a
    business its mandate as it is now.
    """
    hold_business(order_id)
    today = local_date(at - FIRST_TRY)
    rows = StandingOrder.objects.due(today, at).select_for_update(of=("self",), skip_locked=True)
    order = rows.select_related("owner", "from_account__product", "to_account").filter(pk=order_id).first()
    if order is None or order.next_due_on is None:
        return None
    with translation.override(order.owner.language):  # the reason stays readable in their history
        return _due(order, order.next_due_on, calendar_of(order.next_due_on, today), today, at)


def _due(order: StandingOrder, due_on: date, calendar: Calendar, today: date, at: datetime) -> StandingOrderRun | None:
    first_day = queries.pay_from(order, due_on, calendar)
    if first_day is None:
        return _over(order, due_on, RunStatus.SKIPPED, _("A weekend or public holiday."), at)
    if first_day > today:
        return None
    run = StandingOrderRun.objects.filter(order=order, due_on=due_on).first()
    if is_too_late(pay_from=first_day, following=order.schedule.due_on(order.nth + 1), today=today):
        because = run.because if run else _("The bank could not pay it in time.")
        return _over(order, due_on, RunStatus.FAILED if run else RunStatus.MISSED, because, at)
    run = run or StandingOrderRun(order=order, due_on=due_on, created_at=at)
    run.status, run.tries, run.tried_at = RunStatus.WAITING, run.tries + 1, at
    return _try(order, run, at)


def _try(order: StandingOrder, run: StandingOrderRun, at: datetime) -> StandingOrderRun:
    try:
        with transaction.atomic():
            payment = _pay(order, run.due_on, at)
    except BooksBusy:
        raise  # nobody's fault: the next sweep tries, and this try does not count
    except InsufficientFunds as no:
        run.because = str(no)[:200]
        if run.tries < TRIES:
            run.save()
            StandingOrder.objects.filter(pk=order.pk).update(next_try_at=at + BETWEEN)
            return run
        return _failed(order, run, at)
    except DomainError as no:
        run.because = str(no)[:200]
        return _failed(order, run, at)
    run.payment = payment
    if payment.status not in CONFIRMED:
        run.because = _("We could not make this payment. No money moved. Call us if you meant it.")
        return _failed(order, run, at)
    run.because = ""
    run.status = RunStatus.PAID if payment.status == PaymentStatus.COMPLETED else RunStatus.UNDER_WAY
    run.save()
    move_on(order, at)
    return run


def _pay(order: StandingOrder, due_on: date, at: datetime) -> Payment:
    """The payment of this date, confirmed. Raises what starting and posting raise; then nothing of it stays."""
    if order.owner.status in {UserStatus.SUSPENDED, UserStatus.CLOSED}:  # a lock after wrong passwords stops no rent
        raise NotAllowed(_("Your profile is suspended. No money moved. Call us."))
    common: dict[str, Any] = {
        "payer": order.owner,
        "from_account": order.from_account,
        "amount": order.amount,
        "at": at,
    }
    key = key_of(order, due_on)
    if order.to_account is not None:
        payment = start(**common, to=order.to_account.number, key=key, note=order.note)
    else:
        there = Destination(order.payee_name, order.payee_address, order.payee_key, order.destination)
        way: dict[str, Any] = {"rail": order.rail, "kind": order.kind, "destination": there}
        payment = start_by_rail(**common, **way, key=key, note=order.note)
    if payment.status == PaymentStatus.AWAITING_CONFIRMATION:
        payment = locked(payment.pk)
        sign_run(order=order, payment=payment, at=at)
        go_on(payment, at)
    return payment


def key_of(order: StandingOrder, due_on: date) -> str:
    """The key of a date's payment: keys are the payer's to choose, so it is a keyed print that nobody takes before."""
    print_of = cipher.fingerprint(f"{order.pk}/{due_on}", "payments.standing")
    return STANDING + base64.urlsafe_b64encode(print_of).decode().rstrip("=")


def _failed(order: StandingOrder, run: StandingOrderRun, at: datetime) -> StandingOrderRun:
    run.status = RunStatus.FAILED
    run.save()
    return _told(order, run, at)


def _over(order: StandingOrder, due_on: date, status: RunStatus, because: str, at: datetime) -> StandingOrderRun:
    """A date that is not paid any more; only one that nobody chose to leave out is a failure."""
    run, _new = StandingOrderRun.objects.update_or_create(
        order=order,
        due_on=due_on,
        defaults={"status": status, "because": because[:200], "tried_at": at},
        create_defaults={"status": status, "because": because[:200], "tried_at": at, "created_at": at},
    )
    if status == RunStatus.SKIPPED:
        run.order = move_on(order, at)
        if order.status == OrderStatus.DONE:  # "it came to its end" alone would say that its last date was paid
            tell_of_failure(run, at)
        return run
    return _told(order, run, at)


def _told(order: StandingOrder, run: StandingOrderRun, at: datetime) -> StandingOrderRun:
    run.order = order
    tell_of_failure(run, at)
    if order.from_account.status == AccountStatus.CLOSED:
        end_order(order, OrderStatus.CANCELLED, at)  # nothing can ever leave it again
    else:
        move_on(order, at)
    return run
