"""Reads an organisation statement of M-Pesa as its portal exports it: text in, figures out, nothing else touched.

Exports differ: a byte order mark, lines above the heading, commas or semicolons, two ways to write a date, pages that
overlap. A cell is data whatever it looks like. A line that comes twice counts once. What is not a statement, or a row
that cannot be read or was cut short, refuses the whole.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.mpesa.rules import EAT, Unreadable

LONGEST = 12 * 1024 * 1024  # signs
_HEADING_WITHIN = 40  # rows
_NEEDED = {
    "receipt": "receipt no.",
    "completed": "completion time",
    "details": "details",
    "status": "transaction status",
    "paid_in": "paid in",
    "withdrawn": "withdrawn",
}
_WELCOME = {
    "reason": "reason type",
    "other_party": "other party info",
    "linked": "linked transaction id",
    "account": "a/c no.",
}
_TIMES = ("%Y-%m-%d %H:%M:%S", "%d-%m-%Y %H:%M:%S")
_AMOUNT = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,13})(?:\.[0-9]{1,2})?", re.ASCII)
_RECEIPT = re.compile(r"[0-9A-Z]{6,20}", re.ASCII)
_BEGUN = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)  # a receipt, or what is left of one at the end of half a file
_CHARGE = re.compile(r"\bcharges?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One completed line. `minor`: in positive, out negative, in shilling cents."""

    receipt: str
    completed_at: datetime
    minor: int
    details: str
    reason: str
    other_party: str
    reference: str
    linked: str

    @property
    def may_be_a_charge(self) -> bool:
        """Worded like a charge of M-Pesa's; who chose an account reference may have worded it so as well."""
        return self.minor < 0 and bool(_CHARGE.search(self.details) or _CHARGE.search(self.reason))


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement says of one receipt. `moved_minor` is None when only a charge is told of it."""

    receipt: str
    completed_at: datetime
    moved_minor: int | None
    charge_minor: int
    details: str
    other_party: str
    reference: str
    linked: str


def read(text: str) -> list[Line]:
    """Every completed line. Raises Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable("it is longer than a day's statement")
    if "\0" in text:
        raise Unreadable("it holds bytes that no text has")
    text = text.removeprefix("\ufeff")
    rows = _rows(text)
    where, width = _heading(rows)
    lines: dict[tuple[str, ...], Line] = {}  # by all their cells, the balance after it among them
    for number, row in rows:
        if len(row) < width and _BEGUN.fullmatch(_cell(row, where["receipt"])):
            raise Unreadable(f"line {number}: it was cut short")
        line = _line(number, row, where) if any(cell.strip() for cell in row) else None
        if line is not None:
            lines[tuple(cell.strip() for cell in row)] = line
    return list(lines.values())


def _cell(row: list[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = next((line for line in text.splitlines() if "receipt no." in line.lower()), "")
    split = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=split, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as no:
        raise Unreadable(f"line {reader.line_num}: {no}") from None


def _heading(rows: Iterator[tuple[int, list[str]]]) -> tuple[dict[str, int], int]:
    """Which column is where, and how many there are."""
    for number, row in rows:
        names = [" ".join(cell.lower().split()) for cell in row]
        if "receipt no." in names:
            missing = [name for name in _NEEDED.values() if name not in names]
            if missing:
                raise Unreadable(f"line {number}: no column {missing[0]!r}")
            where = {key: names.index(name) for key, name in (_NEEDED | _WELCOME).items() if name in names}
            return where, max(nth for nth, name in enumerate(names, start=1) if name)
        if number > _HEADING_WITHIN:
            break
    raise Unreadable("no line with the heading 'Receipt No.'")


def _line(number: int, row: list[str], where: Mapping[str, int]) -> Line | None:
    """One row; None when it moved nothing: declined, cancelled, still under way."""

    def cell(name: str) -> str:
        return _cell(row, where.get(name))

    if cell("status").lower() not in {"completed", "reversed"}:
        return None
    receipt = cell("receipt")
    if not _RECEIPT.fullmatch(receipt):
        raise Unreadable(f"line {number}: {receipt[:20]!r} is no receipt")
    paid_in, withdrawn = _minor(number, cell("paid_in")), _minor(number, cell("withdrawn"))
    if paid_in < 0 or (paid_in and withdrawn) or not (paid_in or withdrawn):
        raise Unreadable(f"line {number}: neither one amount in nor one out")
    return Line(
        receipt=receipt,
        completed_at=_instant(number, cell("completed")),
        minor=paid_in - abs(withdrawn),
        details=cell("details")[:300],
        reason=cell("reason")[:100],
        other_party=cell("other_party")[:140],
        reference=cell("account")[:40],
        linked=cell("linked")[:20],
    )


def _minor(number: int, text: str) -> int:
    """`1,500.00` as 150000; empty as 0."""
    if not text:
        return 0
    if not _AMOUNT.fullmatch(text):
        raise Unreadable(f"line {number}: {text[:20]!r} is no amount like 1,500.00")
    return int(Decimal(text.replace(",", "")) * 100)


def _instant(number: int, text: str) -> datetime:
    for form in _TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=EAT)
        except ValueError:
            continue
    raise Unreadable(f"line {number}: {text[:20]!r} is no time like 21-11-2026 09:30:00")


def of_day(lines: Iterable[Line], day: date) -> list[Line]:
    """Those completed on a day, East Africa Time."""
    return [line for line in lines if line.completed_at.date() == day]


def gather(lines: Iterable[Line], known: Mapping[str, int]) -> list[Said]:
    """What is said of each receipt. `known` is what a receipt is known to have moved, by us or by an older statement.

    A line worded like a charge is one only beside another movement, in the file or known: otherwise it is the
    movement, because the account a customer names may end in the same word.
    """
    of_receipt: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        of_receipt[line.receipt].append(line)
    return [_said(receipt, parts, known.get(receipt)) for receipt, parts in of_receipt.items()]


def _said(receipt: str, parts: list[Line], known_minor: int | None) -> Said:
    moves = [line for line in parts if not line.may_be_a_charge]
    charges = [line for line in parts if line.may_be_a_charge]
    if not moves and not (known_minor is not None and all(line.minor != known_minor for line in charges)):
        same = [line for line in charges if line.minor == known_minor]
        moves = [same[0] if same else min(charges, key=lambda line: line.minor)]
        charges = [line for line in charges if line is not moves[0]]
    first = (moves or charges)[0]
    return Said(
        receipt=receipt,
        completed_at=first.completed_at,
        moved_minor=sum(line.minor for line in moves) if moves else None,
        charge_minor=-sum(line.minor for line in charges),
        details=first.details,
        other_party=first.other_party,
        reference=first.reference,
        linked=first.linked,
    )
