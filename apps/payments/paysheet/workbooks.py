"""Excel workbooks (XLSX): looked over as a zip of XML before anything is read, then the one sheet, row by row.

Refused before reading: macros, passwords, old formats, anything that unpacks to far more than it is, document type
declarations (entities), merged cells, hidden rows, columns and sheets, a second sheet with something in it, rows far
below the others. Formulas are refused where they stand, because what they came to was worked out on somebody else's
machine.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from apps.payments.paysheet.cells import Cell, Line
from apps.payments.paysheet.refusal import Unreadable

MOST_PARTS = 200
MOST_UNPACKED = 48 * 1024 * 1024  # bytes, all parts together
MOST_RATIO = 200  # of a part over a megabyte
MOST_COLUMNS = 64
MOST_GAP = 1000  # empty rows in a row: what stands below them nobody sees, so it is refused, not paid or left out
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HIDDEN = re.compile(rb"<(?:\w{1,9}:)?(?:row|col)\b[^>]{0,400}?\shidden=[\"'](?:1|true)", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w{1,9}:)?mergeCell\b")
_FILLED = re.compile(rb"<(?:\w{1,9}:)?(?:v|f|is)\b[^>]{0,400}>\s*[^<\s]|<(?:\w{1,9}:)?t\b[^>]{0,400}>[^<]")
_ROW = re.compile(rb"<(?:\w{1,9}:)?row\b(?:[^>]{0,400}?\sr=[\"']([0-9]{1,9}))?")
_ROW_OVER = re.compile(rb"<(?:\w{1,9}:)?row\b[^>]{0,400}?\sr=[\"']([0-9]+)")


def is_workbook(raw: bytes) -> bool:
    """Whether the content, whatever the file is called, is a zip; an old or locked Office file is refused at once.

    Raises Unreadable: OLD_OR_LOCKED.
    """
    if raw.startswith(_OLE):
        raise Unreadable("OLD_OR_LOCKED")
    return raw.startswith(b"PK\x03\x04")


def lines(raw: bytes) -> Iterator[Line]:
    """The rows of its one sheet. Raises Unreadable."""
    import openpyxl  # half a second to load, which only this needs

    _look_over(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
    except Exception as no:  # openpyxl raises whatever its parsers do on what is not a workbook
        raise Unreadable("BAD_WORKBOOK") from no
    try:
        sheets = book.worksheets
        if not sheets:
            raise Unreadable("BAD_WORKBOOK")
        if any(_has_something(raw, sheet) for sheet in sheets[1:]):
            raise Unreadable("MANY_SHEETS")
        if sheets[0].sheet_state != "visible":
            raise Unreadable("HIDDEN_ROWS")
        last = _look_at_sheet(raw, sheets[0])
        yield from _rows(sheets[0], last)
    finally:
        book.close()


def _look_over(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            held = parts.infolist()
            if len(held) > MOST_PARTS or sum(one.file_size for one in held) > MOST_UNPACKED:
                raise Unreadable("UNPACKS_TOO_LARGE")
            names = {one.filename.lower() for one in held}
            if "xl/workbook.xml" not in names:
                raise Unreadable("BAD_WORKBOOK")
            if any("vbaproject" in name or name.startswith("xl/macrosheets") for name in names):
                raise Unreadable("HAS_MACROS")
            for one in held:
                _look_at_part(parts, one)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as no:
        raise Unreadable("BAD_WORKBOOK") from no


def _look_at_part(parts: zipfile.ZipFile, one: zipfile.ZipInfo) -> None:
    if one.flag_bits & 1:
        raise Unreadable("OLD_OR_LOCKED")
    if one.file_size > 1024 * 1024 and one.file_size > MOST_RATIO * max(one.compress_size, 1):
        raise Unreadable("UNPACKS_TOO_LARGE")
    if not one.filename.lower().endswith((".xml", ".rels")):
        return
    content = parts.read(one)  # no more than the declared size, which was counted above
    if b"\0" in content[:200] or _DECLARES.search(content):
        raise Unreadable("BAD_WORKBOOK")
    if one.filename == "[Content_Types].xml" and b"macroEnabled" in content:
        raise Unreadable("HAS_MACROS")


def _look_at_sheet(raw: bytes, sheet: Any) -> int:
    """The last row with something in it."""
    content = _content(raw, sheet)
    if _MERGED.search(content):
        raise Unreadable("MERGED_CELLS")
    if _HIDDEN.search(content):
        raise Unreadable("HIDDEN_ROWS")
    numbers = [int(found) for found in _ROW_OVER.findall(content)]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise Unreadable("BAD_WORKBOOK")
    return _last_row(content)


def _content(raw: bytes, sheet: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        return parts.read(sheet._worksheet_path.lstrip("/"))


def _has_something(raw: bytes, sheet: Any) -> bool:
    """Wherever on it: a list that begins below or beside what one sees is one all the same."""
    return _FILLED.search(_content(raw, sheet)) is not None


def _last_row(content: bytes) -> int:
    """The number of the last row with something in it, by its own word or by counting; read off the text, because a
    million empty rows take a parser ten seconds.
    """
    end = max((found.end() for found in _FILLED.finditer(content)), default=0)
    numbers = [int(found[1] or 0) for found in _ROW.finditer(content, 0, end)]
    return max(numbers[-1], len(numbers)) if numbers else 0


def _rows(sheet: Any, last: int) -> Iterator[Line]:
    sheet.reset_dimensions()  # what it says of its own size is not believed
    gap = 0
    try:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if len(row) > MOST_COLUMNS and any(one.value is not None for one in row[MOST_COLUMNS:]):
                raise Unreadable("TOO_WIDE", most=MOST_COLUMNS)
            cells = tuple(_cell(one) for one in row[:MOST_COLUMNS])
            gap = 0 if any(not one.is_empty for one in cells) else gap + 1
            if gap > MOST_GAP:
                if number < last:
                    raise Unreadable("FAR_BELOW", line=last)
                return
            yield Line(number, cells)
    except Unreadable:
        raise
    except Exception as no:  # a sheet that breaks its parser half way
        raise Unreadable("BAD_WORKBOOK") from no


def _cell(one: Any) -> Cell:
    value = one.value
    if value is None:
        return Cell()
    if one.data_type == "f":
        return Cell(str(value)[:200], is_formula=True)
    if isinstance(value, bool | date | datetime | time | timedelta) or one.data_type == "e":
        return Cell(str(value)[:60], is_odd=True)
    if isinstance(value, int | float):
        return Cell(_plain(value), number=value)
    return Cell(" ".join(str(value).split()))


def _plain(value: int | float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)
