"""Who must be named: every business, by rule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.kyc.rules.owners import ALL_BP, LEAST_DIRECTORS, MUST_BE_NAMED_BP, Named, lacking

KINDS = st.sampled_from(sorted(LEAST_DIRECTORS))
PEOPLE = st.lists(
    st.builds(
        lambda director, share: Named(director or not share, bool(share), share, False),
        st.booleans(),
        st.integers(0, ALL_BP),
    ),
    max_size=6,
)


@settings(max_examples=40)
@given(KINDS, PEOPLE, st.booleans())
def test_lets_nobody_hold_more_than_all(kind, people, says):
    over = sum(one.share_bp for one in people) > ALL_BP
    assert ("over" in lacking(kind, people, says_complete=says)) == over


@settings(max_examples=40)
@given(PEOPLE)
def test_asks_for_whoever_may_hold_a_tenth_unless_it_is_said_that_nobody_does(people):
    held = sum(one.share_bp for one in people)
    may_hide_a_tenth = ALL_BP - held >= MUST_BE_NAMED_BP
    assert ("rest" in lacking("COMPANY", people, says_complete=False)) == may_hide_a_tenth
    assert "rest" not in lacking("COMPANY", people, says_complete=True)


@settings(max_examples=40)
@given(KINDS, PEOPLE, st.booleans())
def test_wants_as_many_directors_as_the_law(kind, people, says):
    enough = sum(one.is_director for one in people) >= LEAST_DIRECTORS[kind]
    assert ("directors" in lacking(kind, people, says_complete=says)) != enough


def test_takes_a_company_of_one_a_pair_of_partners_and_three_officials():
    whole, half = Named(True, True, ALL_BP), Named(True, True, 5_000)
    assert lacking("COMPANY", [whole], says_complete=False) == []
    assert lacking("SOLE", [whole], says_complete=False) == []
    assert lacking("SOLE", [half, half], says_complete=False) == ["one_trader"]
    assert lacking("PARTNERSHIP", [half, half], says_complete=False) == []
    assert lacking("GROUP", [Named(True)] * 3, says_complete=False) == []
    assert lacking("COMPANY", [Named(True)], says_complete=False) == ["owners", "rest"]
