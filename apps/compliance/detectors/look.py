"""Asking one rule what it sees between two moments: of each customer and week at most one sight, the largest."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from apps.compliance import rules
from apps.compliance.detectors.chains import ROUND_TRIP
from apps.compliance.detectors.groups import CHAMA_THROUGH
from apps.compliance.detectors.moves import BY_CODE
from apps.fx import queries as fx
from apps.kernel.money import Money, decimals

QUESTIONS = BY_CODE | {"ROUND_TRIP": ROUND_TRIP, "CHAMA_THROUGH": CHAMA_THROUGH}

# What moves money for no reason of the customer's own is no sign of anything.
_SILENT = ("FEE", "EXCISE_DUTY", "INTEREST", "INTERNAL_TRANSFER", "EXCHANGE", "REVERSAL", "REFUND", "DISBURSEMENT")

# `seen` holds the lines in home-currency minor units, from the look-back before the window to its end.
_LINES = """
WITH RECURSIVE rate AS MATERIALIZED (
    SELECT key AS currency, value::numeric AS rate FROM jsonb_each_text(%(rates)s::jsonb)
), seen AS MATERIALIZED (
    SELECT line.id, line.account_id, account.owner_id, line.transfer_id, line.txn_type, line.counterparty,
           line.posted_at, line.booked_on, round(line.amount_minor * rate.rate)::bigint AS amount,
           round(line.running_balance_minor * rate.rate)::bigint AS balance
      FROM accounts_transaction line
      JOIN accounts_account account ON account.id = line.account_id
      JOIN rate ON rate.currency = line.currency
     WHERE line.booked_on BETWEEN %(back_on)s AND %(until_on)s
       AND line.posted_at >= %(back)s AND line.posted_at < %(until)s
       AND line.txn_type <> ALL(%(silent)s)
)
"""

# Of a customer and a week one sight is kept, the one with the most money; the week is counted from a fixed day, so
# that the same window asked again is the same sight.
_BEST = """
SELECT DISTINCT ON (subject, key) subject, key, first_at, last_at, threshold, actual, usual, amount, lines, facts
  FROM (SELECT found.*, {key} AS key FROM found) AS each
 ORDER BY subject, key, amount DESC, last_at
"""
_WEEK = "'week/' || floor(extract(epoch FROM last_at) / (86400 * %(bucket)s))::bigint"
_DAY = "'day/' || (last_at AT TIME ZONE 'Africa/Nairobi')::date"  # of what is reported by the day, each one counts


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw of one customer. Units as in `SuspiciousActivityAlert`; `key` names the week, or the day."""

    subject_id: int
    key: str
    first_at: datetime
    last_at: datetime
    threshold: int
    actual: int
    usual: int | None
    amount_minor: int
    lines: list[int]
    facts: dict[str, Any]


def seen(code: str, parameters: dict[str, Any], *, since: datetime, until: datetime) -> list[Seen]:
    """What rule `code` sees whose last transaction lies between two moments (the second excluded)."""
    back = since - rules.look_back(code, parameters)
    rates = home_rates(until)
    given = {
        **parameters,
        "rates": json.dumps({currency: str(rate) for currency, rate in rates.items()}),
        "usd_minor": int(Money.of(parameters.get("usd", 0), "USD").minor * rates.get("USD", Decimal(0))),
        "since": since,
        "until": until,
        "back": back,
        "back_on": (back - timedelta(days=1)).date(),
        "until_on": (until + timedelta(days=1)).date(),
        "silent": list(_SILENT),
        "bucket": rules.BUCKET_DAYS,
    }
    if "usd" in parameters and not given["usd_minor"]:
        return []  # without any rate of the dollar nobody can say what 15,000 of them are; the sweep says so
    with connection.cursor() as cursor:
        best = _BEST.format(key=_DAY if code in rules.BY_THE_DAY else _WEEK)
        cursor.execute(f"{_LINES}{QUESTIONS[code]}{best}", given)
        return [_read(row) for row in cursor.fetchall()]


def can_see(code: str, parameters: dict[str, Any], *, at: datetime) -> bool:
    """Whether a rule has what it needs: those that count in dollars need a rate."""
    return "usd" not in parameters or "USD" in home_rates(at)


def home_rates(at: datetime) -> dict[str, Decimal]:
    """Home minor units for one minor unit of each currency on the day before a moment.

    Lines are kept in minor units, and not every currency has as many to the unit: a Uganda shilling is its smallest.
    """
    day, home = (at - timedelta(microseconds=1)).astimezone(UTC).date(), settings.HOME_CURRENCY
    closing = {home: Decimal(1)} | {code: rate for code, (rate, _at) in fx.closing_rates(day).items()}
    return {code: rate.scaleb(decimals(home) - decimals(code)) for code, rate in closing.items()}


def _read(row: tuple[Any, ...]) -> Seen:
    subject, key, first_at, last_at, threshold, actual, usual, amount, lines, facts = row
    held = facts if isinstance(facts, dict) else json.loads(facts or "{}")
    return Seen(
        subject, key, first_at, last_at, int(threshold), int(actual),
        None if usual is None else int(usual), int(amount), list(dict.fromkeys(lines))[:500], held,
    )  # fmt: skip
