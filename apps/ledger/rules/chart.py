"""How the accounts of the chart are numbered: from a code to its id without asking the database."""

import re

from apps.kernel.money import ISO_NUMBERS

# ISO 4217 numbers; crypto assets have none, so theirs are our own, from 2001.
CURRENCY_NUMBERS = {**ISO_NUMBERS, "BTC": 2001, "ETH": 2002, "USDT": 2003, "USDC": 2004}
FIRST_OTHER_ID = 100_000_000  # ids from here on are drawn from a sequence
_CHART_CODE = re.compile(r"([1-9][0-9]{3})-([A-Z]{3,8})", re.ASCII)


def is_chart_code(code: str) -> bool:
    """Whether this is a code of the chart: `4040-KES`."""
    return _CHART_CODE.fullmatch(code) is not None


def chart_account_id(line: int, currency: str) -> int:
    """The id of a chart line's account in a currency. Raises KeyError for a currency without a number."""
    return CURRENCY_NUMBERS[currency] * 10_000 + line


def id_of_code(code: str) -> int:
    """The id of `4040-KES`. Raises ValueError when it is not a chart code, KeyError for an unnumbered currency."""
    parts = _CHART_CODE.fullmatch(code)
    if parts is None:
        raise ValueError(f"{code!r} is not a code of the chart")
    return chart_account_id(int(parts[1]), parts[2])


def is_chart_id(account_id: int) -> bool:
    """Whether the account is one of the bank's own chart."""
    return account_id < FIRST_OTHER_ID
