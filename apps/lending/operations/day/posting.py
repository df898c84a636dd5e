"""One transfer of a day for all loans of a currency, and each loan's entry beside it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from apps.kernel.money import Money
from apps.ledger import operations as ledger

_ENTRIES = """
INSERT INTO lending_loanentry (loan_id, side, amount_minor, transfer_id, booked_on, what)
SELECT d.loan_id, %(side)s, %(sign)s * d.minor, %(transfer)s, %(day)s, %(what)s
  FROM lending_day d WHERE d.currency = %(currency)s AND d.minor <> 0
   AND (%(only)s = 0 OR sign(d.minor) = %(only)s)
"""


_WORTH_STATISTICS = 500  # rows from which the planner may choose wrongly without them
# One table for all steps of a day: where they share a transaction it is emptied, for each table made and dropped leaves
# locks behind that every later savepoint looks through.
_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS lending_day (
    loan_id bigint NOT NULL, currency text NOT NULL, minor bigint NOT NULL,
    is_non_accrual boolean, instalment_id bigint, wanted bigint, regulatory bigint
) ON COMMIT DROP
"""


def gather(question: str, values: dict[str, Any], *, also: Sequence[str] = ()) -> int:
    """Put what `question` answers, `(loan_id, currency, minor)` and the columns `also`, into this transaction's table
    `lending_day`. Answers how many rows there are.
    """
    run(_TABLE)
    run("DELETE FROM lending_day")
    columns = ", ".join(("loan_id", "currency", "minor", *also))
    rows = run(f"INSERT INTO lending_day ({columns}) {question}", values)  # written in this package
    if rows > _WORTH_STATISTICS:
        run("ANALYZE lending_day")
    return rows


_SUMS = """
SELECT currency, sum(minor)::bigint FROM lending_day
 WHERE minor <> 0 AND (%(only)s = 0 OR sign(minor) = %(only)s) GROUP BY 1 ORDER BY 1
"""


def sums(only: int = 0) -> dict[str, int]:
    """The sum of what was gathered, by currency; currencies of nothing are left out. `only` 1: what is over zero, -1:
    what is below.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"only": only})
        return dict(cursor.fetchall())


def post_day(
    *, what: str, currency: str, debit: Any, credit: Any, minor: int, side: str, day: date, at: datetime, sign: int = 1
) -> int:
    """Post what was gathered as one transfer, `sign` saying whether loans owe more (1) or less (-1); its id."""
    amount = Money(minor, currency)
    posted = ledger.post(
        reference=f"lending/{what.lower()}/{day}/{currency}",
        kind=what,
        narrative=f"{what.replace('_', ' ').capitalize()} of {day}",
        legs=[ledger.debit(debit, amount), ledger.credit(credit, amount)],
        at=at,
        booked_on=day,
    )
    if not posted.is_replay:
        write_entries(what=what, currency=currency, side=side, day=day, transfer=posted.transfer_id, sign=sign)
    return posted.transfer_id


def write_entries(*, what: str, currency: str, side: str, day: date, transfer: int, sign: int, only: int = 0) -> None:
    """Each loan's entry of a transfer, from what was gathered."""
    values = {
        "side": side,
        "sign": sign,
        "transfer": transfer,
        "day": day,
        "what": what,
        "currency": currency,
        "only": only,
    }
    run(_ENTRIES, values)


def run(statement: str, values: dict[str, Any] | Sequence[Any] = ()) -> int:
    """One statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
