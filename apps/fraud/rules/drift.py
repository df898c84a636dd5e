"""How far the scores of a model have moved since it was made: the population stability index over fixed bands."""

import math
from collections.abc import Sequence

BANDS = (400, 425, 450, 475, 500, 550, 600, 650)  # ends; the last band is what lies above
MOVED = 0.25  # from here a model is told to have drifted (the usual reading of the index)
_LEAST = 0.0005  # an empty band counts as almost empty: its logarithm must exist


def counts(scores: Sequence[int]) -> list[int]:
    """How many fall into each band."""
    found = [0] * (len(BANDS) + 1)
    for score in scores:
        found[sum(score >= end for end in BANDS)] += 1
    return found


def shares(scores: Sequence[int]) -> list[float]:
    """The same as shares of all."""
    return [round(count / max(len(scores), 1), 6) for count in counts(scores)]


def stability(then: Sequence[float], now: Sequence[float]) -> float:
    """0 when both are spread alike; from 0.25 they are not."""
    pairs = [(max(one, _LEAST), max(other, _LEAST)) for one, other in zip(then, now, strict=True)]
    return sum((other - one) * math.log(other / one) for one, other in pairs)
