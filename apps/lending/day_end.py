"""What lending does at the end of the bank's day, in order."""

from datetime import date, datetime

from apps.ledger import eod
from apps.lending.operations import collections
from apps.lending.operations import day as loans


def _collect(day: date, at: datetime) -> str:
    return loans.collect(day=day, at=at)


def _accrue(day: date, at: datetime) -> str:
    return loans.accrue(day=day, at=at)


def _penalise(day: date, at: datetime) -> str:
    return loans.penalise(day=day, at=at)


def _age(day: date, at: datetime) -> str:
    return loans.age(day=day, at=at)


def _provide(day: date, at: datetime) -> str:
    return loans.provide(day=day, at=at)


def _snapshot(day: date, at: datetime) -> str:
    return loans.snapshot(day=day, at=at)


def _pursue(day: date, at: datetime) -> str:
    return collections.pursue(day=day, at=at)


def register() -> None:
    """Money first, then interest, penalties, lateness and classes, provisions, the picture of the day, what is late."""
    steps = (
        ("collect", 200, _collect),
        ("accrue", 510, _accrue),
        ("penalise", 520, _penalise),
        ("age", 530, _age),
        ("provide", 540, _provide),
        ("snapshot", 550, _snapshot),
        ("pursue", 560, _pursue),
    )
    for name, order, run in steps:
        eod.register(eod.Step(name=f"lending.{name}", order=order, run=run))
