"""A points card: what every range of every characteristic is worth. Plain data, read by anyone, added up by hand.

Points are of the decision scale (80 double the odds), so the sum is the decision score itself before it is cut to 0 and
1000, and the probability of default follows from it.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.credit_scoring.rules import scale
from apps.credit_scoring.rules.factors import Judged, Reason, ordered

FORMAT = "kitbank-scorecard/1"
UNKNOWN = "_UNKNOWN"  # behind the code of a characteristic that is missing: not to be told as if it were bad


class Unreadable(ValueError):
    """Not a scorecard of this format; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Values above the bin before, up to and including `upto` (None: no end), are worth `points`; `share` of the
    training population stood here."""

    upto: float | None
    points: int
    share: float


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One thing that is looked at; who lacks it has `missing` points."""

    code: str
    bins: tuple[Bin, ...]
    missing: Bin

    def bin_of(self, value: float | None) -> Bin:
        """Where a value falls."""
        if value is None or value != value:
            return self.missing
        ends = [float("inf") if row.upto is None else row.upto for row in self.bins]
        return self.bins[min(bisect_left(ends, value), len(self.bins) - 1)]

    @property
    def average(self) -> float:
        """The points of the average customer of the training population."""
        parts = (*self.bins, self.missing)
        seen = sum(row.share for row in parts)
        return sum(row.points * row.share for row in parts) / seen if seen else 0.0


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Base points and the characteristics."""

    base: int
    characteristics: tuple[Characteristic, ...]

    def points(self, values: Mapping[str, float | None]) -> int:
        """The sum, not cut to the scale."""
        return self.base + sum(row.bin_of(values.get(row.code)).points for row in self.characteristics)

    def judge(self, values: Mapping[str, float | None]) -> Judged:
        """The probability of default, and each characteristic beside the average customer."""
        points = self.points(values)
        reasons = []
        for row in self.characteristics:
            value = values.get(row.code)
            beside = round(row.bin_of(value).points - row.average)
            code = f"{row.code}{UNKNOWN}" if value is None else row.code
            reasons.append(Reason(code, "UP" if beside >= 0 else "DOWN", beside))
        log_odds = scale.log_odds_of(points)
        return Judged(scale.probability_of(log_odds), ordered(reasons), scale.decision_of(log_odds))

    def text(self) -> str:
        """The card as JSON, always the same for the same card."""
        told = {
            "format": FORMAT,
            "base": self.base,
            "characteristics": [
                {
                    "code": row.code,
                    "bins": [_bin_json(part) for part in row.bins],
                    "missing": _bin_json(row.missing),
                }
                for row in self.characteristics
            ],
        }
        return json.dumps(told, indent=1, sort_keys=True)


def _bin_json(row: Bin) -> dict[str, Any]:
    return {"upto": row.upto, "points": row.points, "share": round(row.share, 6)}


def read(text: str) -> Scorecard:
    """A card from its text. Raises Unreadable."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise Unreadable(f"the format is {told['format']!r}, not {FORMAT!r}")
        card = Scorecard(int(told["base"]), tuple(_characteristic(row) for row in told["characteristics"]))
    except (KeyError, TypeError, ValueError) as no:
        raise Unreadable(f"not a scorecard: {no}") from no
    if not card.characteristics:
        raise Unreadable("a card without characteristics")
    return card


def _characteristic(told: Mapping[str, Any]) -> Characteristic:
    bins = tuple(_bin(row) for row in told["bins"])
    ends = [row.upto for row in bins]
    rising = [end for end in ends[:-1] if end is not None]
    if not bins or ends[-1] is not None or len(rising) != len(bins) - 1 or rising != sorted(set(rising)):
        raise Unreadable(f"the ranges of {told['code']} do not rise to an open end")
    return Characteristic(str(told["code"]), bins, _bin(told["missing"]))


def _bin(told: Mapping[str, Any]) -> Bin:
    upto = told["upto"]
    return Bin(None if upto is None else float(upto), int(told["points"]), float(told["share"]))
