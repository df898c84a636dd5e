"""Makers that the tests of payees, standing orders and requests share: every proof is the code of a real SMS."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.accounts.models import Account
from apps.accounts.testing import kes
from apps.kernel.clock import local_date, now
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import Payee, Payment, StandingOrder
from apps.payments.schedule import Schedule
from apps.users import operations as users
from apps.users.models import User

NAIROBI = ZoneInfo("Africa/Nairobi")
TODAY = local_date(now())


def on_day(day: date, hour: int = 9) -> datetime:
    """An hour of a day of the bank."""
    return datetime.combine(day, time(hour), tzinfo=NAIROBI)


def answer(user: User, challenge: Any, at: datetime) -> Any:
    """Type the code that came by SMS."""
    code = code_sent_to(str(user.phone))
    return users.answer(challenge_id=challenge.pk, user=user, answer=code, at=at).pk


def save(owner: User, to: Account, *, nickname: str = "Mama", at: datetime | None = None) -> Payee:
    """Write somebody at this bank into the book, proven when they are new."""
    at = at or now()
    where = operations.place_here(to=to.number, owner=owner, at=at)
    payee = operations.add_payee(owner=owner, where=where, nickname=nickname, at=at)
    if payee.saved_at is None:
        asked = operations.challenge_payee(payee=payee, by=owner, at=at)
        payee = operations.confirm_payee(payee=payee, challenge_id=answer(owner, asked, at), by=owner, at=at)
    return payee


def draft(payer: Account, to: Account, schedule: Schedule, *, amount: str = "500", **more: Any) -> StandingOrder:
    """A standing order that waits for its proof."""
    at = more.pop("at", None) or on_day(min(schedule.starts_on, TODAY), 5)
    where = operations.place_here(to=to.number, owner=payer.owner, at=at)
    asked = {"key": "order-1", "day_off": "SAME_DAY", **more}
    return operations.set_up_order(
        owner=payer.owner, from_account=payer, where=where, amount=kes(amount), schedule=schedule, at=at, **asked
    )


def standing(payer: Account, to: Account, schedule: Schedule, **more: Any) -> StandingOrder:
    """A standing order that runs, set up on the morning it starts or before."""
    order = draft(payer, to, schedule, **more)
    return prove(order, order.created_at)


def prove(order: StandingOrder, at: datetime) -> StandingOrder:
    """Confirm it by SMS."""
    asked = operations.challenge_order(order=order, by=order.owner, at=at)
    proof = answer(order.owner, asked, at)
    return operations.confirm_order(order=order, challenge_id=proof, by=order.owner, at=at)


def pay(payment: Payment, at: datetime | None = None) -> Payment:
    """Confirm a payment by SMS."""
    at = at or now()
    asked = operations.challenge(payment=payment, by=payment.payer, at=at)
    proof = answer(payment.payer, asked, at)
    return operations.confirm(payment=payment, challenge_id=proof, by=payment.payer, at=at)


def working_day(ahead: int = 1) -> date:
    """A Wednesday that is no holiday, `ahead` days off or later."""
    from apps.ledger.rules.calendar import is_working_day

    day = TODAY + timedelta(days=ahead)
    while day.weekday() != 2 or not all(is_working_day(day + timedelta(days=step)) for step in (-1, 0, 1)):
        day += timedelta(days=1)
    return day
