"""Which stage of the ladder so many days late are: dated rows, each with its source."""

from datetime import date

from apps.lending.models import CollectionStep


def steps_on(day: date) -> list[tuple[int, str]]:
    """From how many days late each stage begins, on a day; the earliest first."""
    rows = CollectionStep.objects.filter(valid_from__lte=day).order_by("stage", "-valid_from").distinct("stage")
    return sorted((row.from_days, row.stage) for row in rows)


def has_reached(days_late: int, stage: str, day: date) -> bool:
    """Whether a loan so late is at a stage or beyond it."""
    return any(days_late >= begins for begins, name in steps_on(day) if name == stage)
