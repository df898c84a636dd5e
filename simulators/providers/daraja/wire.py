"""Amounts and identifiers as the wire writes them, and JSON in which a number keeps its digits (`1.00`)."""

import json
import re
import secrets
from typing import Any

from simulators.providers.daraja import clock
from simulators.web import Response

_NUMBER = re.compile(r'"\\u0000(-?\d+(?:\.\d+)?)\\u0000"')
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_ROOM = 36**7


def shillings(cents: int) -> str:
    """`-12.05` from -1205."""
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{part:02d}"


def number(cents: int) -> str:
    """An amount that `dumps` writes as a bare number with two places."""
    return f"\0{shillings(cents)}\0"


def plain(cents: int) -> str:
    """The same, without places where there are no cents."""
    return f"\0{cents // 100}\0" if cents % 100 == 0 else number(cents)


def dumps(value: Any) -> str:
    """JSON."""
    return _NUMBER.sub(r"\1", json.dumps(value, ensure_ascii=False))


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dumps(value), status, "application/json")


def receipt(at: float, count: int) -> str:
    """Ten characters: year, month, day, then seven that never repeat, for a count that never does."""
    when = clock.local(at)
    rest, left = (count * 30_103_017_209 + 5_000_011) % _ROOM or 1, ""
    for _ in range(7):
        rest, last = divmod(rest, 36)
        left = _ALPHABET[last] + left
    return _head(when.year, when.month, when.day) + left


def no_receipt(at: float) -> str:
    """What stands where no transaction was made: `UKL0000000`."""
    when = clock.local(at)
    return _head(when.year, when.month, when.day) + "0000000"


def _head(year: int, month: int, day: int) -> str:
    return chr(ord("A") + (year - 2006) % 26) + chr(ord("A") + month - 1) + _DAYS[day]


def proxy_id() -> str:
    """`29115-34620561-1`."""
    return f"{secrets.randbelow(90_000) + 10_000}-{secrets.randbelow(90_000_000) + 10_000_000}-1"


def conversation_id(at: float) -> str:
    """`AG_20261121_` and 20 hex digits."""
    return f"AG_{clock.local(at):%Y%m%d}_{secrets.token_hex(10)}"


def checkout_id(at: float, phone: str) -> str:
    """`ws_CO_21112026140531123712345908`."""
    when = clock.local(at)
    return f"ws_CO_{when:%d%m%Y%H%M%S}{when.microsecond // 1000:03d}{phone[3:]}"
