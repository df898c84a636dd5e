"""The ledger's own steps: holds that ran out, roll-ups, month-end snapshots, seals, proof."""

from datetime import date, datetime

from apps.kernel.clock import month_bounds
from apps.ledger import operations, verification
from apps.ledger.eod.registry import Step, register
from apps.ledger.eod.runner import StepFailed
from apps.ledger.events import BooksUnbalanced

BATCH = 10_000


def _expire_holds(day: date, at: datetime) -> str:
    expired = 0
    while found := len(operations.expire_holds(at=at, limit=BATCH)):
        expired += found
    return f"{expired} holds expired"


def _roll_up(day: date, at: datetime) -> str:
    return f"rolled up to transfer {operations.roll_up_days()}"


def _take_snapshots(day: date, at: datetime) -> str:
    if day != month_bounds(day)[1]:
        return "not the end of a month"
    return f"{operations.take_snapshots(as_of=day, at=at)} balances kept"


def _seal(day: date, at: datetime) -> str:
    return f"{operations.seal_up_to(at=at)} blocks sealed"


def _verify(day: date, at: datetime) -> str:
    findings = verification.verify()
    if findings:
        first = f"{findings[0].check}: {findings[0].says}"
        raise StepFailed(
            "\n".join(f"{one.check}: {one.says}" for one in findings),
            BooksUnbalanced(day=day.isoformat(), findings=len(findings), first=first),
        )
    return f"{len(verification.names())} checks, nothing found"


def register_steps() -> None:
    """Called in `AppConfig.ready()`."""
    register(Step(name="ledger.expire_holds", order=100, run=_expire_holds))
    register(Step(name="ledger.roll_up_days", order=700, run=_roll_up))
    register(Step(name="ledger.take_snapshots", order=710, run=_take_snapshots))
    register(Step(name="ledger.seal", order=900, run=_seal))
    register(Step(name="ledger.verify_books", order=990, run=_verify))
