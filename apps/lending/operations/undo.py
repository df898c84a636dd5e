"""What a loan goes back to when its newest repayment is taken back: its rows, its entries and its figures.

A version of the schedule more says what is due again; the one that was paid on stays as evidence. Interest of the days
in between comes with the next end of a day, which earns what the rows say up to then; penalties of those days do not.
"""

from datetime import date, datetime
from typing import Any

from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending.models import (
    Instalment,
    Loan,
    LoanEntry,
    LoanStatus,
    Repayment,
    RepaymentPart,
    RepaymentReversal,
    Schedule,
    Side,
    Tranche,
    TrancheStatus,
    Why,
)
from apps.lending.operations import books
from apps.lending.operations.repay import Locked
from apps.lending.operations.schedules import keep
from apps.lending.rules import arrears
from apps.lending.states import LOAN
from apps.users.models import User

_KINDS = ("principal", "interest", "fee", "penalty")


def is_newest_schedule(loan: Loan, row: Repayment) -> bool:
    """Whether the schedule that counts is the one `row` left behind, changes that were undone since aside."""
    left_behind = row.stood["version"] + row.stood["renews"]
    rows = RepaymentReversal.objects.filter(loan=loan, version__isnull=False).select_related("repayment")
    undone = {one.version: one.repayment.stood["version"] for one in rows}
    version = loan.version
    while version != left_behind and version in undone:
        version = undone[version]
    return bool(version == left_behind)


def undo(held: Locked, row: Repayment, *, transfer_id: int, by: User, at: datetime) -> Schedule:
    """Make a loan owe again what `row` paid, `transfer_id` being the mirror in the books; under the caller's locks."""
    loan, on = held.loan, local_date(at)
    due_now = loan.interest_accrued_minor - loan.interest_paid_minor
    back = _entries_back(loan, row, transfer_id, on)
    terms = Schedule.objects.get(loan=loan, version=row.stood["version"]).terms
    rows = _rows_before(held, row)
    made = keep(loan, None, why=Why.TAKEN_BACK, by=by, at=at, kept=rows, terms=terms, note=row.reference)
    figures = _figures(loan, row, due_now + back, rows, on)
    if loan.status == LoanStatus.PAID:
        planned = Tranche.objects.filter(loan=loan, status=TrancheStatus.CANCELLED, over_at=loan.over_at)
        planned.update(status=TrancheStatus.PLANNED, over_at=None)
        LOAN.make(loan, LoanStatus.ACTIVE, over_at=None, **figures)
    else:
        Loan.objects.filter(pk=loan.pk).update(**figures)
        for name, value in figures.items():
            setattr(loan, name, value)
    if loan.is_non_accrual:
        _suspend(loan, row, at)
    return made


def _entries_back(loan: Loan, row: Repayment, transfer_id: int, on: date) -> int:
    """The mirror of what the repayment did to the loan; answers the interest that is receivable again."""
    rows = list(LoanEntry.objects.filter(loan=loan, transfer_id=row.transfer_id))
    again = [(loan.pk, one.side, Money(-one.amount_minor, loan.currency)) for one in rows]
    books.write(again, transfer_id=transfer_id, on=on, what="REPAYMENT_BACK")
    return -sum(one.amount_minor for one in rows if one.side == Side.INTEREST)


def _rows_before(held: Locked, row: Repayment) -> list[Instalment]:
    """The instalments without what `row` paid on them; penalties that were charged since stay, on the same dates."""
    parts = list(RepaymentPart.objects.filter(repayment=row).select_related("instalment"))
    if not row.stood["renews"]:
        return _without(held.rows, parts)
    closing = max(part.instalment.number for part in parts)  # the row of that day, which no version before had
    rows = Instalment.objects.filter(loan=held.loan, schedule__version=row.stood["version"]).order_by("number")
    before = _without(list(rows), [part for part in parts if part.instalment.number < closing])
    for late in held.rows:
        if late.number > closing and late.penalty_minor:
            _same_date(before, late).penalty_minor += late.penalty_minor
    return before


def _without(rows: list[Instalment], parts: list[RepaymentPart]) -> list[Instalment]:
    by_number = {row.number: row for row in rows}
    for part in parts:  # a repayment pays only rows that were open
        row = by_number[part.instalment.number]
        row.settled_on = None
        for kind in _KINDS:
            paid = f"paid_{kind}_minor"
            setattr(row, paid, getattr(row, paid) - getattr(part, f"{kind}_minor"))
    return rows


def _same_date(rows: list[Instalment], late: Instalment) -> Instalment:
    unpaid = [row for row in rows if row.settled_on is None]
    return next((row for row in unpaid if row.due_on == late.due_on), unpaid[0])


def _figures(loan: Loan, row: Repayment, interest_due: int, rows: list[Instalment], on: date) -> dict[str, Any]:
    """The loan's own figures, as its entries and rows say them now."""
    was = row.stood
    unpaid = [one for one in rows if one.settled_on is None]
    late = sum(one.left_minor for one in unpaid if one.due_on < on)
    figures = {
        "principal_left_minor": loan.principal_left_minor + row.principal_minor,
        "interest_paid_minor": was["interest_paid"],
        "interest_accrued_minor": was["interest_paid"] + interest_due,
        "interest_suspended_minor": loan.interest_suspended_minor + was["suspended_paid"],
        "charges_left_minor": loan.charges_left_minor + row.charges_minor,
        "paid_minor": loan.paid_minor - row.amount_minor,
        "arrears_minor": late,
        "days_past_due": arrears.days_past_due(((one.due_on, one.left_minor) for one in unpaid), on),
        "penalised_through": max(loan.penalised_through or on, on),
    }
    return figures | _non_performing(loan, row) | _held(was, on if late else None)


def _non_performing(loan: Loan, row: Repayment) -> dict[str, Any]:
    """Where in duplum counts from: as it was then; or from the principal that was truly owed when it began since."""
    was = row.stood
    if was["owed_when_non_performing"] is not None:
        return {
            "is_non_accrual": was["is_non_accrual"],
            "owed_when_non_performing_minor": was["owed_when_non_performing"],
            "paid_since_non_performing_minor": was["paid_since_non_performing"],
        }
    if loan.owed_when_non_performing_minor is not None:
        return {"owed_when_non_performing_minor": loan.owed_when_non_performing_minor + row.principal_minor}
    return {}


def _held(was: dict[str, Any], late_on: date | None) -> dict[str, Any]:
    """A class that was held is held again; days on which the loan was late after all do not cure it."""
    if not was["held_at_days"]:
        return {}
    return {
        "held_at_days": was["held_at_days"],
        "on_time_since": late_on or date.fromisoformat(was["on_time_since"]),
    }


def _suspend(loan: Loan, row: Repayment, at: datetime) -> None:
    """Interest of a loan on which income stopped is noted, not earned; at most what in duplum leaves room for."""
    due = Money(loan.interest_accrued_minor - loan.interest_paid_minor, loan.currency)
    if not due:
        return
    posted = ledger.post(
        reference=f"loan/{loan.pk}/taken-back/{row.reference}/suspended",
        kind="INTEREST_SUSPENDED",
        narrative=f"Interest of loan {loan.reference} no longer earned",
        legs=[
            ledger.debit(ledger.gl("loans:interest", loan.currency), due),
            ledger.credit(books.account_of(Side.INTEREST, loan.currency), due),
        ],
        at=at,
    )
    on = local_date(at)
    books.write([(loan.pk, Side.INTEREST, -due)], transfer_id=posted.transfer_id, on=on, what="INTEREST_SUSPENDED")
    noted = due.minor
    if loan.terms.in_duplum and loan.owed_when_non_performing_minor is not None:
        counted = loan.paid_since_non_performing_minor + loan.charges_left_minor + loan.interest_suspended_minor
        noted = min(noted, max(loan.owed_when_non_performing_minor - counted, 0))
    loan.interest_accrued_minor = loan.interest_paid_minor
    loan.interest_suspended_minor += noted
    loan.save(update_fields=["interest_accrued_minor", "interest_suspended_minor"])
