"""Other terms for a loan that runs, by two people: more time, a pause, another rate, arrears spread over what is left.

The schedule before stays beside the new one. Nothing moves in the books: what is owed is owed on other days. A loan
that was late keeps its class until it was paid on time for long enough (`AgeingRule.cure_days`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, locks
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.lending import owed, planning, policies
from apps.lending.errors import BadTerm, NothingOwed
from apps.lending.models import Instalment, InterestMethod, Loan, LoanStatus, Schedule, Why
from apps.lending.operations.repay import lock
from apps.lending.operations.schedules import Carried, keep, paid_ahead, unasked_minor
from apps.users.models import User

RESTRUCTURE = "lending.restructure"
MOST_PERIODS = 60
KINDS = (Why.RESCHEDULED, Why.MORATORIUM, Why.REAGED, Why.NEW_RATE)


@transaction.atomic
def ask_restructure(
    *, loan: Loan, why: str, periods: int = 0, rate: Decimal | None = None, reason: str, by: User, at: datetime
) -> Approval:
    """Ask for other terms; another officer decides, within their own limit. `periods`: instalments more, or without
    principal; `rate`: as the product's. Raises NotAllowed, NothingOwed, BadTerm, Conflict while another request waits.
    """
    policies.require_may_look(by, loan)
    _require_sound(loan, why, periods, rate)
    subject = f"loan/{loan.pk}"
    locks.in_turn(f"{RESTRUCTURE}/{loan.pk}")  # of two who ask at once one waits
    if Approval.objects.filter(kind=RESTRUCTURE, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("A request about this loan waits for a second person already. Nothing was changed."))
    payload = {"loan": loan.pk, "why": why, "periods": periods, "rate": None if rate is None else f"{rate:f}"}
    return approvals.ask(
        kind=RESTRUCTURE,
        subject=subject,
        payload=payload,
        reason=reason,
        by=by,
        at=at,
        amount=loan.principal_left,
        before={"days_past_due": loan.days_past_due, "last_due_on": str(loan.last_due_on), "rate": f"{loan.rate:f}"},
        after={"why": str(Why(why).label), "periods": periods, "rate": payload["rate"]},
    )


@transaction.atomic
def run_restructure(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises NotAllowed, NothingOwed, BadTerm."""
    held = lock([payload["loan"]])[payload["loan"]]
    loan, on = held.loan, local_date(at)
    policies.require_may_look(checker, loan)
    rate = Decimal(payload["rate"]) if payload["rate"] else None
    _require_sound(loan, payload["why"], payload["periods"], rate)
    schedule = _renew(loan, held.rows, Why(payload["why"]), payload["periods"], rate, on, checker, at)
    overdue = [row for row in Instalment.objects.unpaid().filter(loan=loan) if row.due_on < on]
    changes: dict[str, Any] = {
        "is_restructured": True,
        "arrears_minor": sum(row.left_minor for row in overdue),
        "days_past_due": (on - overdue[0].due_on).days if overdue else 0,
    }
    if late := max(loan.held_at_days, loan.days_past_due):
        changes |= {"held_at_days": late, "on_time_since": on}
    if rate is not None:
        changes["rate"] = rate
    Loan.objects.filter(pk=loan.pk).update(**changes)
    facts = {"why": payload["why"], "version": schedule.version, "last_due_on": str(loan.last_due_on)}
    audit_trail.record("lending.loan.restructured", on=loan, by=checker, at=at, after=facts)
    return facts


def _require_sound(loan: Loan, why: str, periods: int, rate: Decimal | None) -> None:
    if loan.status != LoanStatus.ACTIVE:
        raise NothingOwed(_("This loan is not running. Nothing was changed."))
    if why not in KINDS:
        raise BadTerm(_("Choose what should change. Nothing was changed."))
    if why == Why.NEW_RATE:
        if rate is None or not 0 <= rate < 1:
            raise BadTerm(_("A rate is a share from 0 to 1. Nothing was changed."))
        if loan.terms.interest_method == InterestMethod.FLAT:
            raise NotAllowed(_("Flat interest was agreed in full, so its rate does not change."))
    elif not 0 <= periods <= MOST_PERIODS or (why in (Why.RESCHEDULED, Why.MORATORIUM) and not periods):
        raise BadTerm(_("Say how many instalments, from 1 to %(most)s. Nothing was changed.") % {"most": MOST_PERIODS})


def _renew(
    loan: Loan,
    rows: list[Instalment],
    why: Why,
    periods: int,
    rate: Decimal | None,
    on: date,
    by: User,
    at: datetime,
) -> Schedule:
    """Rows that fell due stay, those to come are planned anew; a new rate begins after the running period."""
    last_kept = on if why != Why.NEW_RATE else min([row.due_on for row in rows if row.due_on > on], default=on)
    kept = [row for row in rows if row.settled_on or row.due_on <= last_kept]
    ahead = [row for row in rows if row not in kept]
    if why == Why.NEW_RATE and not ahead:
        raise BadTerm(_("No instalment is left that another rate could change. Nothing was changed."))
    put_off, moved = unasked_minor(kept), _Moved()
    if why == Why.REAGED:
        kept = [moved.off(row, on) for row in kept]
    starts = ahead[0].starts_on if ahead else max([on, *(row.due_on for row in kept)])
    anew = _Anew(loan, kept, ahead, moved, starts, _dates(loan, ahead, starts, periods if why != Why.NEW_RATE else 0))
    if not anew.coming + moved.principal:
        raise BadTerm(_("Nothing is left that could be spread over other days. Nothing was changed."))
    if loan.terms.interest_method == InterestMethod.FLAT:
        plan, head, carried = anew.flat(put_off, on)
    elif anew.coming and moved.principal and starts < on:
        plan, head, carried = anew.from_today(on)
    else:
        plan, head, carried = anew.from_start(on, rate, pause=periods if why == Why.MORATORIUM else 0)
    carried = replace(carried, fee=carried.fee + moved.fee, penalty=carried.penalty + moved.penalty)
    return keep(loan, plan, why=why, by=by, at=at, kept=kept, closing=head, carried=carried)


# What is to come, a row for what was paid of it, and what comes beside it.
_Planned = tuple[planning.Plan, Instalment | None, Carried]


@dataclass(frozen=True, slots=True)
class _Anew:
    """What is left of a loan, over other days: from the start of the running period, for the past days bear what they
    bore, each day once.
    """

    loan: Loan
    kept: list[Instalment]
    ahead: list[Instalment]
    moved: "_Moved"
    starts: date
    dates: list[date]

    @property
    def coming(self) -> int:
        """Principal that is not due yet (minor units)."""
        return sum(row.principal_minor - row.paid_principal_minor for row in self.ahead)

    def _money(self, minor: int) -> Money:
        return Money(minor, self.loan.currency)

    def flat(self, put_off: int, on: date) -> _Planned:
        """Flat interest was agreed in full, what was paid of it ahead stays paid."""
        paid = sum(row.paid_interest_minor for row in self.ahead)
        plan = planning.spread_flat(
            self.loan,
            principal=self._money(self.coming + self.moved.principal),
            interest=sum(row.interest_minor for row in self.ahead) - paid - put_off,
            starts=self.starts,
            dates=self.dates,
        )
        return self._beside(plan, on, earned_minor=paid)

    def from_start(self, on: date, rate: Decimal | None, pause: int) -> _Planned:
        """All of it bears interest from the start of the running period on."""
        begun = planning.period_start(self.loan, self.dates[0]) if self.ahead else self.starts
        plan = planning.rest_of(
            self.loan,
            principal=self._money(self.coming + self.moved.principal),
            dates=self.dates,
            on=self.starts,
            running_since=min(begun, self.starts),
            passed=len(self.kept),
            rate=rate,
            pause=pause,
        )
        return self._beside(plan, on, earned_minor=0)

    def from_today(self, on: date) -> _Planned:
        """What was overdue bears interest from today on, not before; the running period is cut there."""
        plan = planning.drawn_again(
            self.loan,
            owed=self._money(self.coming),
            since=self.starts,
            more=self._money(self.moved.principal),
            dates=self.dates,
            on=on,
            passed=len(self.kept),
        )
        earned = sum(owed.earned_by(row.earned_minor, row.starts_on, row.due_on, on) for row in self.ahead)
        paid = sum(row.paid_interest_minor for row in self.ahead)
        head = paid_ahead(self.loan, self.ahead, since=self.starts, on=on, earned_minor=earned)
        rest = planning.after(plan, on=on, earned_minor=earned, paid_minor=paid)
        return rest, head, Carried.over(self.kept, self.ahead)

    def _beside(self, plan: planning.Plan, on: date, *, earned_minor: int) -> _Planned:
        head = paid_ahead(self.loan, self.ahead, since=self.starts, on=on, earned_minor=earned_minor)
        return plan, head, Carried.over([*self.kept, head] if head else self.kept, self.ahead)


def _dates(loan: Loan, ahead: Sequence[Instalment], starts: date, more: int) -> list[date]:
    dates = [row.due_on for row in ahead]
    while len(dates) < len(ahead) + max(more, 0 if ahead else 1):
        dates.append(planning.next_due(loan.terms, dates[-1] if dates else starts))
    return dates


class _Moved:
    """What re-ageing takes off overdue rows: principal into the new plan, the rest onto its first row (minor units).

    Their interest was earned and is then asked for by no row, which is what carries it over.
    """

    def __init__(self) -> None:
        self.principal = self.fee = self.penalty = 0

    def off(self, row: Instalment, on: date) -> Instalment:
        """The row as it is kept: asking for what was paid on it and no more."""
        self.principal += row.principal_minor - row.paid_principal_minor
        self.fee += row.fee_minor - row.paid_fee_minor
        self.penalty += row.penalty_minor - row.paid_penalty_minor
        row.principal_minor, row.interest_minor = row.paid_principal_minor, row.paid_interest_minor
        row.fee_minor, row.penalty_minor = row.paid_fee_minor, row.paid_penalty_minor
        row.settled_on = row.settled_on or on
        return row


__all__ = ["RESTRUCTURE", "ask_restructure", "run_restructure"]
