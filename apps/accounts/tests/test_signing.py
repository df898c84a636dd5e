"""How many must sign: every mandate, by rule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.signing import ALL, ANY, SOME, Band, needed, strictest, wrong

NAMED = st.integers(1, 6)
BANDS = st.lists(
    st.builds(Band, st.none() | st.integers(1, 10**9), st.sampled_from([ANY, SOME, ALL]), st.integers(0, 7)),
    max_size=6,
)


@settings(max_examples=50)
@given(BANDS, NAMED, st.integers(1, 2 * 10**9))
def test_asks_for_one_at_least_and_never_for_more_than_there_are(bands, named, minor):
    if not wrong(bands, named):
        assert 1 <= needed(bands, minor, named) <= strictest(bands, named) <= named


@settings(max_examples=50)
@given(BANDS, NAMED, st.integers(1, 10**9), st.integers(1, 10**9))
def test_never_asks_less_for_more(bands, named, one, other):
    if not wrong(bands, named):
        less, more = sorted((one, other))
        assert needed(bands, less, named) <= needed(bands, more, named)


def test_reads_bands_by_their_ends_and_all_as_everybody_named():
    bands = [Band(None, ALL), Band(50_000_00, ANY), Band(500_000_00, SOME, 2)]
    assert [needed(bands, minor, 3) for minor in (50_000_00, 50_000_01, 500_000_00, 500_000_01)] == [1, 2, 2, 3]


def test_says_what_is_wrong():
    assert wrong([Band(None, ANY)], 0) == "nobody"
    assert wrong([], 1) == wrong([Band(10, ANY)], 1) == wrong([Band(None, ANY), Band(None, ALL)], 1) == "bands"
    assert wrong([Band(None, SOME, 3)], 2) == "count"
    assert wrong([Band(10, ALL), Band(None, ANY)], 2) == "falls"
    assert wrong([Band(10, ANY), Band(None, ALL)], 2) == ""
