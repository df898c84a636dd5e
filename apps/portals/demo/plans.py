"""What people in the demo have set up: payees, standing orders with a past, requests to pay and a split bill."""

from datetime import datetime, timedelta

from apps.accounts.models import Account
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.payments import operations as payments
from apps.payments.models import Payee, StandingOrder
from apps.payments.operations.run import FIRST_TRY
from apps.payments.schedule import Schedule
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import StepUpChallenge

DAY = timedelta(days=1)
SWEEP = timedelta(hours=5)


def make_plans(households: list[Household], *, end: datetime) -> None:
    """Achieng's book, what pays itself from her account, and who asks whom for money."""
    mine, *others = households[:6]
    begun = end - 75 * DAY
    for nth, (other, nickname) in enumerate(zip(others, ("Mama", "Landlord", "Fundi wa gari"), strict=False)):
        _save(mine, other, nickname, at=end - (3 - nth) * DAY)
    rent = _order(mine, others[1], 2_500, Schedule("MONTHLY", local_date(begun), 5), "Rent", at=begun)
    lunch = _order(
        mine, others[2], 150, Schedule("WEEKLY", local_date(end - 30 * DAY)), "Lunch club", at=end - 30 * DAY
    )
    short = _order(mine, others[3], 240_000, Schedule("WEEKLY", local_date(end - 8 * DAY)), "Plot", at=end - 8 * DAY)
    for order in (rent, lunch, short):
        mine.left -= live(order, end)
    payments.pause_order(order=short, by=mine.account.owner, at=end - DAY)
    _ask(others[2], mine, 350, "Lunch on Friday", at=end - 2 * DAY)
    _ask(mine, others[0], 1_200, "Harambee", at=end - 3 * DAY)
    bill = Money.of(3_000, "KES")
    phones = [other.who.phone for other in others[:3]]
    payments.split_bill(
        owner=mine.account.owner,
        total_asked=bill,
        shares=payments.equal_shares(bill, phones, with_me=True),
        into_account=mine.account,
        note="Dinner at Mama Oliech",
        key="demo-split",
        at=end - DAY,
    )


def _save(mine: Household, other: Household, nickname: str, *, at: datetime) -> Payee:
    owner = mine.account.owner
    where = payments.place_here(to=other.account.number, owner=owner, at=at)
    payee = payments.add_payee(owner=owner, where=where, nickname=nickname, at=at)
    if payee.saved_at is None:
        asked = payments.challenge_payee(payee=payee, by=owner, at=at, method=StepUpChallenge.Method.SMS)
        _answer(asked, at)
        payee = payments.confirm_payee(payee=payee, challenge_id=asked.pk, by=owner, at=at)
    return payee


def _order(
    mine: Household, other: Household, shillings: int, schedule: Schedule, note: str, *, at: datetime
) -> StandingOrder:
    account = Account.objects.select_related("owner", "product").get(pk=mine.account.pk)  # its holder's tier rose since
    owner = account.owner
    order = payments.set_up_order(
        owner=owner,
        from_account=account,
        where=payments.place_here(to=other.account.number, owner=owner, at=at),
        amount=Money(shillings * 100, "KES"),
        schedule=schedule,
        note=note,
        key=f"demo-order-{note}",
        at=at,
    )
    asked = payments.challenge_order(order=order, by=owner, at=at, method=StepUpChallenge.Method.SMS)
    _answer(asked, at)
    return payments.confirm_order(order=order, challenge_id=asked.pk, by=owner, at=at)


def _answer(asked: StepUpChallenge, at: datetime) -> None:
    people.answer(challenge_id=asked.pk, user=asked.user, answer=code_in(f"users/step-up/{asked.pk}"), at=at)


def live(order: StandingOrder, end: datetime) -> int:
    """Go through its days up to now, as the bank's job did. Returns what it paid, in minor units."""
    paid, at = 0, order.created_at
    while (at := _next_sweep(order, at)) < end:
        run = payments.pay_order(order_id=order.pk, at=at)
        if run is not None and run.payment is not None:
            if run.payment.held_until:
                payments.let_go_on(payment=run.payment, at=run.payment.held_until)
            paid += order.amount_minor
        at += SWEEP
        order.refresh_from_db(fields=["next_due_on", "next_try_at"])
    return paid


def _next_sweep(order: StandingOrder, at: datetime) -> datetime:
    """The first of the job's sweeps, one of which is at `at`, that finds something due."""
    if order.next_due_on is None:
        return datetime.max.replace(tzinfo=at.tzinfo)
    due = max(day_start(order.next_due_on) + FIRST_TRY, order.next_try_at or at)
    return at + -((at - due) // SWEEP) * SWEEP if due > at else at


def _ask(asker: Household, asked: Household, shillings: int, note: str, *, at: datetime) -> None:
    payments.ask_for_payment(
        by=asker.account.owner,
        phone=asked.who.phone,
        amount=Money(shillings * 100, "KES"),
        into_account=asker.account,
        note=note,
        key=f"demo-ask-{note}",
        at=at,
    )
