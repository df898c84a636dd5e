"""A case of the collections desk: opened when something is late, taken, let go, handed over, closed by itself."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.lending import owed, policies
from apps.lending.errors import BadTerm, CaseTaken, NotLate
from apps.lending.events import CaseClosed, CaseOpened
from apps.lending.models import (
    CaseStatus,
    CollectionCase,
    CollectionStage,
    Did,
    Instalment,
    Loan,
    LoanStatus,
    NextAct,
    Promise,
    PromiseStatus,
    Visit,
    VisitStatus,
)
from apps.lending.operations.collections.log import locked, write
from apps.lending.operations.recover import still_owed
from apps.lending.states import CASE, PROMISE
from apps.users.models import User
from apps.users.queries import system_user


def late_minor(loan: Loan, on: date) -> int:
    """What is due by a day and unpaid (minor units); of a loan written off all that is still owed."""
    if loan.status == LoanStatus.WRITTEN_OFF:
        return still_owed(loan).minor
    if loan.status != LoanStatus.ACTIVE:
        return 0
    return owed.due(loan, list(Instalment.objects.current().filter(loan=loan)), on).minor


@transaction.atomic
def open_case(*, loan: Loan, at: datetime) -> CollectionCase:
    """The open case of a loan; opened now when something is due and unpaid. Raises NotLate."""
    loan = (
        Loan.objects.select_related("terms", "borrower", "product")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=loan.pk)
    )
    row = CollectionCase.objects.open().filter(loan=loan).first()
    if row is None:
        on = local_date(at)
        if not late_minor(loan, on):
            raise NotLate(_("Nothing of this loan is due and unpaid. Nothing was changed."))
        is_lost = loan.status == LoanStatus.WRITTEN_OFF
        row = CollectionCase.objects.create(
            loan=loan,
            stage=CollectionStage.RECOVERY if is_lost else CollectionStage.REMIND,
            next_act=NextAct.RECOVER if is_lost else NextAct.WAIT,
            next_on=on,
            opened_on=on,
            opened_at=at,
        )
        row.loan = loan
        write(row, Did.OPENED, by=system_user(), at=at, days=loan.days_past_due, arrears=loan.arrears)
        events.publish(CaseOpened(case_id=row.pk, loan_id=loan.pk, borrower_id=loan.borrower_id))
    row.loan = loan
    return row


@transaction.atomic
def close_if_paid_up(*, loan: Loan, at: datetime) -> bool:
    """Close the open case of a loan on which nothing is late any more. Safe to call again; True when it closed one."""
    loan = Loan.objects.select_related("terms", "borrower").select_for_update(of=("self",), no_key=True).get(pk=loan.pk)
    row = CollectionCase.objects.select_for_update(no_key=True).filter(loan=loan, status=CaseStatus.OPEN).first()
    if row is None or late_minor(loan, local_date(at)):
        return False
    row.loan = loan
    _close(row, at)
    return True


def _close(row: CollectionCase, at: datetime) -> None:
    CASE.make(row, CaseStatus.CLOSED, closed_at=at)
    Visit.objects.filter(case=row, status=VisitStatus.PLANNED).update(status=VisitStatus.CANCELLED)
    write(row, Did.CLOSED, by=system_user(), at=at, loan=row.loan.status)
    events.publish(CaseClosed(case_id=row.pk, loan_id=row.loan_id, borrower_id=row.loan.borrower_id))


@transaction.atomic
def claim(*, case: CollectionCase, by: User, at: datetime) -> CollectionCase:
    """Work on a case: one officer wins, and asking again changes nothing. Raises NotAllowed, IllegalMove, CaseTaken."""
    policies.require_may_collect(by, case.loan)
    mine = CollectionCase.objects.open().filter(pk=case.pk, officer=None).update(officer=by, taken_at=at)
    case = CollectionCase.objects.shown().get(pk=case.pk)
    if mine:
        write(case, Did.TAKEN, by=by, at=at)
    elif case.status == CaseStatus.OPEN and case.officer_id != by.pk:
        raise CaseTaken(_("%(officer)s works on this case. Nothing was changed.") % {"officer": case.officer})
    return locked(case, by=by) if not mine else case


@transaction.atomic
def release(*, case: CollectionCase, by: User, at: datetime) -> CollectionCase:
    """Let a case go that one works on. Raises NotAllowed, CaseTaken, IllegalMove."""
    row = locked(case, by=by)
    if row.officer_id != by.pk:
        raise CaseTaken(_("You do not work on this case. Nothing was changed."))
    row.officer, row.taken_at = None, None
    row.save(update_fields=["officer", "taken_at"])
    write(row, Did.LET_GO, by=by, at=at)
    return row


@transaction.atomic
def hand_over(*, case: CollectionCase, to: User, note: str, by: User, at: datetime) -> CollectionCase:
    """Give a case to another officer, with a word. By who works on it, or whoever may call guarantors.

    Raises NotAllowed, CaseTaken, BadTerm, IllegalMove.
    """
    row = locked(case, by=by)
    if row.officer_id not in (None, by.pk) and not by.has_perm("lending.call_guarantors"):
        raise CaseTaken(_("Another officer works on this case. Nothing was changed."))
    try:
        policies.require_may_collect(to, row.loan)
    except NotAllowed as no:
        raise BadTerm(_("They may not work on this case. Nothing was changed.")) from no
    if not note.strip():
        raise BadTerm(_("Say a word to who goes on with it. Nothing was changed."))
    row.officer, row.taken_at = to, at
    row.save(update_fields=["officer", "taken_at"])
    write(row, Did.HANDED_OVER, by=by, at=at, note=note, to=to.pk)
    return row


@transaction.atomic
def plan_next(*, case: CollectionCase, act: str, on: date, by: User, at: datetime) -> CollectionCase:
    """Say what comes next in a case, and on which day. Raises NotAllowed, BadTerm, IllegalMove."""
    row = locked(case, by=by)
    if act not in NextAct.values or on < local_date(at):
        raise BadTerm(_("Say what comes next, and a day that is not past. Nothing was changed."))
    row.next_act, row.next_on = act, on
    row.save(update_fields=["next_act", "next_on"])
    write(row, Did.NEXT, by=by, at=at, act=act, on=on)
    return row


@transaction.atomic
def withdraw_promise(*, promise: Promise, by: User, at: datetime) -> Promise:
    """Take back a promise that was written down wrongly; the ladder goes on. Raises NotAllowed, IllegalMove."""
    case = locked(promise.case, by=by)
    PROMISE.make(promise, PromiseStatus.WITHDRAWN, decided_on=local_date(at), told_at=at)
    write(case, Did.WITHDRAWN, by=by, at=at, amount=promise.amount, due_on=promise.due_on)
    return promise
