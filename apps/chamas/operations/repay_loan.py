"""A loan of the group paid back: interest to what the group earned, principal to the pot, fines for what is late."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.events import FineGiven
from apps.chamas.models import EntryKind, FundKind, GroupLoan, GroupLoanRow, GroupLoanStatus, GroupRepayment
from apps.chamas.operations import books
from apps.chamas.operations.books import Change
from apps.chamas.operations.group_loans import write_rows
from apps.chamas.policies import NOT_THERE
from apps.chamas.references import new_receipt
from apps.chamas.rules import loan as rules
from apps.chamas.states import GROUP_LOAN
from apps.kernel import events
from apps.kernel.bigint import bigint
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.users.models import User
from apps.users.queries import system_user


def open_rows(loan: GroupLoan) -> list[rules.Open]:
    """The instalments with what is open of them, and the day each month began."""
    rows, starts = [], local_date(loan.paid_out_at) if loan.paid_out_at else date.min
    for row in loan.rows.order_by("number"):
        principal, interest = (
            row.principal_minor - row.paid_principal_minor,
            row.interest_minor - row.paid_interest_minor,
        )
        rows.append(rules.Open(row.number, row.due_on, starts, principal, interest))
        starts = row.due_on
    return rows


def interest_until(loan: GroupLoan, day: date) -> int:
    """Interest owed by a day (minor units)."""
    return rules.interest_until(open_rows(loan), on=day)


def owed_on(loan: GroupLoan, day: date) -> Money:
    """All that a loan takes to be over on a day: what is left, and the interest of every month that has begun; of one
    that was written off, what the group lost and did not get back.
    """
    if loan.status == GroupLoanStatus.WRITTEN_OFF:
        return loan.not_back
    return Money(loan.left_minor + interest_until(loan, day), loan.currency)


def next_instalment(loan: GroupLoan, *, at: datetime) -> Money:
    """What is open of the oldest instalment, never more than all that is owed today; all of a loan written off."""
    if loan.status == GroupLoanStatus.WRITTEN_OFF:
        return owed_on(loan, local_date(at))
    first = next((row.open_minor for row in loan.rows.order_by("number") if row.open_minor), 0)
    return min(Money(first, loan.currency), owed_on(loan, local_date(at)))


@transaction.atomic
def repay_loan(
    *,
    loan: GroupLoan,
    amount: Money,
    key: str,
    by: User,
    at: datetime,
    from_account: Account | None = None,
    legs: Sequence[Any] = (),
) -> GroupRepayment:
    """Pay back from an account of the borrower, or of `legs` in the books by whom ever; once per `key`.

    Principal goes to the pot, interest to what was earned. More than an instalment lowers those to come. What comes
    back of a loan that was written off is earned together, until all that was lost is back. Raises NotFound,
    Invalid for more than is owed, AlreadyDone, and what posting raises.
    """
    payer = from_account or loan.member.account
    if not legs and not by.is_service and loan.member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    _require_amount(loan, payer, amount)
    movements = [] if legs else [accounts.out_of(payer, amount, loan.group.name, category="group")]
    accounts.lock(movements, with_siblings=False)
    books.kept_open(loan.group)
    rows_held = GroupLoan.objects.select_for_update(of=("self",), no_key=True)
    held = rows_held.select_related("member__user", "group").get(pk=loan.pk)
    earlier = GroupRepayment.objects.filter(loan=held, key=key[:120]).first()
    if earlier is not None:
        return earlier
    taken = _Taken(held, amount, key, movements, legs, by, at)
    if held.status == GroupLoanStatus.WRITTEN_OFF:
        return _recover(taken)
    if held.status != GroupLoanStatus.ACTIVE:
        raise AlreadyDone(_("Nothing is owed on this loan. No money moved."))
    rows, today = open_rows(held), local_date(at)
    parts, rest = rules.pay(amount.minor, rows, on=today)
    if rest > sum(row.principal for row in rules.to_come(rows, on=today)):
        raise _too_much()
    interest = sum(part.interest for part in parts)
    changes = [
        Change(FundKind.LOANS, Money(amount.minor - interest, held.currency), held.member),
        Change(FundKind.RESERVE, Money(interest, held.currency), held.member, EntryKind.LOAN_INTEREST),
    ]
    repaid = _booked(taken, [change for change in changes if change.amount], interest)
    take(held, parts, rest, rows, today, at)
    return repaid


@dataclass(frozen=True, slots=True)
class _Taken:
    """A payment under way: for which locked loan, how much, and whose money it is."""

    loan: GroupLoan
    amount: Money
    key: str
    movements: Sequence[accounts.Movement]
    legs: Sequence[Any]
    by: User
    at: datetime


def _recover(taken: _Taken) -> GroupRepayment:
    """What comes back of a loan that was written off, at most what was lost. Raises Invalid, AlreadyDone."""
    loan, amount = taken.loan, taken.amount
    if loan.recovered_minor == loan.written_off_minor:
        raise AlreadyDone(_("Nothing is owed on this loan. No money moved."))
    if amount > loan.not_back:
        raise _too_much()
    change = Change(FundKind.RESERVE, amount, loan.member, EntryKind.LOAN_RECOVERY)
    repaid = _booked(taken, [change], 0)
    GroupLoan.objects.filter(pk=loan.pk).update(recovered_minor=F("recovered_minor") + bigint(amount.minor))
    return repaid


def _booked(taken: _Taken, changes: list[Change], interest: int) -> GroupRepayment:
    loan, amount = taken.loan, taken.amount
    moved = books.move(
        group=loan.group,
        changes=changes,
        kind=EntryKind.LOAN_REPAYMENT,
        line=TransactionType.CONTRIBUTION,
        reference=f"chama/{loan.group_id}/repaid/{loan.pk}/{taken.key[:80]}",
        quoted=new_receipt(),
        action="chamas.loan.repaid",
        movements=taken.movements,
        legs=taken.legs,
        by=taken.by,
        at=taken.at,
    )
    return GroupRepayment.objects.create(
        loan=loan,
        amount_minor=amount.minor,
        currency=amount.currency,
        interest_minor=interest,
        key=taken.key[:120],
        transfer_id=moved[0].transfer_id,
        at=taken.at,
    )


def _too_much() -> Invalid:
    return Invalid(_("That is more than is owed. No money moved."), errors={"amount": ["too_much"]})


def _require_amount(loan: GroupLoan, payer: Account, amount: Money) -> None:
    if payer.owner_id != loan.member.user_id or amount.minor <= 0 or amount.currency != loan.currency:
        raise Invalid(_("Write an amount of more than zero. No money moved."), errors={"amount": ["not_positive"]})


def take(
    loan: GroupLoan, parts: list[rules.Paid], rest: int, rows: list[rules.Open], today: date, at: datetime
) -> None:
    """Write down on a locked loan that runs what `parts` and the rest (minor units) paid of it."""
    for part in parts:
        GroupLoanRow.objects.filter(loan=loan, number=part.number).update(
            paid_principal_minor=F("paid_principal_minor") + bigint(part.principal),
            paid_interest_minor=F("paid_interest_minor") + bigint(part.interest),
        )
    left = loan.left_minor - sum(part.principal for part in parts) - rest
    coming = rules.to_come(rows, on=today)
    if left == 0:  # interest is paid before principal, so none of it is open either
        close(loan, at)
        return
    GroupLoan.objects.filter(pk=loan.pk).update(left_minor=left)
    if rest and coming:
        loan.rows.filter(number__gte=coming[0].number).delete()
        still = sum(row.principal for row in coming) - rest
        if still:
            plan = rules.instalments(still, rate_bps=loan.rate_bps, months=len(coming), on=coming[0].starts_on)
            # The days stay as agreed: counted anew from 28 February, what was due on the 31st would fall on the 28th.
            kept = [replace(row, due_on=before.due_on) for row, before in zip(plan, coming, strict=False)]
            write_rows(loan, kept, after=coming[0].number - 1)


def close(loan: GroupLoan, at: datetime) -> None:
    """Nothing is owed any more: what was planned and not begun falls away; within the caller's transaction."""
    coming = rules.to_come(open_rows(loan), on=local_date(at))
    if coming:
        loan.rows.filter(number__gte=coming[0].number).delete()
    loan.rows.update(paid_principal_minor=F("principal_minor"), paid_interest_minor=F("interest_minor"))
    GROUP_LOAN.make(loan, GroupLoanStatus.PAID, left_minor=0, over_at=at)


# Instalments that are late by their day and the minutes of grace, fined once each by the loan's own constitution.
# The day ends where the group is.
_FINE_LATE = """
INSERT INTO chamas_fine (group_id, member_id, why, name, cause, amount_minor, paid_minor, currency, status, given_at,
    due_on, appeal)
SELECT l.group_id, l.member_id, 'LATE', '', 'loan/' || l.id || '/' || r.due_on, (v.rules->>'late_fine_minor')::bigint,
       0, l.currency, 'OPEN', %(at)s, %(today)s, ''
  FROM chamas_grouploan l
  JOIN chamas_grouploanrow r ON r.loan_id = l.id
  JOIN chamas_constitutionversion v ON v.id = l.version_id
 WHERE l.status = 'ACTIVE' AND (v.rules->>'late_fine_minor')::bigint > 0
   AND r.principal_minor + r.interest_minor > r.paid_principal_minor + r.paid_interest_minor
   AND (r.due_on + 1)::timestamp AT TIME ZONE 'Africa/Nairobi'
       + make_interval(mins => (v.rules->>'grace_minutes')::int) <= %(at)s
ON CONFLICT (member_id, why, cause) DO NOTHING
RETURNING id, group_id
"""


@transaction.atomic
def fine_late_instalments(*, at: datetime) -> int:
    """The fine of who pays an instalment late, once for each, and they hear of it; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FINE_LATE, {"at": at, "today": local_date(at)})
        given = sorted(cursor.fetchall())
    for fine_id, group_id in given:
        events.publish(FineGiven(group_id=group_id, fine_id=fine_id))
    if given:
        audit_trail.record(
            "chamas.instalments.late", on=f"chamas/{at:%F}", by=system_user(), at=at, after={"fines": len(given)}
        )
    return len(given)
