"""The steps of a day's end, registered by the apps that take part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `run(day, at)` does the work of `day`, once or again with the same result, and may say what it did.

    It runs in a transaction of its own, in the order of `order` (100: money comes and goes, 500: figures, 900: proof).
    """

    name: str
    order: int
    run: Callable[[date, datetime], str | None]


_steps: dict[str, Step] = {}


def register(step: Step) -> None:
    """Add a step, or put another in its place; called in `AppConfig.ready()`."""
    _steps[step.name] = step


def steps() -> list[Step]:
    """All steps in their order."""
    return sorted(_steps.values(), key=lambda step: (step.order, step.name))
