"""A borrower asks for more time: a task for the desk, answered by other terms (two people) or by words."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import events
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.lending import policies
from apps.lending.errors import BadTerm
from apps.lending.events import MoreTimeAnswered
from apps.lending.models import Did, Loan, LoanStatus, MoreTime, MoreTimeStatus, NextAct
from apps.lending.operations.collections.case import open_case
from apps.lending.operations.collections.log import locked, write
from apps.lending.operations.restructure import ask_restructure, run_restructure
from apps.lending.states import MORE_TIME
from apps.users.models import User

WAITS = (MoreTimeStatus.ASKED, MoreTimeStatus.PASSED_ON)


@transaction.atomic
def ask_more_time(*, loan: Loan, says: str, by: User, at: datetime) -> MoreTime:
    """Ask for more time in one's own words; while it waits, the same wish. Raises NotFound, NotLate, BadTerm."""
    policies.require_theirs(by, loan)
    if not says.strip():
        raise BadTerm(_("Say why you need more time, and how much."), errors={"says": [_("Write a few words.")]})
    case = locked(open_case(loan=loan, at=at))
    waits = MoreTime.objects.filter(loan=loan, status__in=WAITS).first()
    if waits:
        return waits
    if case.loan.status != LoanStatus.ACTIVE:
        raise IllegalMove(_("This loan was written off. Call us: we agree on a way to pay it with you."))
    row = MoreTime.objects.create(case=case, loan=case.loan, says=" ".join(says.split())[:500], asked_at=at)
    case.next_act = NextAct.ANSWER
    case.save(update_fields=["next_act"])
    write(case, Did.MORE_TIME_ASKED, by=by, at=at, note=row.says)
    return row


@transaction.atomic
def decline_more_time(*, wish: MoreTime, because: str, by: User, at: datetime) -> MoreTime:
    """Say no, with words the borrower reads. Raises NotAllowed, BadTerm, IllegalMove."""
    policies.require_may_look(by, wish.loan)
    if not because.strip():
        raise BadTerm(_("Say why: the borrower reads it."))
    case = locked(wish.case, by=by)
    if wish.status == MoreTimeStatus.PASSED_ON:
        raise IllegalMove(_("A second officer looks at other terms. Nothing was changed."))
    answer = because.strip()[:500]
    MORE_TIME.make(wish, MoreTimeStatus.DECLINED, answer=answer, answered_by=by, answered_at=at)
    write(case, Did.MORE_TIME_DECLINED, by=by, at=at, note=answer)
    _tell(wish)
    return wish


@transaction.atomic
def pass_on_more_time(
    *, wish: MoreTime, why: str, periods: int, rate: Decimal | None = None, reason: str, by: User, at: datetime
) -> Approval:
    """Ask for other terms as the answer; another officer decides. Raises NotAllowed, NothingOwed, BadTerm."""
    case = locked(wish.case, by=by)
    asked = ask_restructure(loan=case.loan, why=why, periods=periods, rate=rate, reason=reason, by=by, at=at)
    MORE_TIME.make(wish, MoreTimeStatus.PASSED_ON, approval=asked)
    write(case, Did.MORE_TIME_PASSED_ON, by=by, at=at, note=reason, why=why, periods=periods, approval=asked.pk)
    return asked


def run_and_answer(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """Other terms for a loan, approved: what restructuring does, and the answer to a wish for more time that waits."""
    facts = run_restructure(payload=payload, maker=maker, checker=checker, at=at)
    _each(payload["loan"], lambda row: _grant(row, checker, at))
    return facts


def back_to_the_desk(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """Other terms for a loan, sent back: the wish waits for another answer."""
    _each(payload["loan"], lambda row: _again(row))
    return {}


def _each(loan_id: int, act: Callable[[MoreTime], None]) -> None:
    rows = MoreTime.objects.select_related("loan__borrower", "case__loan__borrower").filter(loan_id=loan_id)
    for row in rows.filter(status__in=WAITS):
        act(row)


def _grant(row: MoreTime, by: User, at: datetime) -> None:
    MORE_TIME.make(row, MoreTimeStatus.GRANTED, answered_by=by, answered_at=at)
    write(row.case, Did.MORE_TIME_GRANTED, by=by, at=at)
    _tell(row)


def _again(row: MoreTime) -> None:
    if row.status == MoreTimeStatus.PASSED_ON:
        MORE_TIME.make(row, MoreTimeStatus.ASKED, approval=None)


def _tell(row: MoreTime) -> None:
    events.publish(
        MoreTimeAnswered(wish_id=row.pk, loan_id=row.loan_id, borrower_id=row.loan.borrower_id, status=row.status)
    )
