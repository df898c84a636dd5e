"""The people of the sandbox and what happened on their accounts: the same for every developer, told by the day it is
made. Numbers in, numbers out: no table, no clock.

Each has one thing to try: a salary, small irregular money, two currencies, an account near zero, a frozen one.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAYS = 365


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement: minor units, in + and out −."""

    at: datetime
    minor: int
    txn_type: str
    description: str
    counterparty: str = ""
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class Has:
    """An account of a persona. `moves` tells one day's movements, wanted whether or not there is money for them."""

    which: str
    name: str
    opening: int
    moves: Callable[[date, random.Random], Iterator["Wanted"]]
    currency: str = "KES"
    account_type: str = "TRANSACTION"
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A movement somebody would make at an hour of the day."""

    hour: int
    minor: int
    txn_type: str
    description: str
    counterparty: str = ""
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class Persona:
    """Who somebody is, and what is to be tried with them."""

    which: str
    full_name: str
    story: str | Promise
    accounts: tuple[Has, ...]


def history(has: Has, until: date) -> list[Moved]:
    """A year of an account, the oldest first, up to the day before `until`. What there was no money for did not happen,
    so that no balance is ever below zero.
    """
    dice = random.Random(has.which)  # noqa: S311  # a story that is the same each time, not a secret
    begin = until - timedelta(days=DAYS)
    balance, found = has.opening, [Moved(_at(begin, 0, 0), has.opening, "DEPOSIT", "Opening deposit")]
    for number in range(1, DAYS):
        day = begin + timedelta(days=number)
        for place, one in enumerate(sorted(has.moves(day, dice), key=lambda each: each.hour)):
            if balance + one.minor < 0:
                continue
            balance += one.minor
            at = _at(day, one.hour, 2 * place)
            found.append(Moved(at, one.minor, one.txn_type, one.description, one.counterparty, one.merchant))
    return found


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


def _shillings(dice: random.Random, least: int, most: int) -> int:
    """Between two whole amounts, in tens, as minor units."""
    return dice.randrange(least, most + 1, 10) * 100


def _salaried(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.day == 25:
        yield Wanted(6, 9_245_000, "SALARY", "Salary", "Savanna Insurance Ltd")
    if day.day == 28:
        yield Wanted(9, -1_000_000, "INTERNAL_TRANSFER", "Savings")
    if day.day == 2:
        yield Wanted(9, -2_800_000, "EXTERNAL_TRANSFER", "Rent, Kilimani", "Mwangi Properties")
    if day.day == 5:
        yield Wanted(19, -_shillings(dice, 2200, 4100), "BILL_PAYMENT", "Electricity", "Kenya Power")
    if day.weekday() == 5:
        yield Wanted(11, -_shillings(dice, 2400, 6800), "CARD_PAYMENT", "Groceries", merchant="Naivas Prestige")
    if dice.random() < 0.45:
        yield Wanted(8, -_shillings(dice, 80, 220), "MOBILE_MONEY", "Matatu fare", "Super Metro Sacco")
    if dice.random() < 0.3:
        yield Wanted(13, -_shillings(dice, 250, 900), "MERCHANT_PAYMENT", "Lunch", merchant="Mama Oliech")
    if dice.random() < 0.08:
        yield Wanted(20, -_shillings(dice, 500, 3000), "MOBILE_MONEY", "Sent to mother", "Grace Kamau")


def _savings(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.day == 28:
        yield Wanted(9, 1_000_000, "INTERNAL_TRANSFER", "Savings")
    if day.day == 1:
        yield Wanted(1, _shillings(dice, 300, 900), "INTEREST", "Interest")


def _rider(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.weekday() != 6:
        yield Wanted(7, -_shillings(dice, 400, 700), "MERCHANT_PAYMENT", "Petrol", merchant="Rubis Langata Road")
        for hour in sorted(dice.sample(range(8, 21), dice.randint(0, 3))):
            yield Wanted(hour, _shillings(dice, 100, 650), "MOBILE_MONEY", "Boda fare", "Customer")
    if day.weekday() == 6:
        yield Wanted(18, -_shillings(dice, 300, 900), "MOBILE_MONEY", "Bike instalment", "Mogo Kenya")
    if dice.random() < 0.1:
        yield Wanted(21, -_shillings(dice, 20, 100), "AIRTIME", "Airtime", "Safaricom")


def _trader(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.weekday() != 6:
        yield Wanted(18, _shillings(dice, 6000, 24000), "SETTLEMENT", "Sales of the day", "KitBank")
    if day.weekday() == 0:
        yield Wanted(10, -_shillings(dice, 40000, 75000), "EXTERNAL_TRANSFER", "Stock", "Eastleigh Wholesalers")
    if day.day == 3:
        yield Wanted(9, -4_500_000, "BILL_PAYMENT", "Stall rent", "Gikomba Market")
    if day.day == 20:
        yield Wanted(9, -_shillings(dice, 4000, 9000), "BILL_PAYMENT", "Turnover tax", "Kenya Revenue Authority")


def _dollars(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.day == 12:
        yield Wanted(15, dice.randrange(60_000, 240_000, 500), "DEPOSIT", "Order abroad", "Nairobi Threads LLC")
    if day.day == 17:
        yield Wanted(11, -dice.randrange(30_000, 110_000, 500), "INTERNATIONAL_REMITTANCE", "Fabric", "Ankara Mills")


def _student(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.day == 1:
        yield Wanted(10, 600_000, "MOBILE_MONEY", "Upkeep", "Baba Kiprop")
    if dice.random() < 0.7:
        yield Wanted(13, -_shillings(dice, 60, 380), "MOBILE_MONEY", "Food", "JKUAT Mess")
    if dice.random() < 0.2:
        yield Wanted(22, -_shillings(dice, 50, 250), "AIRTIME", "Bundles", "Airtel")


def _closed_shop(day: date, dice: random.Random) -> Iterator[Wanted]:
    if day.day in {4, 14} and day.month % 2:
        yield Wanted(12, _shillings(dice, 3000, 9000), "DEPOSIT", "Cash paid in")


PERSONAS = (
    Persona("wanjiku", "Wanjiku Kamau", _("A salary, rent and groceries in Nairobi, and savings beside it"),
            (Has("everyday", "Everyday", 1_450_000, _salaried),
             Has("savings", "Savings", 5_000_000, _savings, account_type="SAVINGS"))),
    Persona("otieno", "Otieno Ouma", _("A boda rider: small money that comes and goes, many times a day"),
            (Has("boda", "Boda", 120_000, _rider),)),
    Persona("amina", "Amina Hassan", _("A trader with two accounts, in shillings and in dollars"),
            (Has("shop", "Shop", 8_000_000, _trader),
             Has("dollars", "Dollars", 350_000, _dollars, currency="USD"))),
    Persona("kiprop", "Kiprop Cheruiyot", _("A student whose account is empty before the month is"),
            (Has("campus", "Campus", 45_000, _student),)),
    Persona("njeri", "Njeri Mutua", _("A frozen account: funds are never there, and the faucet is refused"),
            (Has("frozen", "Old shop", 2_500_000, _closed_shop, status="FROZEN"),)),
)  # fmt: skip
BY_NAME = {one.which: one for one in PERSONAS}
