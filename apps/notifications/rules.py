"""How texts are filled in and measured, when quiet hours end, and how long to wait before trying again."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from apps.kernel.clock import day_in_words
from apps.kernel.text import apart, one_line

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# An account or phone number somebody forgot to mask. Amounts have commas, references have letters, codes are shorter.
_LONG_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?: ?\d){8,}(?![\w]|[.,]\d)")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_KENYAN = re.compile(r"(?:254|0)([17]\d{2})\d{3}(\d{3})")
LONGEST_VALUE = 120  # characters of one filled-in value
QUIET_FROM, QUIET_TO = time(21, 0), time(7, 0)  # East Africa Time
ATTEMPTS = 3  # after the first one: the waits below
_WAITS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))

# GSM 03.38: the characters an SMS carries in 7 bits; those of the extension table count twice.
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = set("^{}\\[~]|€\f")
_TYPOGRAPHIC = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "•": "*",
        "\u00a0": " ",
        "\u202f": " ",
        "`": "'",
    }
)


def placeholders(text: str) -> set[str]:
    """The words in braces of a text."""
    return set(PLACEHOLDER.findall(text))


def filled(text: str, context: Mapping[str, object], language: str) -> str:
    """`text` with its words in braces replaced. Raises KeyError for a word the context lacks.

    Values are put on one line, cut at 120 characters, and held apart where they are read from the right: some of them,
    like names, are written by other people. A date, also one as events carry it (`2026-03-09`), is told as people write
    it: `9 Mar 2026`, in Kiswahili `9 Mac 2026`. A shortened name that ends a sentence, `Wanjiku K.`, brings its full
    stop.
    """

    def put(found: re.Match[str]) -> str:
        told = _one_line(_told(context[found.group(1)], language))
        return apart(told.removesuffix(".") if text.startswith(".", found.end()) else told)

    return PLACEHOLDER.sub(put, text)


def _told(value: object, language: str) -> object:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:  # somebody's name for something: the 31st of February
            return value
    return day_in_words(value, language) if isinstance(value, date) and not isinstance(value, datetime) else value


def _one_line(value: object) -> str:
    line = one_line(str(value))[:LONGEST_VALUE]
    return _LONG_NUMBER.sub(_shortened, line)


def _shortened(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if phone := _KENYAN.fullmatch(digits):
        return f"0{phone[1]}***{phone[2]}"
    return f"***{digits[-3:]}"


def for_sms(text: str) -> str:
    """`text` with typographic signs that would halve an SMS's length written plainly."""
    return text.translate(_TYPOGRAPHIC)


def segments(text: str) -> int:
    """How many SMS this text costs: 160 characters of GSM-7, or 70 of anything else; less each when joined."""
    if all(char in GSM7 or char in GSM7_EXTENSION for char in text):
        length = sum(2 if char in GSM7_EXTENSION else 1 for char in text)
        return 1 if length <= 160 else -(-length // 153)
    length = len(text.encode("utf-16-be")) // 2
    return 1 if length <= 70 else -(-length // 67)


def masked_phone(e164: str) -> str:
    """`0712***908`, in characters every SMS carries; other countries `+256***908`."""
    head = f"0{e164[4:7]}" if e164.startswith("+254") else e164[:4]
    return f"{head}***{e164[-3:]}"


def masked_email(address: str) -> str:
    """`ac***@example.com`."""
    name, _at, host = address.partition("@")
    return f"{name[:2]}***@{host}"


def masked(address: str) -> str:
    """A phone or an e-mail address with its middle struck out."""
    return masked_email(address) if "@" in address else masked_phone(address)


def is_quiet(at: datetime, quiet_from: time, quiet_to: time) -> bool:
    """Whether the local moment `at` lies in the quiet hours, which may run over midnight. Equal ends: never quiet."""
    moment = at.time()
    if quiet_from <= quiet_to:
        return quiet_from <= moment < quiet_to
    return moment >= quiet_from or moment < quiet_to


def quiet_until(at: datetime, quiet_from: time, quiet_to: time) -> datetime:
    """When a message of the local moment `at` may go out: at once, or when the quiet hours around it end."""
    if not is_quiet(at, quiet_from, quiet_to):
        return at
    end = at.replace(hour=quiet_to.hour, minute=quiet_to.minute, second=0, microsecond=0)
    return end if end > at else end + timedelta(days=1)


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after the nth try (1 is the first); None when it was the last."""
    return _WAITS[attempts - 1] if 1 <= attempts <= ATTEMPTS else None


def aloud(value: object) -> str:
    """A value as it is spoken: the digits of a code apart, `4, 1, 8, 2, 0, 3`."""
    text = str(value)
    return ", ".join(text) if text.isascii() and text.isdigit() and len(text) >= 4 else text
