"""What the end of a day does to all loans at once: set-based, each step once a day however often it is asked."""

from apps.lending.operations.day.accrue import accrue
from apps.lending.operations.day.age import age
from apps.lending.operations.day.collect import collect, collect_from, due_of, pay_due
from apps.lending.operations.day.penalise import penalise
from apps.lending.operations.day.provide import provide, snapshot

__all__ = ["accrue", "age", "collect", "collect_from", "due_of", "pay_due", "penalise", "provide", "snapshot"]
