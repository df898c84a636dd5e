"""Text files: whatever encoding and separator a spreadsheet wrote, read strictly."""

import codecs
import csv
import io
from collections.abc import Iterator

from apps.payments.paysheet import headers
from apps.payments.paysheet.cells import Cell, Line
from apps.payments.paysheet.refusal import Unreadable

SEPARATORS = (",", ";", "\t", "|")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_of(raw: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 with one, else Windows-1252. Raises Unreadable: NOT_TEXT."""
    try:
        if raw.startswith(_WIDE) and not raw.startswith(codecs.BOM_UTF32_LE):
            text = raw.decode("utf-16")
        else:
            text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("cp1252")
        except UnicodeDecodeError:
            raise Unreadable("NOT_TEXT") from None
    if any(char < " " and char not in "\t\r\n" for char in text):
        raise Unreadable("NOT_TEXT")
    return text


def lines(raw: bytes) -> Iterator[Line]:
    """The rows; quoted cells may hold line breaks. Raises Unreadable: NOT_TEXT, BAD_CSV."""
    text = text_of(raw)
    first, _rest = _split_first(text)
    named = first.strip().lower()
    if named.startswith("sep=") and len(named) == 5:  # Excel's own first line
        text = "\n" + _rest
        separator = named[4]
    else:
        separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for row in reader:
            yield Line(before + 1, tuple(Cell(" ".join(cell.split())) for cell in row))
            before = reader.line_num
    except csv.Error:
        raise Unreadable("BAD_CSV", line=before + 1) from None


def _split_first(text: str) -> tuple[str, str]:
    for place, char in enumerate(text):
        if char in "\r\n":
            after = place + 2 if text[place : place + 2] == "\r\n" else place + 1
            return text[:place], text[after:]
    return text, ""


def _separator(text: str) -> str:
    """The one by which the first line that says anything holds the most columns we know."""
    best, most = ",", -1
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            header = next((row for row in reader if any(cell.strip() for cell in row)), [])
        except csv.Error:
            continue
        count = headers.known(header)
        if count > most:
            best, most = separator, count
    return best
