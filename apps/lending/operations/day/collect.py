"""Taking what is due from borrowers' accounts on the day, as far as the money there goes."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from apps.accounts.models import AccountStatus
from apps.kernel.money import Money
from apps.ledger import queries as books
from apps.lending import owed
from apps.lending.models import Instalment, Loan, LoanStatus, Source
from apps.lending.operations.receive import receive
from apps.lending.operations.repay import Locked, lock
from apps.lending.operations.settle import Settled, end, spread
from apps.users.queries import system_user

AT_ONCE = 500


def collect(*, day: date, at: datetime) -> str:
    """Take from each open account what is due on its owner's loans and is there; once a day and loan.

    A frozen account is left alone, and so is a loan whose borrower asked for it. Chunks are transactions of their own
    when called outside one.
    """
    after = taken = minor = 0
    while ids := _due(after, day):
        made = _chunk(ids, day, at)
        taken, minor, after = taken + len(made), minor + sum(made), ids[-1]
    return f"{taken} repayments taken, {minor} minor units"


def _due(after: int, day: date) -> list[int]:
    rows = Instalment.objects.filter(is_current=True, settled_on=None, due_on__lte=day)
    loans = Loan.objects.active().filter(auto_debit=True, pk__gt=after, oldest_due_on__lte=day)
    return list(loans.filter(pk__in=rows.values("loan_id")).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _chunk(ids: Sequence[int], day: date, at: datetime) -> list[int]:
    held = lock(ids)
    key = f"auto/{day}"
    done = set(Loan.objects.filter(pk__in=ids, repayments__key=key).values_list("pk", flat=True))
    there = books.balances({one.account.ledger_account_id for one in held.values()})
    left = {account: balance.available.minor for account, balance in there.items()}
    asked = []
    for pk, one in held.items():
        account = one.account
        if pk in done or one.loan.status != LoanStatus.ACTIVE or account.status != AccountStatus.ACTIVE:
            continue
        due = owed.due(one.loan, one.rows, day).minor
        takes = min(due, max(left[account.ledger_account_id], 0))
        if takes:
            left[account.ledger_account_id] -= takes
            asked.append((_settled(one, takes, day), account, Source.AUTO.value, key))
    if not asked:
        return []
    return [row.amount_minor for row in receive(asked, by=system_user(), at=at)]


def _settled(one: Locked, minor: int, day: date) -> Settled:
    amount = Money(minor, one.loan.currency)
    ends = owed.Owed(
        one.loan.currency,
        one.loan.principal_left_minor,
        owed.interest_owed(one.loan, one.rows, day),
        one.loan.charges_left_minor,
    )
    return end(one.loan, one.rows, ends, day) if amount == ends.total else spread(one.loan, one.rows, amount, day)
