"""Loans paid out in parts: planned before they are decided, each paid out once, what nobody asks for lapses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import AccountStatus, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.bigint import bigint
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.money import Money, total
from apps.ledger import operations as ledger
from apps.lending import offers, owed, planning, policies
from apps.lending.errors import BadTerm, NotEligible, NothingOwed, OfferOver
from apps.lending.events import PartPaidOut
from apps.lending.models import Loan, LoanStatus, Side, Tranche, TrancheStatus, Why
from apps.lending.operations import books
from apps.lending.operations.repay import Locked, lock
from apps.lending.operations.schedules import Carried, keep, paid_ahead
from apps.lending.operations.settle import passed_of
from apps.lending.operations.switch import require_on
from apps.lending.states import TRANCHE
from apps.users.models import User
from apps.users.queries import system_user


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is planned: its day, and what must be there first."""

    amount: Money
    on: date
    milestone: str = ""


@transaction.atomic
def plan_parts(*, loan: Loan, parts: Sequence[Part], by: User, at: datetime) -> list[Tranche]:
    """Say in which parts an application is to be paid out, before it is decided; said again, the newest words count.

    Raises NotFound, NotAllowed, IllegalMove, BadTerm.
    """
    if by.pk == loan.borrower_id:
        policies.require_theirs(by, loan)
    else:
        policies.require_may_look(by, loan)
    loan = Loan.objects.shown().select_for_update(of=("self",), no_key=True).get(pk=loan.pk)
    if loan.status not in (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW):
        raise IllegalMove(_("This loan is decided already. Nothing was changed."))
    _require_sound(loan, parts, local_date(at))
    Tranche.objects.filter(loan=loan).delete()
    rows = Tranche.objects.bulk_create(
        Tranche(
            loan=loan,
            number=number,
            currency=loan.currency,
            amount_minor=part.amount.minor,
            planned_on=part.on,
            milestone=" ".join(part.milestone.split())[:120],
            made_by=by,
            made_at=at,
        )
        for number, part in enumerate(parts, start=1)
    )
    shown = offers.of_loan(loan, local_date(at))
    Loan.objects.filter(pk=loan.pk).update(cost_minor=shown.cost.minor, apr_pct=shown.apr_pct)
    said = [{"amount": str(part.amount), "on": str(part.on), "milestone": part.milestone} for part in parts]
    audit_trail.record("lending.parts.planned", on=loan, by=by, at=at, customer=loan.borrower, after={"parts": said})
    return rows


def _require_sound(loan: Loan, parts: Sequence[Part], today: date) -> None:
    most = loan.terms.most_parts
    if not 1 < len(parts) <= most:
        raise BadTerm(
            _("This loan is paid out in up to %(most)s parts. Nothing was changed.") % {"most": most}
            if most > 1
            else _("This loan is paid out at once. Nothing was changed.")
        )
    if any(part.amount.minor <= 0 or part.amount.currency != loan.currency for part in parts):
        raise BadTerm(_("Each part is more than zero, in the currency of the loan. Nothing was changed."))
    if total((part.amount for part in parts), loan.currency) != loan.principal:
        raise BadTerm(_("The parts must add up to %(principal)s. Nothing was changed.") % {"principal": loan.principal})
    days = [part.on for part in parts]
    if days != sorted(days) or days[0] < today:
        raise BadTerm(_("The parts stand in the order of their days, none in the past. Nothing was changed."))


def first_plan(loan: Loan, offer: offers.Offer) -> planning.Plan:
    """The schedule of what goes out at once: interest is on that alone."""
    if not offer.parts:
        return offer.plan
    inputs = planning.inputs_of(
        loan.terms, principal=offer.parts[0].amount, periods=loan.periods, rate=loan.rate, disbursed=offer.disbursed
    )
    return planning.solve(inputs, loan.currency)


def note_first(loan: Loan, transfer: int, *, by: User, at: datetime) -> None:
    """The first part went out with the loan."""
    first = Tranche.objects.planned().filter(loan=loan)[0]
    TRANCHE.make(first, TrancheStatus.PAID, paid_by=by, paid_at=at, transfer_id=transfer)


@transaction.atomic
def pay_out_part(*, tranche: Tranche, by: User, at: datetime) -> Tranche:
    """Pay out the next part of a running loan, once: one that was paid out is returned as it is. The schedule is made
    anew; the one before stays.

    Raises NotAllowed, LendingStopped, NothingOwed, IllegalMove, OfferOver, NotEligible, BadTerm.
    """
    policies.require_may_disburse(by, Loan.objects.select_related("borrower").get(pk=tranche.loan_id))
    require_on()
    held = lock([tranche.loan_id])[tranche.loan_id]
    tranche = Tranche.objects.select_for_update(of=("self",)).get(pk=tranche.pk)
    if tranche.status == TrancheStatus.PAID:
        return tranche
    _require_ready(held, tranche, local_date(at))
    loan, on = held.loan, local_date(at)
    transfer = _post(held, tranche, at)
    _plan_anew(held, tranche.amount, on, by, at)
    loan.principal_left_minor += tranche.amount_minor
    loan.save(update_fields=["principal_left_minor"])
    TRANCHE.make(tranche, TrancheStatus.PAID, paid_by=by, paid_at=at, transfer_id=transfer)
    books.write([(loan.pk, Side.PRINCIPAL, tranche.amount)], transfer_id=transfer, on=on, what="DISBURSEMENT")
    facts = {"part": tranche.number, "amount": str(tranche.amount), "version": loan.version}
    audit_trail.record("lending.part.paid_out", on=loan, by=by, at=at, customer=loan.borrower, after=facts)
    told: dict[str, Any] = {"loan_id": loan.pk, "borrower_id": loan.borrower_id, "minor": tranche.amount_minor}
    events.publish(PartPaidOut(tranche_id=tranche.pk, currency=loan.currency, **told))
    return tranche


def _require_ready(held: Locked, tranche: Tranche, on: date) -> None:
    loan = held.loan
    if tranche.status != TrancheStatus.PLANNED:
        raise IllegalMove(_("This part is not paid out any more. No money moved."))
    if loan.status != LoanStatus.ACTIVE:
        raise NothingOwed(_("This loan is not running. No money moved."))
    if (on - tranche.planned_on).days > loan.terms.part_days:
        raise OfferOver(_("The time for this part is over. No money moved."))
    if on < tranche.planned_on:
        raise NotEligible(_("This part is planned for %(day)s. No money moved.") % {"day": tranche.planned_on})
    if Tranche.objects.planned().filter(loan=loan, number__lt=tranche.number).exists():
        raise NotEligible(_("Another part comes before this one. No money moved."))
    if any(row.settled_on is None and row.due_on < on for row in held.rows):
        raise NotEligible(_("This loan is late. No money moved. What is due is paid first."))
    if not any(row.due_on > on for row in held.rows):
        raise NotEligible(_("The last instalment is due already. No money moved."))
    if held.account.status != AccountStatus.ACTIVE:
        raise BadTerm(_("The account for this loan is not open. No money moved."))


def _post(held: Locked, tranche: Tranche, at: datetime) -> int:
    loan, amount = held.loan, tranche.amount
    with translation.override(loan.borrower.language):
        words = translation.gettext("Loan %(reference)s, part %(number)s") % {
            "reference": loan.reference,
            "number": tranche.number,
        }
    lines = accounts.post(
        reference=f"loan/{loan.pk}/part/{tranche.number}",
        kind=TransactionType.DISBURSEMENT.value,
        narrative=f"Part {tranche.number} of loan {loan.reference}",
        movements=[accounts.into(held.account, amount, words, counterparty=str(loan.product))],
        legs=[ledger.debit(books.account_of(Side.PRINCIPAL, loan.currency), amount)],
        at=at,
        receipt=f"{loan.reference}-{tranche.number}",
    )
    return int(lines[0].transfer_id)


def _plan_anew(held: Locked, more: Money, on: date, by: User, at: datetime) -> None:
    """Rows that fell due stay. The running period is cut at this day, so that the days before bear what they bore: its
    first piece keeps what was paid ahead and asks for nothing else, its interest is asked for with the second.
    """
    loan = held.loan
    kept = [row for row in held.rows if row.due_on <= on or (row.settled_on and row.starts_on < on)]
    ahead = [row for row in held.rows if row not in kept]
    back = sum(row.paid_principal_minor for row in ahead)
    paid = sum(row.paid_interest_minor for row in ahead)
    since = min(ahead[0].starts_on, on)
    earned = sum(owed.earned_by(row.earned_minor, row.starts_on, row.due_on, on) for row in ahead)
    carried = Carried.over(kept, ahead)
    owes = Money(sum(row.principal_minor for row in ahead) - back, loan.currency)
    plan = planning.drawn_again(
        loan,
        owed=owes,
        since=since if owes else on,
        more=more,
        dates=[row.due_on for row in ahead],
        on=on,
        passed=passed_of(loan, ahead),
    )
    head = paid_ahead(loan, ahead, since=since, on=on, earned_minor=earned)
    if head:
        head.balance_minor += more.minor
    rest = planning.after(plan, on=on, earned_minor=earned, paid_minor=paid)
    keep(loan, rest, why=Why.DRAWN, by=by, at=at, kept=kept, closing=head, carried=carried)


@transaction.atomic
def cancel_parts(*, loan: Loan, by: User, at: datetime) -> int:
    """Give up what was not paid out yet: nothing of it is owed, and the loan is smaller by it. Answers how many parts.

    Raises NotFound, NotAllowed.
    """
    if by.pk == loan.borrower_id:
        policies.require_theirs(by, loan)
    else:
        policies.require_may_disburse(by, loan)
    held = lock([loan.pk])[loan.pk]
    if held.loan.status != LoanStatus.ACTIVE:
        raise NotAllowed(_("This loan is not running. Nothing was changed."))
    return _ended(list(Tranche.objects.planned().filter(loan=loan)), TrancheStatus.CANCELLED, by, at)


@transaction.atomic
def lapse_parts(*, at: datetime) -> int:
    """Parts whose time is over are not paid out any more. Safe to run twice."""
    today = local_date(at)
    running = Tranche.objects.planned().filter(loan__status=LoanStatus.ACTIVE, planned_on__lt=today)
    late = [
        row.loan_id
        for row in running.select_related("loan__terms")
        if (today - row.planned_on).days > row.loan.terms.part_days
    ]
    lock(sorted(set(late)))
    rows = Tranche.objects.planned().filter(loan_id__in=late).select_related("loan__terms")
    over = [row for row in rows if (today - row.planned_on).days > row.loan.terms.part_days]
    return _ended(over, TrancheStatus.LAPSED, system_user(), at)


def _ended(rows: Sequence[Tranche], to: TrancheStatus, by: User, at: datetime) -> int:
    for row in rows:
        TRANCHE.make(row, to, over_at=at)
        Loan.objects.filter(pk=row.loan_id).update(principal_minor=F("principal_minor") - bigint(row.amount_minor))
        facts = {"part": row.number, "amount": str(row.amount)}
        audit_trail.record(f"lending.part.{to.lower()}", on=row.loan, by=by, at=at, after=facts)
    return len(rows)
