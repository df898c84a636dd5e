"""How many must sign for what leaves a business account: numbers in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

ANY, SOME, ALL = "ANY", "SOME", "ALL"
MOST_BANDS = 5


@dataclass(frozen=True, slots=True)
class Band:
    """Amounts up to `upto_minor` (none: any amount above) need one signature, `count` of them, or everybody's."""

    upto_minor: int | None
    needs: str
    count: int = 0

    def signatures(self, named: int) -> int:
        """How many of so many named signatories."""
        return {ANY: 1, SOME: self.count, ALL: named}[self.needs]


def band_of(bands: Sequence[Band], minor: int) -> Band:
    """The narrowest band that an amount of minor units falls into."""
    fitting = [band for band in bands if band.upto_minor is None or minor <= band.upto_minor]
    return min(fitting, key=lambda band: float("inf") if band.upto_minor is None else band.upto_minor)


def needed(bands: Sequence[Band], minor: int, named: int) -> int:
    """How many of `named` signatories must sign for an amount.

    Counted among all whom the mandate names, those who left included: were it counted among those who are left, an
    owner could take the others off and sign alone.
    """
    return band_of(bands, minor).signatures(named)


def strictest(bands: Sequence[Band], named: int) -> int:
    """As many as the hardest band asks for: that many change the mandate itself."""
    return max(band.signatures(named) for band in bands)


def wrong(bands: Sequence[Band], named: int) -> str:
    """What is wrong with a mandate, as a code; empty when nothing is.

    `nobody`: it names nobody. `bands`: none, too many, two with one end, or none without an end. `count`: fewer than
    one or more than there are. `falls`: a larger amount would need fewer signatures than a smaller one.
    """
    if named < 1:
        return "nobody"
    ends = [band.upto_minor for band in bands]
    if not 1 <= len(bands) <= MOST_BANDS or len(set(ends)) < len(ends) or None not in ends:
        return "bands"
    if any(end is not None and end <= 0 for end in ends) or any(band.needs not in (ANY, SOME, ALL) for band in bands):
        return "bands"
    if any(not 1 <= band.signatures(named) <= named for band in bands):
        return "count"
    ordered = sorted(bands, key=lambda band: float("inf") if band.upto_minor is None else band.upto_minor)
    counts = [band.signatures(named) for band in ordered]
    return "falls" if counts != sorted(counts) else ""
