"""An invented, labelled month of payments with planted frauds: who pays whom, when, from which device.

Honest people pay their own five payees by day, a rent once a month, now and then somebody new, sometimes much, and a
few buy a new phone and go on paying. Planted are five schemes; a scheme is found when one of its payments is held or
stopped.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 2, 2, tzinfo=UTC)
DAYS = 28


@dataclass(frozen=True, slots=True)
class Pays:
    """One payment. People are numbers; `scheme` is empty for an honest one, else its kind and number."""

    at: datetime
    payer: int
    payee: int
    minor: int
    device: str = "own"  # or "new": first seen when this customer's first payment from it is made
    scheme: str = ""
    sim_changed: bool = False


def made(*, honest: int, each: int, seed: int = 20260302) -> list[Pays]:
    """`honest` customers and `each` schemes of every kind, in the order of time.

    Numbers from `honest` on are victims, then mules and the payees of thieves.
    """
    pick = random.Random(seed)  # an invented month, the same each time
    people = list(range(honest))
    found = [pay for person in people for pay in _month(person, people, pick)]
    free = honest
    for nth in range(each):
        for kind, plant, taken in (
            ("velocity", _velocity, 20),
            ("takeover", _takeover, 2),
            ("mule ring", _mule_ring, 16),
            ("structuring", _structuring, 2),
            ("sim swap", _sim_swap, 2),
        ):
            begin = BEGIN + timedelta(days=pick.randint(15, 26), hours=pick.randint(5, 18), minutes=pick.randint(0, 59))
            found += plant(begin, free, f"{kind} {nth}", people, pick)
            free += taken
    return sorted(found, key=lambda pay: pay.at)


def _month(person: int, people: list[int], pick: random.Random) -> list[Pays]:
    usual = pick.lognormvariate(11.7, 0.6)  # cents: about KES 1,200
    known = pick.sample([other for other in people if other != person], 5)
    renews = pick.random() < 0.05
    pays = []
    for day in range(DAYS):
        for _nth in range(pick.choice([0, 1, 1, 2, 3])):
            at = BEGIN + timedelta(days=day, hours=pick.uniform(4.2, 18.5))  # 7:12 to 21:30 in Nairobi
            payee = pick.choice(known) if pick.random() < 0.9 else pick.choice([it for it in people if it != person])
            minor = usual * pick.lognormvariate(0, 0.7) * (pick.uniform(4, 40) if pick.random() < 0.01 else 1)
            device = "new" if renews and day >= 20 else "own"
            pays.append(Pays(at, person, payee, max(int(minor), 1_000), device))
    rent = BEGIN + timedelta(days=pick.randint(0, 5), hours=pick.uniform(5, 15))
    return [*pays, Pays(rent, person, known[0], pick.randint(8, 35) * 100_000)]


def _before(begin: datetime, victim: int, people: list[int], pick: random.Random) -> list[Pays]:
    """Ten ordinary days of somebody whom nobody has robbed yet."""
    known = pick.sample(people, 3)
    return [
        Pays(
            begin - timedelta(days=day, hours=pick.uniform(0, 3)),
            victim,
            pick.choice(known),
            pick.randint(400, 4_000) * 100,
        )
        for day in range(10, 0, -1)
    ]


def _velocity(begin: datetime, free: int, name: str, people: list[int], pick: random.Random) -> list[Pays]:
    """A stolen phone is emptied: eighteen payments in seven minutes to nineteen strangers."""
    burst = [
        Pays(begin + timedelta(seconds=nth * 23), free, free + 1 + nth, pick.randint(700, 1_900) * 100, scheme=name)
        for nth in range(18)
    ]
    return [*_before(begin, free, people, pick), *burst]


def _takeover(begin: datetime, free: int, name: str, people: list[int], pick: random.Random) -> list[Pays]:
    """Somebody signs in from a device of their own and sends what there is to somebody new."""
    minor = pick.randint(12_000, 80_000) * 100
    taken = [Pays(begin + timedelta(minutes=nth * 3), free, free + 1, minor, "new", name) for nth in range(2)]
    return [*_before(begin, free, people, pick), *taken]


def _mule_ring(begin: datetime, free: int, name: str, people: list[int], pick: random.Random) -> list[Pays]:
    """Fourteen who were deceived pay one account within two hours, which passes nearly all of it on at once."""
    mule, end = free, free + 1
    pays, gathered = [], 0
    for nth in range(14):
        at, minor = begin + timedelta(minutes=nth * 8), pick.randint(1_500, 6_000) * 100
        pays.append(Pays(at, free + 2 + nth, mule, minor, scheme=name))
        gathered += minor
        if nth in (4, 8, 12):
            pays.append(Pays(at + timedelta(minutes=2), mule, end, int(gathered * 0.95), scheme=name))
            gathered = int(gathered * 0.05)
    return pays


def _structuring(begin: datetime, free: int, name: str, people: list[int], pick: random.Random) -> list[Pays]:
    """A large sum in parts just below KES 250,000, through a day."""
    parts = [
        Pays(begin + timedelta(minutes=50 * nth), free, free + 1, pick.randint(228_000, 249_900) * 100, scheme=name)
        for nth in range(5)
    ]
    return [*_before(begin, free, people, pick), *parts]


def _sim_swap(begin: datetime, free: int, name: str, people: list[int], pick: random.Random) -> list[Pays]:
    """The number was moved to another SIM, of which we were told, and the account is emptied."""
    minor = pick.randint(3_000, 30_000) * 100
    pays = [
        Pays(begin + timedelta(minutes=4 * nth), free, free + 1, minor, scheme=name, sim_changed=True)
        for nth in range(2)
    ]
    return [*_before(begin, free, people, pick), *pays]
