"""Saving in the demo: a goal half reached, one shared, rules with runs, a deposit, and the interest of past months."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.accounts import operations as accounts
from apps.accounts.models import Account, SavingsGoal
from apps.accounts.operations import RuleTerms
from apps.kernel.clock import day_start, local_date, month_bounds
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.queries import balance
from apps.portals.demo.year import Household

DAY = timedelta(days=1)
MONTHS = 2  # whole months whose interest was paid


def save(households: Sequence[Household], *, end: datetime) -> int:
    """What some put aside, and what it earned; how many lines of interest there are."""
    first = households[0]
    _fill_savings([*households[:9], *households[10:40]], end)  # the tenth closes theirs later in the story
    goal = _goal(first, end)
    _together(goal, first, households[1], end)
    _rules(first, goal, end)
    _deposit(first, end)
    _somebody_sleeps(households, end)
    return _interest(end)


def _fill_savings(households: Sequence[Household], end: datetime) -> None:
    """Three months ago some moved a tenth of what they earn to their savings, from outside the story."""
    at = end - 95 * DAY
    orders = [
        accounts.Order(
            reference=f"demo/savings/{one.savings.pk}",
            kind="DEPOSIT",
            narrative="Savings",
            movements=[accounts.into(one.savings, Money(one.who.salary * 10, "KES"), "Savings", category="savings")],
            legs=[ledger.debit("bank:settlement", Money(one.who.salary * 10, "KES"))],
            at=at,
        )
        for one in households
        if one.who.salary
    ]
    accounts.post_many(orders=orders, at=at)


def _goal(household: Household, end: datetime) -> SavingsGoal:
    """School fees, half of them there."""
    owner, at = household.account.owner, end - 60 * DAY
    goal = accounts.make_goal(
        owner=owner,
        name="Karo ya shule",
        target=Money.of("24000", "KES"),
        by_date=local_date(end) + 130 * DAY,
        picture="SCHOOL",
        key="demo-goal",
        at=at,
    )
    _give(household.savings, "13000", "demo/goal/from", at)
    for nth, amount in enumerate(("5000", "4000", "3000")):
        accounts.pay_into_goal(
            goal=goal,
            account=household.savings,
            amount=Money.of(amount, "KES"),
            key=f"demo-{nth}",
            by=owner,
            at=at + nth * 20 * DAY,
        )
    return goal


def _together(goal: SavingsGoal, first: Household, other: Household, end: datetime) -> None:
    """A trip that two save for; one invitation waits."""
    at = end - 30 * DAY
    trip = accounts.make_goal(
        owner=other.account.owner,
        name="Safari ya Diani",
        target=Money.of("40000", "KES"),
        by_date=local_date(end) + 200 * DAY,
        picture="FAMILY",
        key="demo-trip",
        at=at,
    )
    _give(other.savings, "9000", "demo/trip/from", at)
    accounts.pay_into_goal(
        goal=trip, account=other.savings, amount=Money.of("8000", "KES"), key="demo", by=other.account.owner, at=at
    )
    accounts.invite(goal=trip, phone=first.who.phone, by=other.account.owner, at=at)


def _rules(household: Household, goal: SavingsGoal, end: datetime) -> None:
    """Payments rounded up for a week, and a share of the income to the goal."""
    owner, start = household.account.owner, end - 8 * DAY
    small = Money.of("50", "KES")
    account = Account.objects.select_related("owner").get(pk=household.account.pk)
    terms = RuleTerms(kind="ROUND_UP", from_account=account, to_account=household.savings, amount=small)
    accounts.make_rule(owner=owner, terms=terms, key="demo-round", by=owner, at=start)
    share = RuleTerms(
        kind="PERCENTAGE",
        from_account=account,
        to_account=goal.account,
        rate=Decimal("0.05"),
        floor=Money.of("500", "KES"),
    )
    accounts.make_rule(owner=owner, terms=share, key="demo-share", by=owner, at=start)
    for ahead in range(1, 8):
        at = day_start(local_date(start) + ahead * DAY) + timedelta(hours=7)
        price = Money.of(f"{120 + 17 * ahead}", "KES")
        if balance(account.ledger_account_id).available < price + Money.of("600", "KES"):
            break
        accounts.post(
            reference=f"demo/kiosk/{ahead}",
            kind="MERCHANT_PAYMENT",
            narrative="Kiosk",
            movements=[
                accounts.out_of(account, price, "Mama Njeri Kiosk", merchant="Mama Njeri Kiosk", category="food")
            ],
            legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), price)],
            at=at,
        )
        household.left -= price.minor
        for run in accounts.run_day(owner_id=owner.pk, at=at + timedelta(minutes=5)):
            household.left -= run.amount_minor


def _deposit(household: Household, end: datetime) -> None:
    at = end - 70 * DAY
    _give(household.savings, "50000", "demo/deposit/from", at)
    accounts.open_deposit(
        owner=household.account.owner,
        from_account=household.savings,
        amount=Money.of("50000", "KES"),
        months=6,
        on_maturity="ROLL_ALL",
        key="demo-deposit",
        at=at,
    )


def _somebody_sleeps(households: Sequence[Household], end: datetime) -> None:
    """Savings accounts of those who never used them since they joined sleep, as far as a year has gone by."""
    accounts.fall_asleep(day=local_date(end), at=end)


def _interest(end: datetime) -> int:
    """Each day of the last whole months and this one to yesterday; each month's end paid."""
    today = local_date(end)
    first = today.replace(day=1)
    for _month in range(MONTHS):
        first = (first - DAY).replace(day=1)
    day, paid = first, 0
    while day < today:
        at = _night(day, end)
        accounts.accrue(day=day, at=at)
        if day == month_bounds(day)[1]:
            paid += accounts.pay_month(day=day, at=at)[0]
        day += DAY
    return paid


def _night(day: date, end: datetime) -> datetime:
    return min(day_start(day + DAY) + timedelta(minutes=5), end)


def _give(account: Account, amount: str, reference: str, at: datetime) -> None:
    """From outside the story."""
    money = Money.of(amount, "KES")
    accounts.post(
        reference=reference,
        kind="DEPOSIT",
        narrative="Savings",
        movements=[accounts.into(account, money, "Savings brought from elsewhere", category="savings")],
        legs=[ledger.debit(ledger.gl("bank:settlement", "KES"), money)],
        at=at,
    )
