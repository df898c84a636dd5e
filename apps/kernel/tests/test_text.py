"""What people write turns nothing around it."""

import pytest

from apps.kernel import text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Wanjiku \n wa  Ngũgĩ ", "Wanjiku wa Ngũgĩ"),
        ("Wanjiku \u202e00.005 SEK", "Wanjiku 00.005 SEK"),
        ("\u2066Ann\u2069\u200b\ufeff\u00ad", "Ann"),
        ("\u3164\u2800\u115f", ""),
        ("e\u0301", "é"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\u200dAnn\u200c", "Ann"),
    ],
)
def test_keeps_what_is_seen_on_one_line(written, kept):
    assert text.one_line(written) == kept


def test_holds_apart_what_is_read_from_the_right():
    assert text.apart("Achieng") == "Achieng"
    assert text.apart("محمد علي") == "\u2068محمد علي\u2069"
