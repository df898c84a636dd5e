"""Where a dialled text leads, without a bank behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.messaging.rules import LONGEST, Act, Place, Screen, place_of, plain, redacted, screen_of


@pytest.mark.parametrize(
    ("text", "screen"),
    [
        ("", Screen.HOME),
        ("1", Screen.PIN),
        ("2", Screen.PIN),
        ("3", Screen.SEND_TO),
        ("3*0712345908", Screen.SEND_HOW_MUCH),
        ("3*0712345908*500", Screen.PIN),
        ("3*0", Screen.HOME),
        ("3*0712345908*0", Screen.HOME),
        ("4", Screen.AIRTIME_HOW_MUCH),
        ("4*50", Screen.PIN),
        ("6", Screen.MPESA_TO),
        ("6*0722000114", Screen.SEND_HOW_MUCH),
        ("6*0722000114*500", Screen.PIN),
        ("6*0", Screen.HOME),
        ("5", Screen.LANGUAGE),
        ("5*2", Screen.LANGUAGE_CHOSEN),
        ("5*2*1", Screen.LOST),
        ("1*1*2*3*4", Screen.LOST),
        ("1*0", Screen.HOME),
        ("3*0712345908*500*0", Screen.HOME),
        ("3*0712345908*500*9999*0", Screen.HOME),
        ("*" * 31, Screen.LOST),
        ("1" * 401, Screen.LOST),
    ],
)
def test_leads_to(text, screen):
    assert place_of(text).screen is screen


def test_keeps_what_was_typed_on_the_way():
    place = place_of("9*3*abc*0712 345 908*x*500*1234*4826")
    assert place == Place(Screen.PIN, Act.SEND, to="0712345908", shillings=500, step=6, pins=("1234", "4826"))


@pytest.mark.parametrize(
    "text", ["9", "3*x", "3*0712345908*-5", "3*0712345908*1.5", "4*05", "5*9", "6*x", "6*0722000114*x"]
)
def test_asks_again_for_what_it_does_not_understand(text):
    assert place_of(text).is_wrong


def test_money_to_m_pesa_keeps_its_own_act():
    place = place_of("6*0722 000 114*500*4826")
    assert place == Place(Screen.PIN, Act.MPESA, to="0722000114", shillings=500, step=3, pins=("4826",))


def test_going_home_and_back_is_another_step():
    assert place_of("4*50").step != place_of("4*0*4*50").step


@given(st.text(alphabet="0123456789*# +x", max_size=60))
def test_is_the_same_place_every_time_and_asks_for_a_pin_only_after_an_amount(text):
    place = place_of(text)
    assert place == place_of(text)
    if place.screen is Screen.PIN and place.act in {Act.SEND, Act.AIRTIME}:
        assert place.shillings > 0


@given(st.text(), st.booleans())
def test_a_screen_is_short_and_plain(words, goes_on):
    shown = screen_of(words, goes_on=goes_on)
    assert shown[:4] in {"CON ", "END "}
    assert len(shown) <= LONGEST
    assert all(sign == "\n" or " " <= sign <= "~" for sign in shown)


@given(st.lists(st.text(alphabet="0123456789", min_size=2), min_size=1, max_size=6))
def test_no_log_holds_what_was_typed(typed):
    said = redacted("*".join(["3", *typed]))
    assert said == f"3 ({len(typed) + 1})"
    assert redacted("4826*1") == "- (2)"


def test_writes_names_in_plain_letters():
    assert plain("Ng’ang’a Mũthoni • 0712") == "Ng'ang'a Muthoni * 0712"


def test_a_place_does_not_tell_its_pins():
    assert "4826" not in repr(place_of("1*4826"))
