"""A file of payments, read: each row with what stands in it, or with the one reason why it is not taken."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from apps.payments.paysheet import csv_files, headers, workbooks
from apps.payments.paysheet.amounts import BadCell, minor_of_number, minor_of_text
from apps.payments.paysheet.cells import Cell, Line
from apps.payments.paysheet.payees import Payee, read_payee
from apps.payments.paysheet.refusal import Unreadable

__all__ = ["Bounds", "PaySheet", "Row", "Unreadable", "read_sheet"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula (OWASP, CSV injection)
_LONGEST = {"payee": 60, "name": 140, "note": 80}
_PHONE = re.compile(r"\+[0-9][0-9 ().-]*", re.ASCII)  # as people group it: digits and signs work nothing out
_UNPRINTED = {"Cc", "Cf", "Cs", "Co", "Cn"}  # format characters turn text around (bidi), so they are in no name


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read: bytes of the file, and rows with something in them."""

    most_bytes: int = 2 * 1024 * 1024
    most_rows: int = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` is its line in the file; texts as typed; `minor` and `payee` are None when `error` says why."""

    number: int
    payee_typed: str
    name: str
    amount_typed: str
    note: str
    payee: Payee | None
    minor: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class PaySheet:
    """What was read, and the headers that mean nothing to us."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]


def read_sheet(raw: bytes, *, places: int, bounds: Bounds | None = None) -> PaySheet:
    """Read a CSV or XLSX file by its content, not its name. `places` are the decimals of the account's currency.

    Raises Unreadable when the file cannot be taken as a whole: EMPTY_FILE, FILE_TOO_LARGE, TOO_MANY_ROWS, NO_ROWS,
    and what its kind and its header are refused with. A bad row is a Row with an error.
    """
    bounds = bounds or Bounds()
    if not raw.strip():
        raise Unreadable("EMPTY_FILE")
    if len(raw) > bounds.most_bytes:
        raise Unreadable("FILE_TOO_LARGE", most=bounds.most_bytes)
    found = workbooks.lines(raw) if workbooks.is_workbook(raw) else csv_files.lines(raw)
    told = (line for line in found if any(not cell.is_empty for cell in line.cells))
    return _taken(told, places, bounds)


def _taken(told: Iterator[Line], places: int, bounds: Bounds) -> PaySheet:
    first = next(told, None)
    if first is None:
        raise Unreadable("NO_ROWS")
    titles = [cell.text for cell in first.cells]
    where = headers.columns(titles)
    ignored = tuple(title[:40] for place, title in enumerate(titles) if title.strip() and place not in where.values())
    rows: list[Row] = []
    for line in told:
        if len(rows) == bounds.most_rows:
            raise Unreadable("TOO_MANY_ROWS", most=bounds.most_rows)
        rows.append(_row(line, where, places, len(titles)))
    if not rows:
        raise Unreadable("NO_ROWS")
    return PaySheet(tuple(rows), ignored)


def _row(line: Line, where: dict[str, int], places: int, width: int) -> Row:
    def cell(name: str) -> Cell:
        place = where.get(name, -1)
        return line.cells[place] if 0 <= place < len(line.cells) else Cell()

    payee, minor, error = None, None, ""
    try:
        if any(not one.is_empty for one in line.cells[width:]):
            raise BadCell("TOO_MANY_CELLS")  # an amount written `1,000` without quotes is two cells
        for name in ("payee", "name", "note"):
            _require_sound(cell(name), name)
        payee = read_payee(cell("payee").text, was_number=cell("payee").number is not None)
        minor = _amount(cell("amount"), places)
    except BadCell as no:
        payee, error = None, no.code
    return Row(
        number=line.number,
        payee_typed=_kept(cell("payee"), 60),
        name=_kept(cell("name"), 140),
        amount_typed=_kept(cell("amount"), 40),
        note=_kept(cell("note"), 80),
        payee=payee,
        minor=minor,
        error=error,
    )


def _require_sound(cell: Cell, name: str) -> None:
    text = cell.text.strip()
    is_phone = name == "payee" and _PHONE.fullmatch(text)
    if cell.is_formula or (text.startswith(FORMULA) and not is_phone):
        raise BadCell("FORMULA")
    if cell.is_odd:
        raise BadCell("NOT_TEXT_OR_NUMBER")
    if len(text) > _LONGEST[name]:
        raise BadCell("TEXT_TOO_LONG")
    if any(unicodedata.category(char) in _UNPRINTED for char in text):
        raise BadCell("TEXT_UNPRINTABLE")


def _amount(cell: Cell, places: int) -> int:
    text = cell.text.strip()
    if cell.is_formula or text.startswith(("=", "+", "@")):
        raise BadCell("FORMULA")
    if cell.is_odd:
        raise BadCell("NOT_TEXT_OR_NUMBER")
    return minor_of_text(text, places) if cell.number is None else minor_of_number(cell.number, places)


def _kept(cell: Cell, longest: int) -> str:
    """As it was typed, so far as it can be shown."""
    shown = "".join(char for char in cell.text if unicodedata.category(char) not in _UNPRINTED)
    return unicodedata.normalize("NFC", shown.strip())[:longest]
