"""Reading a CSV of movements that another bank gave out: columns by name, each row by itself, faults by line."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date

from apps.kernel.money import BadAmount, Money

COLUMNS = ("date", "amount", "description")
MOST_ROWS, MOST_LETTERS = 5_000, 200
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")


class Unreadable(ValueError):
    """No CSV, columns missing, or too many rows; `args[0]` says which, as a code."""


@dataclass(frozen=True, slots=True)
class Row:
    """One movement; − left the account."""

    on: date
    amount: Money
    description: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be taken: its line in the file, and the column that is wrong."""

    line: int
    column: str


def read(raw: bytes, *, currency: str, today: date) -> tuple[list[Row], list[Fault]]:
    """Rows that can be taken, and faults of the others. Dates are ISO 8601, amounts major units of `currency`.

    Raises Unreadable.
    """
    try:
        table = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        names = {str(name).strip().lower(): name for name in table.fieldnames or ()}
        if not set(COLUMNS) <= set(names):
            raise Unreadable("columns")
        told = [(table.line_num, {column: line.get(names[column]) for column in COLUMNS}) for line in table]
    except (UnicodeDecodeError, csv.Error) as no:
        raise Unreadable("no_csv") from no
    if len(told) > MOST_ROWS:
        raise Unreadable("too_many")
    rows, faults = [], []
    for line, cells in told:
        row = _row(cells, currency, today)
        if isinstance(row, Row):
            rows.append(row)
        else:
            faults.append(Fault(line, row))
    return rows, faults


def _row(cells: dict[str, str | None], currency: str, today: date) -> Row | str:
    """The row, or the column that is wrong."""
    words = " ".join((cells["description"] or "").split())
    try:
        on = date.fromisoformat((cells["date"] or "").strip())
    except ValueError:
        return "date"
    if on > today:
        return "date"
    try:
        amount = Money.of(_ungrouped((cells["amount"] or "").strip()), currency)
    except BadAmount:
        return "amount"
    if not amount:
        return "amount"
    is_sound = 0 < len(words) <= MOST_LETTERS and all(char >= " " for char in words)
    return Row(on, amount, words) if is_sound else "description"


def _ungrouped(text: str) -> str:
    """`1,500.50` without its comma, where that parts thousands: `1.500,50` and `1,5` mean something else elsewhere."""
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text
