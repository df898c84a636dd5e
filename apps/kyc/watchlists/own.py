"""Lists of the bank's own, and those bought as a table: politically exposed people, adverse news."""

import csv
import io

from apps.kyc.watchlists.entries import BadList, Entry, ListedAs, ListFile, born, day_of, whole

NEEDED = ("uid", "kind", "name")
KNOWN = (*NEEDED, "aliases", "births", "programme", "countries", "remarks")
_END = "END"


def read_csv(raw: bytes) -> ListFile:
    """UTF-8 with a header and, as its last row, `END,<day published>,<rows>`: a file cut off is never a shorter list.

    Columns: uid, kind (PERSON, FIRM, OTHER), name, and perhaps aliases, births, programme, countries, remarks; several
    values in one cell are parted by `;`. Raises BadList.
    """
    try:
        text = raw.decode("utf-8-sig")
        if "\0" in text:
            raise BadList("it holds a NUL, which no text has")
        rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as no:
        raise BadList(f"it is not a table in UTF-8: {no}") from no
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if not set(NEEDED) <= set(header) or set(header) - set(KNOWN):
        raise BadList(f"its header must have {', '.join(NEEDED)} and nothing but {', '.join(KNOWN)}")
    if len(rows) < 2 or rows[-1][0].strip() != _END or len(rows[-1]) < 3:
        raise BadList("its last row is not END, the day it was published and the number of rows: it may be cut off")
    published, promised = day_of(rows[-1][1]), rows[-1][2].strip()
    if not promised.isdecimal() or len(promised) > 9:
        raise BadList("its last row does not say how many rows there are")
    entries = [_entry(nth, dict(zip(header, row, strict=False))) for nth, row in enumerate(rows[1:-1], 2)]
    return whole(published, entries, int(promised))


def _entry(nth: int, row: dict[str, str]) -> Entry:
    uid, kind, name = (row.get(column, "").strip() for column in NEEDED)
    if not uid or not name or kind not in ("PERSON", "FIRM", "OTHER"):
        raise BadList(f"row {nth} needs a uid, a name and PERSON, FIRM or OTHER")
    births = [born(each) for each in _several(row, "births")]
    if None in births:
        raise BadList(f"row {nth} has a birth that is no day and no year")
    return Entry(
        uid=uid,
        kind=kind,
        names=tuple(dict.fromkeys(ListedAs(each) for each in [name, *_several(row, "aliases")])),
        births=tuple(each for each in births if each),
        programme=row.get("programme", "").strip(),
        countries=tuple(_several(row, "countries")),
        remarks=row.get("remarks", "").strip(),
    )


def _several(row: dict[str, str], column: str) -> list[str]:
    return [each.strip() for each in row.get(column, "").split(";") if each.strip()]
