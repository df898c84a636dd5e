"""A year of salaries, rents and shopping, month by month in bulk; nobody spends what they do not have."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.kernel.clock import day_start, local_date, month_bounds
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.portals.demo.people import EMPLOYERS, SHOPS, Someone


@dataclass(slots=True)
class Household:
    """A customer in the demo: who they are, their accounts, and what the story has left them (minor units)."""

    who: Someone
    account: Account
    savings: Account
    joined_at: datetime
    left: int = 0


@dataclass(slots=True)
class Month:
    """The transfers of a month, in the order of their moments; who does not bank here is paid and pays by `outside`."""

    outside: ledger.AccountRef
    orders: list[accounts.Order] = field(default_factory=list)

    def add(self, at: datetime, kind: str, reference: str, movements: list[Any], legs: list[Any]) -> None:
        """One posting, if it has happened yet."""
        self.orders.append(
            accounts.Order(
                reference=f"demo/{reference}",
                receipt=f"T{sha256(reference.encode()).hexdigest()[:9].upper()}",
                kind=kind,
                narrative=movements[0].description,
                movements=movements,
                legs=legs,
                at=at,
            )
        )


def live(
    households: list[Household], firms: dict[str, Account], *, start: datetime, end: datetime, dice: Random
) -> int:
    """Post every month from `start` to `end`, the last one up to `end`. Returns how many lines were written."""
    lines, outside = 0, ledger.gl("bank:settlement", "KES")
    thought_out = (_month(households, firms, outside, first, end, dice) for first in _months(start, end))
    with ThreadPoolExecutor(1) as ahead:  # the next month is thought out while the database takes up this one
        coming = ahead.submit(next, thought_out, None)
        while month := coming.result():
            coming = ahead.submit(next, thought_out, None)
            for place in range(0, len(month.orders), 5000):
                lines += accounts.post_many(orders=month.orders[place : place + 5000], at=end)
    return lines


def _month(
    households: list[Household],
    firms: dict[str, Account],
    outside: ledger.AccountRef,
    first: datetime,
    end: datetime,
    dice: Random,
) -> Month:
    """All that happens in a month; asks the database nothing."""
    month = Month(outside)
    for nth, household in enumerate(households):
        _one_month(month, nth, household, firms, first, end, dice)
    month.orders.sort(key=lambda order: order.at or first)
    return month


def _months(start: datetime, end: datetime) -> Iterator[datetime]:
    day = local_date(start).replace(day=1)
    while day_start(day) < end:
        yield day_start(day)
        day = month_bounds(day)[1] + timedelta(days=1)


def _one_month(
    month: Month,
    nth: int,
    household: Household,
    firms: dict[str, Account],
    first: datetime,
    end: datetime,
    dice: Random,
) -> None:
    """Salary on the 1st, rent on the 3rd, shopping on the days after; money is spent in the order it comes."""
    tag = f"{first:%Y%m}/{nth}"
    pay_day, rent_day = first + timedelta(hours=6), first + timedelta(days=2, hours=8, minutes=nth % 50)
    if pay_day < household.joined_at + timedelta(days=1) or pay_day >= end:
        return
    employer, landlord = EMPLOYERS[household.who.employer], sorted(firms)[nth % len(firms)]
    wage, rent = _kes(household.who.salary), _kes(household.who.rent)
    _pay_wage(month, pay_day, tag, household, employer, wage)
    household.left += wage.minor
    if rent_day < end and landlord not in EMPLOYERS:
        _pay_rent(month, rent_day, tag, household, firms[landlord], landlord, rent)
        household.left -= rent.minor
    _go_shopping(month, tag, household, first, end, dice)
    _pay_what_is_large(month, tag, household, first + timedelta(days=27, hours=11), end, dice)


def _pay_wage(month: Month, at: datetime, tag: str, household: Household, employer: str, wage: Money) -> None:
    came = accounts.into(household.account, wage, "Salary", counterparty=employer, category="salary")
    month.add(at, "SALARY", f"salary/{tag}", [came], [ledger.debit(month.outside, wage)])


def _pay_rent(
    month: Month, at: datetime, tag: str, household: Household, to: Account, landlord: str, rent: Money
) -> None:
    out = accounts.out_of(household.account, rent, "Rent", counterparty=landlord, category="rent")
    came = accounts.into(to, rent, "Rent", counterparty=household.who.full_name, category="rent")
    month.add(at, "P2P_TRANSFER", f"rent/{tag}", [out, came], [])


def _go_shopping(month: Month, tag: str, household: Household, first: datetime, end: datetime, dice: Random) -> None:
    for visit in range(dice.randrange(8, 15)):
        shop = dice.choice(SHOPS)
        at = first + timedelta(days=dice.randrange(3, 28), minutes=dice.randrange(7 * 60, 20 * 60))
        price = Money(dice.randrange(shop.least, shop.most) * 100 + dice.choice([0, 0, 0, 50]), "KES")
        if at >= end or household.left - price.minor < 500_00:
            continue
        household.left -= price.minor
        out = accounts.out_of(household.account, price, shop.name, merchant=shop.name, category=shop.category)
        reference = f"shop/{tag}/{visit}"
        month.add(at, "MERCHANT_PAYMENT", reference, [out], [ledger.credit(month.outside, price)])


def _pay_what_is_large(month: Month, tag: str, household: Household, at: datetime, end: datetime, dice: Random) -> None:
    """School fees, the farm, the family: at the end of the month most of what is left has a purpose."""
    keep = household.who.salary * 100 * dice.randrange(15, 60) // 100
    if at >= end or household.left - keep < 1000_00:
        return
    amount = Money((household.left - keep) // 100_00 * 100_00, "KES")
    household.left -= amount.minor
    title, category = dice.choice([("School fees", "school"), ("Sent home", "family"), ("Shamba inputs", "farm")])
    out = accounts.out_of(household.account, amount, title, merchant=title, category=category)
    month.add(at, "BILL_PAYMENT", f"large/{tag}", [out], [ledger.credit(month.outside, amount)])


def _kes(shillings: int) -> Money:
    return Money(shillings * 100, "KES")
