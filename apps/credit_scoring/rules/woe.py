"""Weight of evidence: ranges of a characteristic whose risk moves one way, and a points card of several of them.

Fine ranges of about equal size are pooled until the share of failures never turns (pool adjacent violators), then
neighbours that are too small or hardly differ are joined. Missing values have a range of their own. A logistic
regression over the weights of evidence, of which a characteristic with the wrong sign is dropped, gives the points.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.credit_scoring.rules import scale
from apps.credit_scoring.rules.scorecard import Bin, Characteristic, Scorecard

SMOOTH = 0.5  # added to every count, so that a range without failures has a weight
MOST_FINE = 50
FEW = 50  # so few cases without a value have no weight of their own
PENALTY = 1e-4  # ridge, per case


@dataclass(frozen=True, slots=True)
class Range:
    """A range of values with who stood in it."""

    upto: float
    good: float
    bad: float

    @property
    def rate(self) -> float:
        """The share that failed."""
        return self.bad / (self.good + self.bad)

    def with_next(self, other: "Range") -> "Range":
        """The two as one."""
        return Range(other.upto, self.good + other.good, self.bad + other.bad)


@dataclass(frozen=True, slots=True)
class Binned:
    """A characteristic's ranges and their weights of evidence (ln of good share over bad share), missing last."""

    code: str
    ends: tuple[float, ...]  # the last range is open, so one less than there are ranges
    weights: tuple[float, ...]
    shares: tuple[float, ...]
    information: float

    def weigh(self, values: Any) -> Any:
        """The weight of evidence of each value (an array); NaN is missing."""
        import numpy as np

        given = np.asarray(values, dtype=float)
        place = np.searchsorted(np.asarray(self.ends, dtype=float), given, side="left")
        place = np.where(np.isnan(given), len(self.weights) - 1, place)
        return np.asarray(self.weights)[place]


def bin_one(code: str, values: Any, bad: Any, *, direction: int = 0, least: float = 0.02, most: int = 12) -> Binned:
    """The ranges of one characteristic. `direction` +1: the more the safer; 0: whichever way tells more.

    `least` is the share of the population a range has at least, `most` how many ranges there may be.
    """
    import numpy as np

    given, truth = np.asarray(values, dtype=float), np.asarray(bad, dtype=float)
    known = ~np.isnan(given)
    goods, bads = float((1 - truth).sum()), float(truth.sum())
    fine = _fine(given[known], truth[known])
    tried = [direction] if direction else [1, -1]
    found = [_ordered(_joined(_one_way(fine, way), len(given), least, most), way, goods, bads) for way in tried]
    ranges = max(found, key=lambda rows: _information(rows, goods, bads))
    lost = Range(math.nan, float((1 - truth[~known]).sum()), float(truth[~known].sum()))
    weights = [_weight(row, goods, bads) for row in ranges]
    few = lost.good + lost.bad < FEW
    weights.append(0.0 if few else _weight(lost, goods, bads))
    everyone = [*ranges, lost]
    return Binned(
        code,
        tuple(float(row.upto) for row in ranges[:-1]),
        tuple(round(float(weight), 6) for weight in weights),
        tuple((row.good + row.bad) / len(given) if known.any() or row is lost else 0.0 for row in everyone),
        round(float(_information(ranges, goods, bads)), 6),
    )


def _fine(given: Any, truth: Any) -> list[Range]:
    import numpy as np

    if not len(given):
        return [Range(math.inf, 0.5, 0.5)]
    cuts = np.unique(np.quantile(given, np.linspace(0, 1, MOST_FINE + 1)[1:], method="lower"))
    place = np.searchsorted(cuts, given, side="left")
    counts = np.bincount(place, minlength=len(cuts)).astype(float)
    bads = np.bincount(place, weights=truth, minlength=len(cuts))
    ends = [*cuts[:-1], math.inf]
    return [Range(float(end), n - b, float(b)) for end, n, b in zip(ends, counts, bads, strict=True) if n]


def _one_way(ranges: Sequence[Range], direction: int) -> list[Range]:
    """Pool adjacent violators: the share of failures falls with the value (direction +1), or rises."""
    kept: list[Range] = []
    for row in ranges:
        kept.append(row)
        while len(kept) > 1 and (kept[-1].rate - kept[-2].rate) * direction >= 0:
            last = kept.pop()
            kept[-1] = kept[-1].with_next(last)
    return kept


def _joined(ranges: Sequence[Range], everyone: int, least: float, most: int) -> list[Range]:
    """Neighbours joined until all are large enough and few enough, always the two that differ least."""
    kept = list(ranges)
    while len(kept) > 1:
        small = [nth for nth, row in enumerate(kept) if row.good + row.bad < least * everyone or row.bad < 1]
        if not small and len(kept) <= most:
            break
        pairs = {pair for nth in small for pair in (nth - 1, nth) if 0 <= pair < len(kept) - 1}
        candidates = pairs or set(range(len(kept) - 1))
        first = min(candidates, key=lambda nth: _distance(kept[nth], kept[nth + 1]))
        kept[first : first + 2] = [kept[first].with_next(kept[first + 1])]
    return kept


def _ordered(ranges: Sequence[Range], direction: int, goods: float, bads: float) -> list[Range]:
    """The same, where smoothing small counts has turned two neighbours round: they become one."""
    kept = list(ranges)
    nth = 0
    while nth < len(kept) - 1:
        step = _weight(kept[nth + 1], goods, bads) - _weight(kept[nth], goods, bads)
        if step * direction > 0:
            nth += 1
        else:
            kept[nth : nth + 2] = [kept[nth].with_next(kept[nth + 1])]
            nth = max(nth - 1, 0)
    return kept


def _distance(one: Range, other: Range) -> float:
    """Chi-square of two ranges: how surely their failures differ."""
    both = one.with_next(other)
    rate = min(max(both.rate, 1e-9), 1 - 1e-9)
    return sum((row.bad - rate * (row.good + row.bad)) ** 2 / (rate * (row.good + row.bad)) for row in (one, other))


def _weight(row: Range, goods: float, bads: float) -> float:
    return math.log(((row.good + SMOOTH) / (goods + SMOOTH)) / ((row.bad + SMOOTH) / (bads + SMOOTH)))


def _information(ranges: Sequence[Range], goods: float, bads: float) -> float:
    return sum((row.good / goods - row.bad / bads) * _weight(row, goods, bads) for row in ranges)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A card, and how each characteristic came into it or did not."""

    card: Scorecard
    information: dict[str, float]
    coefficients: dict[str, float]
    dropped: tuple[str, ...]


def fit(
    columns: Mapping[str, Any],
    bad: Any,
    *,
    directions: Mapping[str, int],
    least: float = 0.02,
    most: int = 12,
    least_information: float = 0.005,
) -> Fitted:
    """A points card of columns of numbers (NaN is missing) and who failed (1). The same in, the same out."""
    import numpy as np

    truth = np.asarray(bad, dtype=float)
    binned = {
        code: bin_one(code, values, truth, direction=directions.get(code, 0), least=least, most=most)
        for code, values in columns.items()
    }
    kept = [code for code, row in binned.items() if row.information >= least_information]
    weighed = {code: binned[code].weigh(columns[code]) for code in kept}
    while True:
        matrix = np.column_stack([np.ones(len(truth)), *(weighed[code] for code in kept)])
        found = _logistic(matrix, 1 - truth)
        wrong = [(slope, code) for slope, code in zip(found[1:], kept, strict=True) if slope <= 0.02]
        if not wrong:
            break
        kept.remove(min(wrong)[1])
    slopes = {code: float(slope) for code, slope in zip(kept, found[1:], strict=True)}
    card = _card(float(found[0]), [(binned[code], slopes[code]) for code in kept])
    information = {code: row.information for code, row in binned.items()}
    return Fitted(card, information, slopes, tuple(code for code in columns if code not in kept))


def _logistic(matrix: Any, good: Any) -> Any:
    """Log odds of repaying by Newton's method with a small ridge; the intercept is free."""
    import numpy as np

    slopes = np.zeros(matrix.shape[1])
    ridge = np.full(matrix.shape[1], PENALTY * len(good))
    ridge[0] = 0.0
    for _round in range(50):
        chance = 1 / (1 + np.exp(-matrix @ slopes))
        slope = matrix.T @ (good - chance) - ridge * slopes
        curve = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        slopes = slopes + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return slopes


def _card(intercept: float, parts: Sequence[tuple[Binned, float]]) -> Scorecard:
    rows = []
    for binned, slope in parts:
        points = [round(scale.points_of(slope * weight)) for weight in binned.weights]
        ends: list[float | None] = [*binned.ends, None]
        bins = tuple(
            Bin(end, point, share) for end, point, share in zip(ends, points[:-1], binned.shares[:-1], strict=True)
        )
        rows.append(Characteristic(binned.code, bins, Bin(None, points[-1], binned.shares[-1])))
    base = round(scale.ANCHOR + scale.points_of(intercept - math.log(scale.ANCHOR_ODDS)))
    return Scorecard(base, tuple(rows))
