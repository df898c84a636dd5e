"""What payments are asked that needs more than a filter."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from apps.ledger.queries import Calendar, calendar_of
from apps.payments.models import DayOff, Payee, Payment, PaymentStatus, StandingOrder


def has_paid(user_id: int, payee_key: str) -> bool:
    """Whether a payment of this person to this payee was ever completed."""
    paid = Payment.objects.filter(payer_id=user_id, payee_key=payee_key)
    return paid.filter(status=PaymentStatus.COMPLETED).exists()


def saved_payee(user: Any, payee_key: str) -> Payee | None:
    """The payee of a person's book that a payment went to."""
    return Payee.objects.owned_by(user).saved().filter(payee_key=payee_key).first()


def pay_from(order: StandingOrder, due_on: date, calendar: Calendar) -> date | None:
    """The first day on which an occurrence is paid, days off looked at; None when it is left out."""
    if order.day_off == DayOff.SAME_DAY or calendar.is_working_day(due_on):
        return due_on
    return None if order.day_off == DayOff.SKIP else calendar.working_day_from(due_on)


@dataclass(frozen=True, slots=True)
class Coming:
    """An occurrence to come: its date, and the day it is paid on; None when it is left out."""

    due_on: date
    pay_on: date | None


def coming(order: StandingOrder, calendar: Calendar, most: int = 3) -> list[Coming]:
    """The next dates of an order that is not over; without a query."""
    if order.next_due_on is None:
        return []
    dues = (order.schedule.due_on(order.nth + ahead) for ahead in range(most))
    return [Coming(due, pay_from(order, due, calendar)) for due in dues if due is not None]


def calendar_ahead(today: date) -> Calendar:
    """The calendar that the next dates of any order need, in one query."""
    return calendar_of(today, today + timedelta(days=800))
