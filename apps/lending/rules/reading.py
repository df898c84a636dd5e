"""JSON read with suspicion: every field named, every value of its kind, nothing left over."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from apps.lending.rules.errors import BadTerms

NUMBER = re.compile(r"\d{1,30}(\.\d{1,30})?", re.ASCII)
FRACTION = re.compile(r"(\d{1,30}(?:\.\d{1,30})?)(?:/(\d{1,30}(?:\.\d{1,30})?))?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOST = 1_000_000  # of any count

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")
Default = TypeVar("Default")


class Fields:
    """The members of one JSON object; `done` refuses what nobody asked for. `name` is where it stands, for people."""

    def __init__(self, given: object, name: str) -> None:
        if not isinstance(given, Mapping):
            raise BadTerms("bad_value", f"{name}: an object, not {_shown(given)}.")
        self.given: Mapping[str, Any] = given
        self.name = name
        self.asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether it is there."""
        self.asked.add(key)
        return key in self.given

    def take(self, key: str, read: Callable[[object, str], Value], default: Default) -> Value | Default:
        """A member read, or its default when it is absent. null is not absent."""
        return read(self.given[key], f"{self.name}.{key}") if self.has(key) else default

    def need(self, key: str, read: Callable[[object, str], Value]) -> Value:
        """A member that must be there."""
        if not self.has(key):
            raise BadTerms("missing", f"{self.name}.{key}: is missing.")
        return read(self.given[key], f"{self.name}.{key}")

    def done(self) -> None:
        """Raises BadTerms for members that mean nothing here."""
        unknown = [key for key in self.given if key not in self.asked]
        if unknown:
            raise BadTerms("unknown_field", f"{self.name}: unknown field {_shown(unknown[0])}.")


def number(given: object, name: str) -> Decimal:
    """A decimal written as text in plain digits: no float, no exponent, no sign."""
    if not isinstance(given, str) or not NUMBER.fullmatch(given):
        raise BadTerms("bad_number", f'{name}: digits as text, like "12.50", not {_shown(given)}.')
    return Decimal(given)


def fraction(given: object, name: str) -> Fraction:
    """A fraction written as text: "19/30", "0.5", "12"."""
    match = FRACTION.fullmatch(given) if isinstance(given, str) else None
    if match is None or (match[2] is not None and not Fraction(match[2])):
        raise BadTerms("bad_number", f'{name}: a fraction as text, like "19/30", not {_shown(given)}.')
    return Fraction(match[1]) / Fraction(match[2] or 1)


def count(given: object, name: str) -> int:
    """A whole number from 0; true and 1.0 are none."""
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MOST:
        raise BadTerms("bad_count", f"{name}: a whole number from 0, not {_shown(given)}.")
    return given


def flag(given: object, name: str) -> bool:
    """true or false."""
    if not isinstance(given, bool):
        raise BadTerms("bad_value", f"{name}: true or false, not {_shown(given)}.")
    return given


def day(given: object, name: str) -> date:
    """A date, YYYY-MM-DD."""
    if isinstance(given, str) and DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise BadTerms("bad_date", f"{name}: a date like 2026-02-28, not {_shown(given)}.")


def one_of(choices: type[Choice]) -> Callable[[object, str], Choice]:
    """A word of a list."""

    def read(given: object, name: str) -> Choice:
        if isinstance(given, str) and given in {choice.value for choice in choices}:
            return choices(given)
        raise BadTerms("unknown_value", f"{name}: one of {', '.join(choices)}, not {_shown(given)}.")

    return read


def many(read: Callable[[object, str], Value]) -> Callable[[object, str], tuple[Value, ...]]:
    """A list of things, each read the same way."""

    def read_all(given: object, name: str) -> tuple[Value, ...]:
        if not isinstance(given, list):
            raise BadTerms("bad_value", f"{name}: a list, not {_shown(given)}.")
        return tuple(read(one, f"{name}[{nth}]") for nth, one in enumerate(given))

    return read_all


def _shown(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
