"""Whether a vote has passed, failed, or is still open: quorum, majority, and what can no longer change."""

from dataclasses import dataclass
from typing import Literal

from apps.chamas.rules.constitution import WHOLE

Outcome = Literal["OPEN", "PASSED", "FAILED", "NO_QUORUM"]


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes of those who may vote now; who left or is concerned counts neither as voter nor as vote."""

    voters: int
    yes: int
    no: int
    abstained: int

    @property
    def cast(self) -> int:
        """How many took part."""
        return self.yes + self.no + self.abstained


def has_quorum(tally: Tally, quorum_bps: int) -> bool:
    """Whether enough of those who may vote took part; somebody must."""
    return tally.cast > 0 and tally.cast * WHOLE >= quorum_bps * tally.voters


def outcome(tally: Tally, *, quorum_bps: int, majority_bps: int, is_over: bool) -> Outcome:
    """What a vote says. Before its time is over it is decided only when no vote that may still come could change it.

    The majority is of the votes for and against; who abstains helps the quorum alone.
    """
    left = 0 if is_over else tally.voters - tally.cast
    if left > 0:
        if has_quorum(tally, quorum_bps) and _is_majority(tally.yes, tally.no + left, majority_bps):
            return "PASSED"
        return "OPEN" if _is_majority(tally.yes + left, tally.no, majority_bps) else "FAILED"
    if not has_quorum(tally, quorum_bps):
        return "NO_QUORUM"
    return "PASSED" if _is_majority(tally.yes, tally.no, majority_bps) else "FAILED"


def _is_majority(yes: int, no: int, majority_bps: int) -> bool:
    return yes > 0 and yes * WHOLE >= majority_bps * (yes + no)
