"""How many of those on a watch list are found, and how many who are found are on it, on the invented set of `watched`.

Names and births alone decide, as when a customer joins; the list is looked through by the keys the index has.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from apps.kyc.operations.screening.weights import weigher
from apps.kyc.rules import matching, names
from bench import watched
from bench.common import Options, Result, main


@dataclass(slots=True)
class Told:
    """What came of one set."""

    found: int = 0
    missed: int = 0
    false: int = 0
    missed_how: Counter[str] = field(default_factory=Counter)
    friends: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of those on the list, the share that was found."""
        return self.found / (self.found + self.missed)

    @property
    def precision(self) -> float:
        """Of the hits, the share that is right."""
        return self.found / (self.found + self.false)


def judge(parties: list[watched.Listed], customers: list[watched.Customer]) -> Told:
    """Screen all of them."""
    listed = [[names.read(name) for name in party.names] for party in parties]
    ours = [names.read(customer.name) for customer in customers]
    counts = Counter(word for several in listed for word in {word for name in several for word in name.words})
    counts.update(word for name in ours for word in set(name.words))
    weight = weigher(counts, len(parties) + len(customers))
    index = defaultdict(set)
    for nth, several in enumerate(listed):
        for key in {key for name in several for key in names.keys(name)}:
            index[key].add(nth)
    told = Told()
    for customer, name in zip(customers, ours, strict=True):
        alike = set().union(*(index.get(key, ()) for key in names.keys(name)))
        hits = {
            nth
            for nth in alike
            if any(
                matching.match(name, each, weight=weight, born=customer.born, births=parties[nth].births).is_hit
                for each in listed[nth]
            )
        }
        _count(told, customer, hits, parties)
    return told


def _count(told: Told, customer: watched.Customer, hits: set[int], parties: list[watched.Listed]) -> None:
    if customer.is_listed is not None:
        told.found += customer.is_listed in hits
        told.missed += customer.is_listed not in hits
        told.missed_how[customer.how] += customer.is_listed not in hits
    wrong = hits - {customer.is_listed}
    told.false += len(wrong)
    told.friends += [f"{customer.name} ({customer.born}): {parties[nth].names[0]}" for nth in sorted(wrong)]


def run(options: Options) -> list[Result]:
    """Recall and precision; the false friends are printed."""
    size = {"listed": 400, "matching": 300, "others": 1_500} if options.rounds <= 3 else {}
    told = judge(*watched.made(**size))
    for friend in told.friends[:40]:
        print("false friend:", friend)
    missed = ", ".join(f"{how} {count}" for how, count in told.missed_how.most_common() if count)
    return [
        Result("screening: recall", told.recall, at_least=0.98, note=f"missed by: {missed}"),
        Result("screening: precision", told.precision, at_least=0.80, note=f"{told.false} false friends"),
    ]


if __name__ == "__main__":
    main(run)
