"""How odd a payment is, by an isolation forest: the fewer questions set it apart from others, the odder it is.

Liu, Ting, Zhou, "Isolation Forest" (2008): 2 to the power of minus the mean path length over the one expected. The
trees come from training as lists of numbers; asking them takes nothing but this module.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.fraud.rules.facts import Facts
from apps.fraud.rules.words import gettext_noop as _

MOST_REASONS = 2
LEAST_DROP = 10  # thousandths: what matters less is no reason


class Unreadable(ValueError):
    """Not a forest."""


def _log(value: float | None, otherwise: float) -> float:
    return math.log1p(otherwise if value is None else max(value, 0))


def _known(facts: Facts, name: str, otherwise: float = 0) -> float:
    value = facts.get(name)
    return otherwise if value is None else float(value)


def _ratio(facts: Facts) -> float:
    usual, amount = _known(facts, "usual"), _known(facts, "amount")
    return math.log(max(amount, 1) / usual) if usual > 0 else 0.0


def _day(facts: Facts) -> float:
    usual, whole = _known(facts, "usual"), _known(facts, "sent_in_a_day") + _known(facts, "amount")
    return math.log(max(whole, 1) / usual) if usual > 0 else 0.0


def _at_this_hour(facts: Facts) -> float:
    known = _known(facts, "payments_known")
    return _known(facts, "payments_at_this_hour") / known if known >= 10 else 0.4


def _device(facts: Facts) -> float:
    ages = [value for name in ("device_age_hours", "device_print_age_hours") if (value := facts.get(name)) is not None]
    return _log(min(ages) if ages else None, 2000)


# What the model looks at, in its order: by name, how it comes from the facts of a check, and the words for it. What
# is not known stands in the middle, so that a silent source makes nobody odd.
FEATURES: Mapping[str, tuple[Callable[[Facts], float], str]] = {
    "AMOUNT": (lambda facts: _log(_known(facts, "amount"), 0), _("the amount")),
    "AGAINST_USUAL": (_ratio, _("the amount against what is usual here")),
    "DAY": (_day, _("what was sent in a day against what is usual here")),
    "BURST": (lambda facts: min(_known(facts, "sent_in_ten_minutes"), 30), _("payments in ten minutes")),
    "REPEATS": (lambda facts: min(_known(facts, "repeats_in_a_day"), 30), _("payments alike in a day")),
    "PAUSE": (
        lambda facts: _log(facts.get("seconds_since_last"), 86_400),
        _("the time since the payment before"),
    ),
    "HOUR": (_at_this_hour, _("the hour of the day")),
    "NEW_PAYEE": (lambda facts: _known(facts, "is_new_recipient"), _("a new payee")),
    "DEVICE": (_device, _("the age of the device")),
    "CUSTOMER_AGE": (lambda facts: _log(facts.get("customer_age_days"), 365), _("how long the customer is here")),
    "PAYEE_AGE": (lambda facts: _log(facts.get("payee_age_days"), 300), _("how long the payee is here")),
    "PAYERS": (lambda facts: min(_known(facts, "payers_in_a_day", 1), 50), _("how many pay the payee")),
    "PASSED_ON": (lambda facts: min(_known(facts, "payee_passed_on_percent"), 100), _("what the payee passes on")),
}


def vector(facts: Facts) -> list[float]:
    """The features of a check, from the facts that were known at its moment and nothing else."""
    return [round(of(facts), 4) for of, _words in FEATURES.values()]


def expected(size: float) -> float:
    """The mean path length of a search among `size` that finds nothing."""
    if size <= 1:
        return 0.0
    if size <= 2:
        return 1.0
    return 2 * (math.log(size - 1) + 0.5772156649015329) - 2 * (size - 1) / size


@dataclass(frozen=True, slots=True)
class _Tree:
    feature: Sequence[int]  # -1 at a leaf
    at: Sequence[float]
    low: Sequence[int]
    high: Sequence[int]
    path: Sequence[float]  # of leaves: how long the way was, and would have been


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees, ready to be asked."""

    trees: tuple[_Tree, ...]
    middle: tuple[float, ...]
    norm: float

    def odd(self, values: Sequence[float]) -> int:
        """From 0, usual, to 1000, odd; about 450 is ordinary."""
        total = 0.0
        for tree in self.trees:
            feature, at, low, high = tree.feature, tree.at, tree.low, tree.high
            node = 0
            while (asked := feature[node]) >= 0:
                node = low[node] if values[asked] <= at[node] else high[node]
            total += tree.path[node]
        return round(1000 * 2 ** (-total / len(self.trees) / self.norm))

    def because(self, values: Sequence[float]) -> list[str]:
        """What makes it odd: the features without which it would be least so, at most two."""
        whole, drops = self.odd(values), []
        for place, name in enumerate(FEATURES):
            usual = [*values[:place], self.middle[place], *values[place + 1 :]]
            drops.append((whole - self.odd(usual), name))
        told = sorted((drop for drop in drops if drop[0] >= LEAST_DROP), key=lambda drop: -drop[0])
        return [name for _drop, name in told[:MOST_REASONS]]


def read(artefact: str) -> Forest:
    """A forest from its text. Raises Unreadable when anything in it is not as it must be."""
    try:
        told: dict[str, Any] = json.loads(artefact)
        if told["features"] != list(FEATURES):
            raise Unreadable("made for other features")
        trees = tuple(_tree(one) for one in told["trees"])
        middle = tuple(float(value) for value in told["middle"])
        norm = expected(int(told["sample"]))
    except (KeyError, TypeError, ValueError) as no:
        raise no if isinstance(no, Unreadable) else Unreadable(str(no)) from no
    if not trees or norm <= 0 or len(middle) != len(FEATURES):
        raise Unreadable("empty")
    return Forest(trees, middle, norm)


def _tree(one: Mapping[str, Sequence[Any]]) -> _Tree:
    feature, low, high = ([int(value) for value in one[name]] for name in ("feature", "low", "high"))
    at, size = [float(value) for value in one["at"]], [int(value) for value in one["size"]]
    count = len(feature)
    if not count or {len(at), len(low), len(high), len(size)} != {count}:
        raise Unreadable("a tree with parts of different lengths")
    depth, path = [0] * count, [0.0] * count
    for node in range(count):
        if feature[node] < 0:
            path[node] = depth[node] + expected(size[node])
            continue
        # A way only goes on: without this a tree could lead in a circle, inside a payment's transaction.
        if feature[node] >= len(FEATURES) or not (node < low[node] < count and node < high[node] < count):
            raise Unreadable("a tree that leads nowhere")
        depth[low[node]] = depth[high[node]] = depth[node] + 1
    return _Tree(feature, at, low, high, path)
