"""Votes: quorum, majority, and what is decided before all have spoken."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.chamas.rules.voting import Tally, outcome

HALF, MOST = 5_000, 5_001


@pytest.mark.parametrize(
    ("voters", "yes", "no", "abstained", "is_over", "expected"),
    [
        (5, 3, 0, 0, False, "PASSED"),  # nobody can turn it any more
        (5, 2, 0, 0, False, "OPEN"),
        (5, 0, 3, 0, False, "FAILED"),
        (5, 2, 1, 0, True, "PASSED"),
        (5, 2, 0, 0, True, "NO_QUORUM"),
        (4, 2, 0, 0, True, "PASSED"),
        (4, 1, 1, 0, True, "FAILED"),  # a tie is no majority
        (5, 1, 0, 2, True, "PASSED"),  # who abstains helps the quorum
        (5, 0, 0, 5, True, "FAILED"),
        (5, 0, 0, 0, True, "NO_QUORUM"),
        (0, 0, 0, 0, True, "NO_QUORUM"),
    ],
)
def test_is_decided_by_those_who_vote(voters, yes, no, abstained, is_over, expected):
    assert outcome(Tally(voters, yes, no, abstained), quorum_bps=HALF, majority_bps=MOST, is_over=is_over) == expected


@given(*[st.integers(0, 12)] * 3, st.integers(0, 24), st.integers(1, 10_000), st.integers(5_001, 10_000), st.data())
def test_what_is_decided_early_stands_whatever_the_others_say(yes, no, abstained, silent, quorum, majority, more):
    voters = yes + no + abstained + silent
    early = outcome(Tally(voters, yes, no, abstained), quorum_bps=quorum, majority_bps=majority, is_over=False)
    assume(early in ("PASSED", "FAILED"))
    later_yes = more.draw(st.integers(0, silent))
    later_no = more.draw(st.integers(0, silent - later_yes))
    late = Tally(voters, yes + later_yes, no + later_no, abstained)
    at_last = outcome(late, quorum_bps=quorum, majority_bps=majority, is_over=True)
    assert (at_last == "PASSED") == (early == "PASSED")
