"""Reads the machine-readable zone of identity papers: ICAO Doc 9303 parts 3 to 6, formats TD1, TD2 and TD3.

Each field that the standard protects is checked against its digit (weights 7, 3, 1, modulo 10), and all of them
together against the composite digit. Two characters whose values differ by a multiple of ten (0, A, K, U and the
filler) look the same to a check digit: what passes is consistent, not true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

FILLER = "<"
_WEIGHTS = (7, 3, 1)
_ALLOWED = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<")
# What readers of print take for each other; a letter where a digit must stand, and either way in a number.
_AS_DIGIT = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
_AS_LETTER = {"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"}
MOST_CORRECTED = 1  # characters of a number: two would "explain" what was never printed


class Unreadable(ValueError):
    """The text is no machine-readable zone; the message says what was wanted."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says. `failed` names the checks that do not hold, `corrected` the fields that a reader misread.

    `born` and `expires_on` are None when the paper leaves a part of them out. `sex` is M, F or empty.
    """

    layout: str
    code: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    born: date | None
    sex: str
    expires_on: date | None
    optional: str = ""
    failed: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every check digit agrees as it was printed."""
        return not self.failed and not self.corrected

    @property
    def full_name(self) -> str:
        """Given names first."""
        return f"{self.given_names} {self.surname}".strip()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field stands: line, from, to (not included); its check digit stands behind it."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    lines: int
    width: int
    names: _Place
    number: _Place
    nationality: _Place
    born: _Place
    sex: _Place
    expires: _Place
    optional: tuple[_Place, ...]
    composite: tuple[_Place, ...]  # what the last digit covers
    composite_at: tuple[int, int]


_TD1 = _Layout(
    "TD1", 3, 30, _Place(2, 0, 30), _Place(0, 5, 14), _Place(1, 15, 18), _Place(1, 0, 6), _Place(1, 7, 8),
    _Place(1, 8, 14), (_Place(0, 15, 30), _Place(1, 18, 29)),
    (_Place(0, 5, 30), _Place(1, 0, 7), _Place(1, 8, 15), _Place(1, 18, 29)), (1, 29),
)  # fmt: skip
_TD2 = _Layout(
    "TD2", 2, 36, _Place(0, 5, 36), _Place(1, 0, 9), _Place(1, 10, 13), _Place(1, 13, 19), _Place(1, 20, 21),
    _Place(1, 21, 27), (_Place(1, 28, 35),),
    (_Place(1, 0, 10), _Place(1, 13, 20), _Place(1, 21, 35)), (1, 35),
)  # fmt: skip
_TD3 = _Layout(
    "TD3", 2, 44, _Place(0, 5, 44), _Place(1, 0, 9), _Place(1, 10, 13), _Place(1, 13, 19), _Place(1, 20, 21),
    _Place(1, 21, 27), (_Place(1, 28, 42),),
    (_Place(1, 0, 10), _Place(1, 13, 20), _Place(1, 21, 43)), (1, 43),
)  # fmt: skip
_LAYOUTS = {(layout.lines, layout.width): layout for layout in (_TD1, _TD2, _TD3)}


def check_digit(text: str) -> str:
    """The digit that protects `text` (Doc 9303-3, 4.9)."""
    return str(sum(_value(one) * _WEIGHTS[nth % 3] for nth, one in enumerate(text)) % 10)


def _value(one: str) -> int:
    return 0 if one == FILLER else int(one, 36)


def parse(text: str, *, on: date) -> Mrz:
    """Read a zone as it was typed or recognised; `on` is the day from which centuries are told.

    A birth is never in the future: its two-digit year belongs to this century unless that lies after `on`. An expiry
    is the year nearest to `on`. A misread character is put right only where exactly one reading agrees with the check
    digit of its field and with the composite one. Raises Unreadable.
    """
    lines = _lines(text)
    layout = _LAYOUTS.get((len(lines), len(lines[0]))) if lines else None
    if layout is None or len({len(line) for line in lines}) != 1:
        raise Unreadable("A zone has three lines of 30 characters, or two of 36 or of 44.")
    lines, corrected = _corrected(layout, lines)
    return replace(_read(layout, lines, on), failed=tuple(_failed(layout, lines)), corrected=corrected)


def _lines(text: str) -> list[str]:
    lines = ["".join(line.split()).upper().replace("«", "<<") for line in text.strip().splitlines()]
    lines = [line for line in lines if line]
    if any(set(line) - _ALLOWED for line in lines):
        raise Unreadable("A zone holds the letters A to Z, the digits 0 to 9 and the sign < only.")
    return lines


def _at(lines: Sequence[str], place: _Place) -> str:
    return lines[place.line][place.start : place.end]


def _digit_behind(lines: Sequence[str], place: _Place) -> str:
    return lines[place.line][place.end]


def _number(layout: _Layout, lines: Sequence[str]) -> tuple[str, str]:
    """The whole number as printed and its check digit: a long one goes on in the optional field (Doc 9303-5, 4.2)."""
    number, digit = _at(lines, layout.number), _digit_behind(lines, layout.number)
    more = _at(lines, layout.optional[0]).partition(FILLER)[0]
    if digit == FILLER and layout is not _TD3 and len(more) > 1:
        return number + more[:-1], more[-1]
    return number, digit


def _failed(layout: _Layout, lines: Sequence[str]) -> Iterator[str]:
    number, digit = _number(layout, lines)
    if check_digit(number) != digit:
        yield "number"
    for name, place in (("born", layout.born), ("expires_on", layout.expires)):
        if check_digit(_at(lines, place)) != _digit_behind(lines, place) or _day(_at(lines, place)) is None:
            yield name
    if layout is _TD3:
        place = layout.optional[0]
        digit = _digit_behind(lines, place)
        is_empty = digit == FILLER and not _at(lines, place).strip(FILLER)
        if not is_empty and check_digit(_at(lines, place)) != digit:
            yield "optional"
    if not _composite_holds(layout, lines):
        yield "composite"


def _composite_holds(layout: _Layout, lines: Sequence[str]) -> bool:
    line, column = layout.composite_at
    return check_digit("".join(_at(lines, place) for place in layout.composite)) == lines[line][column]


def _corrected(layout: _Layout, lines: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The lines with what one reader's mistake explains put right, when all checks hold then; else as they came."""
    if not list(_failed(layout, lines)):
        return lines, ()
    now, names = list(lines), []
    for name, place in (("born", layout.born), ("expires_on", layout.expires)):
        found = _as_digits(_at(now, place) + _digit_behind(now, place))
        if found != _at(now, place) + _digit_behind(now, place):
            names.append(name)
        now = _with(now, replace(place, end=place.end + 1), found)
    line, column = layout.composite_at
    last = _Place(line, column, column + 1)
    if _at(now, last) in _AS_DIGIT:
        now = _with(now, last, _AS_DIGIT[_at(now, last)])
        names.append("composite")
    if not list(_failed(layout, now)):
        return now, tuple(names)
    place = replace(layout.number, end=layout.number.end + 1)
    for many in range(1, MOST_CORRECTED + 1):  # the fewest mistakes that explain it, and only if they alone do
        near = _near(_at(now, place), many)
        good = [trial for trial in (_with(now, place, text) for text in near) if not list(_failed(layout, trial))]
        if good:
            return (good[0], (*names, "number")) if len(good) == 1 else (lines, ())
    return lines, ()


def _as_digits(text: str) -> str:
    return "".join(_AS_DIGIT.get(one, one) for one in text)


def _near(text: str, many: int) -> Iterator[str]:
    """Readings of a number that differ in so many of the characters that are taken for each other."""
    other = {nth: _AS_DIGIT.get(one) or _AS_LETTER.get(one) for nth, one in enumerate(text)}
    for chosen in combinations([nth for nth, one in other.items() if one], many):
        yield "".join(str(other[nth]) if nth in chosen else one for nth, one in enumerate(text))


def _with(lines: Sequence[str], place: _Place, text: str) -> list[str]:
    row = lines[place.line]
    changed = row[: place.start] + text + row[place.end :]
    return [changed if nth == place.line else line for nth, line in enumerate(lines)]


def _read(layout: _Layout, lines: Sequence[str], on: date) -> Mrz:
    surname, _, given = _at(lines, layout.names).partition("<<")
    sex = _at(lines, layout.sex)
    number, _digit = _number(layout, lines)
    return Mrz(
        layout=layout.name,
        code=lines[0][:2].strip(FILLER),
        issuer=lines[0][2:5].strip(FILLER),
        surname=_words(surname),
        given_names=_words(given),
        number=number.rstrip(FILLER),
        nationality=_at(lines, layout.nationality).strip(FILLER),
        born=_born(_at(lines, layout.born), on),
        sex=sex if sex in "MF" else "",
        expires_on=_expires(_at(lines, layout.expires), on),
        optional=FILLER.join(filter(None, (_at(lines, place).strip(FILLER) for place in layout.optional))),
    )


def _words(text: str) -> str:
    return " ".join(text.replace(FILLER, " ").split())


def _day(text: str) -> tuple[int, int, int] | None:
    """Year in its century, month, day; zeros for what is left out (allowed for births). None when it is no date."""
    if set(text) - set("0123456789<"):
        return None
    parts = [int(part) if part.isdigit() else 0 for part in (text[:2], text[2:4], text[4:])]
    is_whole = text.isdigit()
    if is_whole and not (1 <= parts[1] <= 12 and 1 <= parts[2] <= _longest(parts[1])):
        return None
    return parts[0], parts[1], parts[2]


def _longest(month: int) -> int:
    return 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def _in_century(text: str, century: int) -> date | None:
    found = _day(text)
    if found is None or not text.isdigit():
        return None
    try:
        return date(century + found[0], found[1], found[2])
    except ValueError:  # the 29th of February of a common year
        return None


def _born(text: str, on: date) -> date | None:
    this = on.year // 100 * 100
    days = [day for day in (_in_century(text, this), _in_century(text, this - 100)) if day is not None and day <= on]
    return max(days, default=None)


def _expires(text: str, on: date) -> date | None:
    this = on.year // 100 * 100
    days = [day for day in (_in_century(text, this + add) for add in (-100, 0, 100)) if day is not None]
    return min(days, key=lambda day: abs((day - on).days), default=None)


def write(layout: str, mrz: Mrz) -> str:
    """The zone of `mrz` in a layout, check digits and all: for specimens, and to test what is read."""
    shape = next(one for one in _LAYOUTS.values() if one.name == layout)
    rows = [FILLER * shape.width for _nth in range(shape.lines)]
    rows = _with(rows, _Place(0, 0, 5), f"{mrz.code:<2}{mrz.issuer:<3}".replace(" ", FILLER))
    names = f"{mrz.surname}  {mrz.given_names}".replace(" ", FILLER)
    rows = _with(rows, shape.names, _filled(names, shape.names))
    for place, text in (
        (shape.number, mrz.number),
        (shape.born, f"{mrz.born:%y%m%d}" if mrz.born else FILLER),
        (shape.expires, f"{mrz.expires_on:%y%m%d}" if mrz.expires_on else FILLER),
    ):
        whole = _filled(text, place)
        rows = _with(rows, replace(place, end=place.end + 1), whole + check_digit(whole))
    rows = _with(rows, shape.nationality, _filled(mrz.nationality, shape.nationality))
    rows = _with(rows, shape.sex, mrz.sex or FILLER)
    if mrz.optional:
        rows = _with(rows, shape.optional[0], _filled(mrz.optional, shape.optional[0]))
    if layout == "TD3":
        place = shape.optional[0]
        rows = _with(rows, _Place(place.line, place.end, place.end + 1), check_digit(_at(rows, place)))
    whole = "".join(_at(rows, place) for place in shape.composite)
    line, column = shape.composite_at
    return "\n".join(_with(rows, _Place(line, column, column + 1), check_digit(whole)))


def _filled(text: str, place: _Place) -> str:
    width = place.end - place.start
    return text[:width].ljust(width, FILLER)
