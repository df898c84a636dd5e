"""The audit of the books: named checks, each a set-based question whose answers are findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: `run` answers with what does not, one plain sentence each."""

    name: str
    run: Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    check: str
    says: str


_checks: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add a check, or put another in its place; called in `AppConfig.ready()`."""
    _checks[check.name] = check


def names() -> list[str]:
    """Every registered check, in the order of registration."""
    return list(_checks)


def verify(only: Iterable[str] | None = None) -> list[Finding]:
    """Run all checks, or those named; no findings say that the books are sound. Raises KeyError for an unknown name."""
    chosen = [_checks[name] for name in (only if only is not None else _checks)]
    return [Finding(check.name, says) for check in chosen for says in check.run()]
