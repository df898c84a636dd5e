"""What payments are asked that needs more than a filter."""

from datetime import date
from typing import Any

from apps.ledger.queries import Calendar
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
