"""How good a model is, in figures: AUC, KS, Brier, calibration, accuracy beside the base rate, population stability.

`bad` is 1 for who did not repay; `risk` is a probability of default, or anything that rises with it.
"""

import math
from collections.abc import Sequence
from typing import Any

TINY = 1e-4  # a band nobody stood in counts as one in ten thousand


def auc(bad: Any, risk: Any) -> float:
    """The chance that someone who failed was given a higher risk than someone who repaid; ties count half."""
    import numpy as np

    truth, score = np.asarray(bad, dtype=bool), np.asarray(risk, dtype=float)
    failed, repaid = int(truth.sum()), int((~truth).sum())
    if not failed or not repaid:
        raise ValueError("both who failed and who repaid are needed")
    _values, place, count = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    ranks = ends - (count - 1) / 2  # average rank of each value, from 1
    total = ranks[place][truth].sum()
    return float((total - failed * (failed + 1) / 2) / (failed * repaid))


def ks(bad: Any, risk: Any) -> float:
    """The widest gap between the shares of failed and repaid below one risk (Kolmogorov-Smirnov), 0 to 1."""
    import numpy as np

    truth, score = np.asarray(bad, dtype=bool), np.asarray(risk, dtype=float)
    order = np.argsort(score, kind="stable")
    sorted_score, sorted_truth = score[order], truth[order]
    last = np.append(np.diff(sorted_score) > 0, [True])
    failed = np.cumsum(sorted_truth)[last] / max(int(truth.sum()), 1)
    repaid = np.cumsum(~sorted_truth)[last] / max(int((~truth).sum()), 1)
    return float(np.abs(failed - repaid).max())


def brier(bad: Any, probability: Any) -> float:
    """The mean squared distance between what was promised and what came true."""
    import numpy as np

    return float(np.mean((np.asarray(probability, dtype=float) - np.asarray(bad, dtype=float)) ** 2))


def calibration(bad: Any, probability: Any, bands: int = 10) -> list[dict[str, float]]:
    """Promised and seen default rates, in bands of equal size from the safest on."""
    import numpy as np

    truth, told = np.asarray(bad, dtype=float), np.asarray(probability, dtype=float)
    parts = np.array_split(np.argsort(told, kind="stable"), bands)
    return [
        {
            "count": len(part),
            "promised": round(float(told[part].mean()), 6),
            "seen": round(float(truth[part].mean()), 6),
        }
        for part in parts
        if len(part)
    ]


def accuracy(bad: Any, probability: Any, cut: float = 0.5) -> dict[str, float]:
    """The share judged rightly at `cut`, beside what calling everybody good would reach: alone it says nothing."""
    import numpy as np

    truth, told = np.asarray(bad, dtype=bool), np.asarray(probability, dtype=float)
    return {
        "accuracy": round(float(((told >= cut) == truth).mean()), 6),
        "base_rate": round(float(max(truth.mean(), 1 - truth.mean())), 6),
    }


def report(bad: Any, probability: Any) -> dict[str, Any]:
    """All of the figures."""
    return {
        "count": len(bad),
        "bad_rate": round(float(sum(bad)) / len(bad), 6),
        "auc": round(auc(bad, probability), 6),
        "ks": round(ks(bad, probability), 6),
        "brier": round(brier(bad, probability), 6),
        **accuracy(bad, probability),
        "calibration": calibration(bad, probability),
    }


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """Population stability index of two spreads over the same bands: Σ (now − then) · ln(now ÷ then).

    Under 0.1 nothing moved, over 0.2 the population is another one.
    """
    if len(then) != len(now):
        raise ValueError("the two spreads have other bands")
    first, second = _shares(then), _shares(now)
    return sum((new - old) * math.log(new / old) for old, new in zip(first, second, strict=True))


def _shares(counts: Sequence[float]) -> list[float]:
    whole = float(sum(counts)) or 1.0
    kept = [max(count / whole, TINY) for count in counts]
    return [share / sum(kept) for share in kept]


def spread(values: Sequence[float], ends: Sequence[float]) -> list[int]:
    """How many values fall up to each end, and how many above the last."""
    counts = [0] * (len(ends) + 1)
    for value in values:
        counts[sum(value > end for end in ends)] += 1
    return counts
