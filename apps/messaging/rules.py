"""The USSD menu as a table of screens: where somebody stands is read from what they have dialled alone.

The network sends all inputs of a session with every step, joined by `*`. Walking through them again gives the same
place each time, so a step that is posted twice, or to another process, is answered alike.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum

MOST_INPUTS = 30
MOST_TEXT = 400
PIN_TRIES = 3
LONGEST = 160  # signs of one screen, with CON or END: what every phone and network shows
BACK = "0"
_AMOUNT = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9]{9,13}", re.ASCII)


class Screen(Enum):
    """What is asked."""

    HOME = "HOME"
    SEND_TO = "SEND_TO"
    MPESA_TO = "MPESA_TO"
    SEND_HOW_MUCH = "SEND_HOW_MUCH"
    AIRTIME_HOW_MUCH = "AIRTIME_HOW_MUCH"
    LANGUAGE = "LANGUAGE"
    PIN = "PIN"
    LANGUAGE_CHOSEN = "LANGUAGE_CHOSEN"
    LOST = "LOST"


class Act(Enum):
    """What a PIN approves."""

    BALANCE = "BALANCE"
    LINES = "LINES"
    SEND = "SEND"
    AIRTIME = "AIRTIME"
    MPESA = "MPESA"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session stands. `step` is how many inputs there were when the PIN was first asked for.

    `is_wrong` says that the last input was not understood, so that the screen asks again.
    """

    screen: Screen = Screen.HOME
    act: Act | None = None
    to: str = ""
    shillings: int = 0
    step: int = 0
    pins: tuple[str, ...] = field(default=(), repr=False)
    language: str = ""
    is_wrong: bool = False


_HOME = {
    "1": (Screen.PIN, Act.BALANCE),
    "2": (Screen.PIN, Act.LINES),
    "3": (Screen.SEND_TO, Act.SEND),
    "4": (Screen.AIRTIME_HOW_MUCH, Act.AIRTIME),
    "5": (Screen.LANGUAGE, None),
    "6": (Screen.MPESA_TO, Act.MPESA),
}
_LANGUAGES = {"1": "en", "2": "sw"}


def inputs_of(text: str) -> list[str] | None:
    """What was dialled, one by one; None for more than anybody dials."""
    if len(text) > MOST_TEXT:
        return None
    inputs = [part.strip() for part in text.split("*")] if text else []
    return inputs if len(inputs) <= MOST_INPUTS else None


def place_of(text: str) -> Place:
    """Where `text` leads."""
    inputs = inputs_of(text)
    if inputs is None:
        return Place(Screen.LOST)
    place = Place()
    for nth, typed in enumerate(inputs, start=1):
        place = _next(place, typed, nth)
    return place


def _next(place: Place, typed: str, nth: int) -> Place:
    if place.screen is Screen.PIN:
        if len(place.pins) >= PIN_TRIES:
            return Place(Screen.LOST)
        if typed == BACK:  # no PIN is that short: it spends no try
            return Place()
        return _with(place, pins=(*place.pins, typed))
    if place.screen in {Screen.LANGUAGE_CHOSEN, Screen.LOST}:
        return Place(Screen.LOST)  # the session had ended
    if place.screen is Screen.HOME:
        screen, act = _HOME.get(typed, (None, None))
        return Place(screen, act, step=nth) if screen else Place(is_wrong=True)
    if typed == BACK:
        return Place()
    return _answered(place, typed, nth)


def _answered(place: Place, typed: str, nth: int) -> Place:
    digits = typed.replace(" ", "")
    if place.screen is Screen.LANGUAGE:
        chosen = _LANGUAGES.get(typed, "")
        return Place(Screen.LANGUAGE_CHOSEN, language=chosen) if chosen else Place(Screen.LANGUAGE, is_wrong=True)
    if place.screen in {Screen.SEND_TO, Screen.MPESA_TO}:
        if _PHONE.fullmatch(digits):
            return Place(Screen.SEND_HOW_MUCH, place.act, to=digits)
        return Place(place.screen, place.act, is_wrong=True)
    if _AMOUNT.fullmatch(digits):
        return Place(Screen.PIN, place.act, to=place.to, shillings=int(digits), step=nth)
    return _with(place, is_wrong=True)


def _with(place: Place, *, pins: tuple[str, ...] = (), is_wrong: bool = False) -> Place:
    return Place(place.screen, place.act, place.to, place.shillings, place.step, pins, place.language, is_wrong)


_PLAIN = {
    "\u00a0": " ",
    "\u202f": " ",
    "•": "*",
    "−": "-",
    "–": "-",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "…": "...",
}


def plain(text: str) -> str:
    """In signs that every phone shows: what has no plain form is left out."""
    text = "".join(_PLAIN.get(sign, sign) for sign in text)
    flat = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in flat if sign == "\n" or " " <= sign <= "~")


def screen_of(words: str, *, goes_on: bool) -> str:
    """`CON …` or `END …`, never longer than a phone shows; what is too long ends in two dots."""
    whole = f"{'CON' if goes_on else 'END'} {plain(words)}"
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 2]}.."


def redacted(text: str) -> str:
    """What may be logged of a session: how far it went and by which choice, never what was typed after that."""
    inputs = text.split("*")[:1] if text else []
    first = inputs[0] if inputs and inputs[0] in _HOME else ""
    return f"{first or '-'} ({text.count('*') + 1 if text else 0})"
