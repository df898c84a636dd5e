"""QR codes say what was meant, and an altered one is never read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments import rules

asks = st.builds(
    rules.Ask,
    account_number=st.from_regex(r"[0-9]{12}", fullmatch=True),
    reference=st.from_regex(r"[0-9A-F]{14}", fullmatch=True),
    currency=st.sampled_from(sorted(rules.NUMERIC)),
    amount=st.none() | st.decimals(min_value=1, max_value=999999, places=2).map(str),
    name=st.text(max_size=60),
)


def test_the_check_value_of_the_standard():
    assert rules.crc16("123456789") == "29B1"


@given(asks)
def test_reads_what_it_wrote(ask):
    again = rules.read(rules.write(ask))
    assert (again.account_number, again.reference, again.currency, again.amount) == (
        ask.account_number,
        ask.reference,
        ask.currency,
        ask.amount,
    )


@given(asks, st.data())
def test_one_changed_character_is_always_caught(ask, data):
    text = rules.write(ask)
    place = data.draw(st.integers(6, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789AZ").filter(lambda char: char != text[place]))
    with pytest.raises(rules.Unreadable):
        rules.read(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(rules.Unreadable):
        rules.read("000201" + text)


@pytest.mark.parametrize(
    "body",
    [
        "00020129240010other.bank01061234565204000053034045802KE5901A",
        "0002010102115303404",
        "000201000201",
        "0002019999",
    ],
)
def test_refuses_codes_of_others_and_broken_ones_with_a_right_crc(body):
    text = body + "6304"
    with pytest.raises(rules.Unreadable):
        rules.read(text + rules.crc16(text))
