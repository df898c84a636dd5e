"""How many laundering schemes the rules find, and at how many alerts, on an invented history with known answers.

People live as people do: salaries, rents, shopping, a stall with many small payments in, landlords whose tenants all
pay at the month's start, somebody who sells a car, circles of savers who fill one member's account each month for one
of them to take, groups of savers with turns, loans and a share-out. Among them are planted: deposits kept below the
cash report, mules that gather from many and pass on, accounts taken over and emptied, and money layered in rings, in
chains, and through circles and groups: split among members, who pay it in, and one who never saved takes it out.
The history is lines as the books would have written them; the rules only read lines.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from time import perf_counter

from django.contrib.auth import get_user_model
from django.db import connection

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Product, Transaction
from apps.chamas.models import GroupEntry
from apps.compliance.detectors import seen
from apps.compliance.operations.look import paths
from apps.compliance.rules import CODES, first_parameters
from apps.fx import operations as fx
from apps.kernel.clock import day_start, local_date
from apps.users.queries import system_user
from bench import saving_groups
from bench.common import AT, Options, Result, main

BEGINS = datetime(2025, 3, 3, 6, 0, tzinfo=AT.tzinfo)
KINDS = ("structuring", "mule ring", "takeover", "ring", "chain", "circle", "group")
CIRCLE = 10  # members
GIVEN = {"P2P_TRANSFER", "CONTRIBUTION"}  # paid from whatever there is, so that both sides are written


@dataclass(slots=True)
class Planted:
    """A scheme, and the customers whose alert would have found it."""

    kind: str
    people: set[int]


@dataclass(slots=True)
class World:
    """Accounts, their lines to be written, and what was planted among them."""

    dice: random.Random
    days: int
    held: list[Account]
    lines: list[Transaction] = field(default_factory=list)
    balance: Counter[int] = field(default_factory=Counter)
    planted: list[Planted] = field(default_factory=list)
    events: list[tuple[datetime, int, int, str, str, int]] = field(default_factory=list)
    entries: list[GroupEntry] = field(default_factory=list)
    transfers: int = 50_000_000
    begins: datetime = BEGINS

    def move(self, at: datetime, account: Account, shillings: int, kind: str, other: str, transfer: int = 0) -> None:
        """One line, written later in the order of time."""
        self.transfers += 1
        self.events.append((at, account.pk, shillings, kind, other, transfer or self.transfers))

    def send(self, at: datetime, giver: Account, taker: Account, shillings: int) -> None:
        """Both lines of a payment between customers."""
        self.transfers += 1
        both = self.transfers
        self.move(at, giver, -shillings, "P2P_TRANSFER", "", both)
        self.move(at, taker, shillings, "P2P_TRANSFER", "", both)


def people(count: int) -> list[Account]:
    """Customers with an empty account each."""
    user_model, bank = get_user_model(), system_user()
    product = Product.objects.get(code="CURRENT")
    users = user_model.objects.bulk_create(
        [
            user_model(
                full_name=f"Person {nth}", phone=f"+2547990{nth:05d}", id_number=f"9{nth:07d}", created_at=BEGINS
            )
            for nth in range(count)
        ]
    )
    return [accounts.open_account(owner=user, product=product, by=bank, at=BEGINS) for user in users]


def made(held: list[Account], *, days: int, each: int, seed: int = 7) -> World:
    """A history of `days` with `each` schemes of every kind."""
    world = World(random.Random(seed), days, held)
    cast = list(held)
    world.dice.shuffle(cast)
    for kind in KINDS:
        for _nth in range(each):
            _plant(world, kind, cast)
    for nth, account in enumerate(held):
        _live(world, account, nth)
    for _circle in range(len(held) // 60):
        _save_together(world, world.dice.sample(held, CIRCLE))
    for nth in range(len(held) // 60):
        saving_groups.live(world, world.dice.sample(held, saving_groups.MEMBERS), turns=nth % 2 == 0)
    _write(world)
    return world


def _moment(world: World, day: int, hour: float = 0) -> datetime:
    return BEGINS + timedelta(days=day, hours=hour or world.dice.uniform(0, 12))


def _live(world: World, account: Account, nth: int) -> None:
    """A life: a salary each month, and what it goes for."""
    dice = world.dice
    salary = int(dice.lognormvariate(10.8, 0.6))
    for day in range(0, world.days, 30):
        world.move(_moment(world, day, 1), account, salary, "SALARY", "Employer")
        world.move(_moment(world, day + dice.randrange(1, 4)), account, -salary * 3 // 10, "BILL_PAYMENT", "Landlord")
        if nth % 60 == 1:
            for tenant in range(dice.randrange(6, 13)):
                world.move(_moment(world, day + dice.randrange(3)), account, dice.randrange(8, 35) * 1000,
                           "P2P_TRANSFER", f"Tenant {nth}/{tenant}")  # fmt: skip
    _days(world, account, nth)
    if nth % 50 == 3:  # sells a car and buys another a week later
        day, price = dice.randrange(40, world.days - 10), dice.randrange(400, 1200) * 1000
        world.move(_moment(world, day), account, price, "EXTERNAL_TRANSFER", "Buyer")
        world.move(_moment(world, day + 7), account, -price * 9 // 10, "EXTERNAL_TRANSFER", "Car yard")


def _days(world: World, account: Account, nth: int) -> None:
    """What happens on any day: a stall's customers, shopping, money to friends, a top-up."""
    dice = world.dice
    for day in range(world.days):
        if nth % 40 == 2:
            for _sale in range(dice.randrange(4, 20)):
                world.move(_moment(world, day), account, dice.randrange(50, 1500), "P2P_TRANSFER", f"C{dice.random()}")
        if dice.random() < 0.4:
            world.move(_moment(world, day), account, -dice.randrange(100, 4000), "MERCHANT_PAYMENT", "Naivas")
        if dice.random() < 0.1:
            other = dice.choice(world.held)
            if other.pk != account.pk:
                world.send(_moment(world, day), account, other, dice.randrange(2, 60) * 100)
        if dice.random() < 0.03:
            world.move(_moment(world, day), account, dice.randrange(5, 150) * 100, "DEPOSIT", "M-Pesa")


def _save_together(world: World, members: list[Account]) -> None:
    """A circle: each month all pay the same into the treasurer's account, and the next in turn takes the whole."""
    dice, keeper, share = world.dice, members[0], world.dice.randrange(2, 11) * 1000
    for turn, day in enumerate(range(4, world.days - 3, 30)):
        for member in members[1:]:
            world.send(_moment(world, day, dice.uniform(0.5, 10)), member, keeper, share)
        world.send(_moment(world, day + 1, 3), keeper, members[1 + turn % (CIRCLE - 1)], share * (CIRCLE - 1))


def _plant(world: World, kind: str, cast: list[Account]) -> None:
    dice, day = world.dice, world.dice.randrange(35, world.days - 12)
    at, who = _moment(world, day, dice.uniform(1, 8)), cast.pop()
    if kind == "structuring":
        for nth in range(dice.randrange(4, 8)):
            world.move(at + timedelta(days=nth * 0.9), who, dice.randrange(550, 900) * 1000, "DEPOSIT", "Counter")
    elif kind == "mule ring":
        senders = [cast[-nth] for nth in range(1, dice.randrange(9, 15))]
        total = 0
        for nth, sender in enumerate(senders):
            total += (amount := dice.randrange(20, 50) * 1000)
            world.send(at + timedelta(minutes=4 * nth), sender, who, amount)
        world.move(at + timedelta(hours=2), who, -total * 97 // 100, "MOBILE_MONEY", "Cash out")
    elif kind == "circle":
        world.planted.append(Planted(kind, _through_a_circle(world, who, cast, at)))
        return
    elif kind == "group":
        world.planted.append(Planted(kind, saving_groups.pass_through(world, who, cast, at)))
        return
    elif kind == "takeover":
        world.move(at - timedelta(days=3), who, 180_000 + dice.randrange(300_000), "EXTERNAL_TRANSFER", "Savings")
    else:
        _layer(world, kind, who, [cast.pop() for _nth in range(3)], at, cast)
        return
    world.planted.append(Planted(kind, {who.owner_id}))
    if kind == "takeover":
        world.events.append((at, who.pk, 0, "drain", "", 0))


def _through_a_circle(world: World, first: Account, cast: list[Account], at: datetime) -> set[int]:
    """Cash is split among members, who put it into the circle's account; one who never saved takes it and is gone."""
    dice, keeper, last = world.dice, cast.pop(), cast.pop()
    members = [cast[-nth] for nth in range(1, CIRCLE)]
    each = dice.randrange(60, 120) * 1000
    world.move(at - timedelta(hours=2), first, each * len(members), "DEPOSIT", "Counter")
    for nth, member in enumerate(members):
        world.send(at + timedelta(minutes=7 * nth), first, member, each)
        world.send(at + timedelta(hours=dice.uniform(2, 5), minutes=7 * nth), member, keeper, each * 98 // 100)
    out = each * len(members) * 96 // 100
    world.send(at + timedelta(hours=9), keeper, last, out)
    world.move(at + timedelta(hours=10), last, -out * 98 // 100, "EXTERNAL_TRANSFER", "Abroad Ltd")
    return {first.owner_id, keeper.owner_id, last.owner_id}


def _layer(world: World, kind: str, first: Account, through: list[Account], at: datetime, cast: list[Account]) -> None:
    amount = world.dice.randrange(300, 900) * 1000
    world.move(at - timedelta(hours=3), first, amount, "DEPOSIT", "Counter")
    steps = [first, *through, first] if kind == "ring" else [first, *through]
    for giver, taker in pairwise(steps):
        world.send(at, giver, taker, amount)
        at, amount = at + timedelta(hours=world.dice.uniform(2, 9)), amount * 98 // 100
    if kind == "chain":
        world.move(at, steps[-1], -amount, "EXTERNAL_TRANSFER", "Abroad Ltd")
    world.planted.append(Planted(kind, {one.owner_id for one in steps}))


def _write(world: World) -> None:
    """The lines in the order of time, with running balances; nobody spends what they do not have."""
    by_pk = {account.pk: account for account in world.held}
    seq: Counter[int] = Counter()
    short: set[int] = set()
    for at, pk, shillings, kind, other, transfer in sorted(world.events):
        for amount, after, name in _parts(world, pk, shillings, kind, at, other):
            if transfer in short or (amount < 0 and world.balance[pk] + amount < 0 and kind not in GIVEN):
                short.add(transfer)
                continue
            world.balance[pk] = max(world.balance[pk] + amount, 0)
            seq[pk] += 1
            world.transfers += 1
            world.lines.append(
                Transaction(
                    account=by_pk[pk], transfer_id=transfer or world.transfers, seq=10_000_000 + seq[pk],
                    txn_type="MOBILE_MONEY" if kind == "drain" else kind, amount_minor=amount * 100, currency="KES",
                    running_balance_minor=world.balance[pk] * 100, description="bench", counterparty=name,
                    reference=f"aml/{world.transfers}", booked_on=local_date(after), posted_at=after,
                )
            )  # fmt: skip
    Transaction.objects.bulk_create(world.lines, batch_size=2000)
    GroupEntry.objects.bulk_create(sorted(world.entries, key=lambda entry: entry.at), batch_size=2000)


def _parts(
    world: World, pk: int, shillings: int, kind: str, at: datetime, other: str
) -> list[tuple[int, datetime, str]]:
    """A movement as it is; a drain as what is there in four payments to names never paid before."""
    if kind != "drain":
        return [(shillings, at, other)]
    there = world.balance[pk]
    part = there * 97 // 400
    return [(-part, at + timedelta(minutes=9 * nth), f"New payee {pk}/{nth}") for nth in range(4)]


@dataclass(slots=True)
class Told:
    """What came of it."""

    planted: int
    found: Counter[str]
    missed: Counter[str]
    alerts: int
    by_code: Counter[str]
    by_kind: Counter[str]
    customers: int
    seconds: float
    lines: int

    @property
    def rate(self) -> float:
        """The share of the planted that was found."""
        return self.found.total() / self.planted

    @property
    def each(self) -> float:
        """All alerts, false ones included, for each that was planted."""
        return self.alerts / self.planted


def judge(world: World) -> Told:
    """Ask every rule about the whole history at once, as a back-test does; one alert a rule, way of money and week."""
    fx.record_rates(table={"USD": Decimal(130)}, source="bench", as_of=BEGINS, at=BEGINS)
    since, until = day_start(BEGINS.date()), day_start(BEGINS.date() + timedelta(days=world.days + 2))
    named: dict[int, set[str]] = defaultdict(set)
    by_code, by_kind = Counter[str](), Counter[str]()
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_transaction, accounts_account, chamas_groupentry")
    for code in CODES:
        for path in paths(seen(code, first_parameters(code), since=since, until=until), [], until):
            for one in path.sights:
                named[one.subject_id].add(code)
            by_code[code] += 1
            hits = [
                scheme.kind for scheme in world.planted if any(one.subject_id in scheme.people for one in path.sights)
            ]
            by_kind[hits[0] if hits else "nothing planted"] += 1
    found, missed = Counter[str](), Counter[str]()
    for scheme in world.planted:
        (found if scheme.people & named.keys() else missed)[scheme.kind] += 1
    return Told(len(world.planted), found, missed, by_code.total(), by_code, by_kind, len(world.held),
                perf_counter() - began, len(world.lines))  # fmt: skip


def run(options: Options) -> list[Result]:
    """A year of some hundreds of people, with schemes of each kind."""
    count = min(1000, max(300, options.accounts // 10))
    told = judge(made(people(count), days=365, each=count // 40))
    says = ", ".join(f"{code} {n}" for code, n in (*told.by_code.most_common(), *told.by_kind.most_common()))
    return [
        Result(
            "schemes found",
            told.rate * 100,
            at_least=90,
            unit="%",
            note=f"{told.planted} planted; missed {dict(told.missed)}",
        ),
        Result("alerts for each planted", told.each, at_most=3, unit="", note=says),
        Result("alerts per 1,000 customers", 1000 * told.alerts / told.customers, unit="", note=f"in {world_year()}"),
        Result("all rules over the history", told.seconds, unit="s", note=f"{told.lines:,} lines"),
    ]


def world_year() -> str:
    """The history's year in words."""
    return f"{BEGINS:%B %Y} to {BEGINS + timedelta(days=365):%B %Y}"


if __name__ == "__main__":
    main(run)
