"""What a file of a watch list says, whoever published it."""

import hashlib
import json
import re
from calendar import month_abbr
from dataclasses import asdict, dataclass
from datetime import date

from apps.kyc.rules.matching import Born

_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_MONTHS = {month_abbr[nth].lower(): nth for nth in range(1, 13)}
_DAY = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})")


LONGEST_UID = 60


class BadList(ValueError):
    """The file is not whole, or not such a list; the words say why. Nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class ListedAs:
    """One name; `is_weak` when its publisher calls the alias weak."""

    text: str
    is_weak: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One party of a list. `kind` is PERSON, FIRM or OTHER."""

    uid: str
    kind: str
    names: tuple[ListedAs, ...]
    births: tuple[Born, ...] = ()
    programme: str = ""
    countries: tuple[str, ...] = ()
    remarks: str = ""

    @property
    def print(self) -> str:
        """Changes with what is compared: names and births."""
        births = [f"{one.year}/{one.on}/{one.give_or_take}" for one in self.births]
        return _print([self.kind, [name.text for name in self.names], births])

    @property
    def whole_print(self) -> str:
        """Changes with anything the list says."""
        return _print(asdict(self))


@dataclass(frozen=True, slots=True)
class ListFile:
    """A whole file."""

    published_on: date
    entries: tuple[Entry, ...]


def _print(what: object) -> str:
    return hashlib.sha256(json.dumps(what, default=str, sort_keys=True).encode()).hexdigest()


def born(text: str) -> Born | None:
    """`12 Mar 1963`, `1963-03-12`, `circa 1963`, `1960 to 1964`: what it says of a birth, or nothing."""
    text = text.strip()
    day = None
    if found := _DAY.fullmatch(text):
        month = _MONTHS.get(found[2].lower())
        day = _date(int(found[3]), month, int(found[1])) if month else None
    else:
        day = day_of(text)
    if day:
        return Born(day.year, day)
    years = sorted(int(year) for year in _YEAR.findall(text))
    if not years:
        return None
    middle = (years[0] + years[-1]) // 2
    is_about = bool(re.search(r"circa|approx|about|c\.", text, re.IGNORECASE))
    return Born(middle, None, max(years[-1] - middle, 2 if is_about else 0))


def day_of(text: str) -> date | None:
    """`2026-11-20`, or nothing."""
    text = text.strip()
    return _date(*map(int, text.split("-"))) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def whole(published_on: date | None, entries: list[Entry], promised: int | None = None) -> ListFile:
    """The file, once it is known to be whole. Raises BadList."""
    if published_on is None:
        raise BadList("it does not say when it was published")
    if not entries:
        raise BadList("it lists nobody")
    if promised is not None and promised != len(entries):
        raise BadList(f"it promises {promised} entries and has {len(entries)}")
    if any(len(entry.uid) > LONGEST_UID for entry in entries):
        raise BadList(f"one of its numbers has more than {LONGEST_UID} signs")
    twice = len(entries) - len({entry.uid for entry in entries})
    if twice:
        raise BadList(f"{twice} of its numbers are used twice")
    return ListFile(published_on, tuple(entries))
