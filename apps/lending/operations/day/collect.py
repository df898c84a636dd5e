"""Taking what is due from borrowers' accounts on the day, as far as the money there goes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import Account, AccountStatus
from apps.kernel.clock import local_date
from apps.kernel.money import Money, total
from apps.ledger import queries as books
from apps.lending import owed
from apps.lending.models import Instalment, Loan, LoanQuerySet, LoanStatus, Repayment, RepaymentReversal, Source
from apps.lending.operations.receive import receive
from apps.lending.operations.repay import Locked, lock
from apps.lending.operations.settle import Settled, end, spread
from apps.users.queries import system_user

AT_ONCE = 500
LEFT_ALONE = timedelta(days=3)


def collect(*, day: date, at: datetime) -> str:
    """Take from each open account what is due on its owner's loans and is there; once a day and loan.

    A frozen account is left alone, and so is a loan whose borrower asked for it. Accounts are gone through by their
    ids, as every other posting locks them: the end of the day holds them all until it is done.
    """
    after = taken = minor = 0
    while loans := _due(day, after=after):
        made = _take([pk for pk, _account in loans], day, f"auto/{day}", at)
        taken, minor, after = taken + len(made), minor + sum(made), loans[-1][1]
    return f"{taken} repayments taken, {minor} minor units"


def collect_from(*, account_id: int, key: str, at: datetime) -> list[int]:
    """Take what is due now on the loans of one account, money having come in; once per `key`. Answers minor units."""
    today = local_date(at)
    rows = _loans_due(today).filter(account_id=account_id).order_by("pk")
    return _take(list(rows.values_list("pk", flat=True)), today, key, at)


def due_of(account: Account, day: date) -> Money:
    """What the holder of an account should have paid by a day on all their loans in its currency."""
    theirs = _unpaid(day).filter(borrower_id=account.owner_id, currency=account.currency)
    rows = Instalment.objects.filter(loan__in=theirs, is_current=True, settled_on=None, due_on__lte=day)
    return total((row.left for row in rows), account.currency)


@transaction.atomic
def pay_due(*, account: Account, most: Money, key: str, at: datetime) -> list[Repayment]:
    """Pay what is due on all loans of an account's holder from that account, the oldest loan first, at most `most`.

    Once per `key` and loan; also loans that are paid from another account, or not by themselves.
    """
    today = local_date(at)
    held = lock(list(_unpaid(today).filter(borrower_id=account.owner_id).values_list("pk", flat=True)))
    done = set(Loan.objects.filter(pk__in=held, repayments__key=key).values_list("pk", flat=True))
    left, asked = most.minor, []
    for pk, one in held.items():
        takes = min(owed.due(one.loan, one.rows, today).minor, left)
        if takes > 0 and pk not in done and one.loan.currency == account.currency:
            left -= takes
            asked.append((_settled(one, takes, today), account, Source.AUTO.value, key))
    return receive(asked, by=system_user(), at=at) if asked else []


def _unpaid(day: date) -> LoanQuerySet:
    unpaid = Instalment.objects.filter(is_current=True, settled_on=None, due_on__lte=day)
    return Loan.objects.active().filter(pk__in=unpaid.values("loan_id"))


def _loans_due(day: date) -> LoanQuerySet:
    return _unpaid(day).filter(auto_debit=True).exclude(pk__in=_left_alone(day))


def _left_alone(day: date) -> Any:
    """Loans of which a payment was just taken back: its money is there to go where it belongs, not to be taken anew."""
    fresh = RepaymentReversal.objects.filter(reversed_on__gt=day - LEFT_ALONE, reversed_on__lte=day)
    return fresh.values("loan_id")


def _due(day: date, *, after: int) -> list[tuple[int, int]]:
    """The loans due of the next accounts, and their accounts: never half of an account's loans."""
    rows = _loans_due(day).filter(account_id__gt=after)
    accounts = rows.order_by("account_id").values_list("account_id", flat=True).distinct()[:AT_ONCE]
    return list(rows.filter(account_id__in=list(accounts)).order_by("account_id", "pk").values_list("pk", "account_id"))


@transaction.atomic
def _take(ids: Sequence[int], day: date, key: str, at: datetime) -> list[int]:
    held = lock(ids)
    done = Repayment.objects.filter(loan__in=ids, key=key).values("loan_id")  # asked under the locks
    spared = set(done.union(_left_alone(day).filter(loan__in=ids)).values_list("loan_id", flat=True))
    there = books.balances({one.account.ledger_account_id for one in held.values()})
    left = {account: balance.available.minor for account, balance in there.items()}
    asked = []
    for pk, one in held.items():
        account = one.account
        if pk in spared or one.loan.status != LoanStatus.ACTIVE or account.status != AccountStatus.ACTIVE:
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
