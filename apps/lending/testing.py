"""Makers of loans for tests on this floor and above; every loan comes through the operations."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min

from apps.accounts.models import Account
from apps.accounts.testing import give, make_account
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.money import Money
from apps.lending import operations
from apps.lending.models import Instalment, Loan, LoanFee, LoanStatus, ProductTerms
from apps.lending.operations import collections
from apps.lending.operations import day as days
from apps.notifications.testing import code_sent_to
from apps.users import operations as people
from apps.users.models import StaffMember, User
from apps.users.testing import make_customer, make_staff

_nth = itertools.count(1)


def terms_of(code: str, **changes: Any) -> ProductTerms:
    """The opening terms of a product; with `changes` a version of their own, its charges taken along."""
    terms = ProductTerms.objects.select_related("product").filter(product__code=code).order_by("-version")[0]
    if not changes:
        return terms
    charges = list(terms.fees.all())
    terms.pk, terms._state.adding = None, True
    terms.version += 1
    for name, value in changes.items():
        setattr(terms, name, value)
    terms.save()
    LoanFee.objects.bulk_create(
        LoanFee(
            terms=terms,
            kind=fee.kind,
            flat_minor=fee.flat_minor,
            rate=fee.rate,
            least_minor=fee.least_minor,
            most_minor=fee.most_minor,
        )
        for fee in charges
    )
    return terms


def make_borrower(*, deposits: str = "20000", at: datetime | None = None, **fields: Any) -> Account:
    """A customer's account into which `deposits` came each month for half a year: a score that is approved."""
    moment = at or now()
    opened = moment - timedelta(days=190)
    account = make_account(make_customer(**fields), at=opened)
    for nth in range(6):
        give(account, deposits, at=opened + timedelta(days=30 * nth + 1))
    return account


def make_officer(limit: str = "1000000", role: str = "BRANCH_MANAGER") -> User:
    """An officer who may decide on loans up to `limit`."""
    officer = make_staff(role)
    StaffMember.objects.filter(user=officer).update(approval_limit_minor=Money.of(limit, "KES").minor)
    return officer


def ask(account: Account, amount: str = "5000", *, code: str = "INSTANT", **more: Any) -> Loan:
    """An application of the account's owner."""
    at: datetime = more.pop("at", None) or now()
    terms = more.pop("terms", None) or terms_of(code)
    asked: dict[str, Any] = {
        "borrower": account.owner,
        "terms": terms,
        "account": account,
        "amount": Money.of(amount, "KES"),
        "periods": terms.usual_periods,
        "purpose": "OTHER",
        "key": f"loan-{next(_nth)}",
        "by": account.owner,
        "at": at,
    }
    return operations.apply(**asked | more)


def signed(loan: Loan, *, at: datetime | None = None) -> Loan:
    """Accepted with the code of its SMS."""
    moment = at or now()
    row = operations.challenge(loan=loan, by=loan.borrower, at=moment, method="SMS")
    people.answer(challenge_id=row.pk, user=loan.borrower, answer=code_sent_to(str(loan.borrower.phone)), at=moment)
    return operations.accept(loan=loan, challenge_id=row.pk, by=loan.borrower, at=moment)


def make_loan(account: Account, amount: str = "5000", *, code: str = "INSTANT", **more: Any) -> Loan:
    """A loan that was paid out at `at`: at once for an instant one, else approved by officers, accepted, disbursed."""
    moment: datetime = more.pop("at", None) or now()
    loan = ask(account, amount, code=code, at=moment, accepts=True, **more)
    if loan.status != "ACTIVE":
        if loan.principal_minor > loan.terms.two_officers_above_minor:
            operations.review(loan=loan, recommends=True, note="Known for years", by=make_officer(), at=moment)
        officer = make_officer()
        loan = operations.approve(loan=loan, by=officer, at=moment)
        loan = operations.disburse(loan=signed(loan, at=moment), by=officer, at=moment)
    loan.refresh_from_db()
    return loan


STEPS = (
    days.collect,
    days.accrue,
    days.penalise,
    days.age,
    days.provide,
    days.snapshot,
    collections.pursue,
)


def end_days(first: datetime, last: datetime, *, each: bool = False) -> None:
    """The lending steps of every day from `first` to before `last`, as the end of the day runs them.

    Of days in a row on which nothing is due and nothing late only the last is ended, unless `each`: its interest is
    that of all.
    """
    on, end = local_date(first), local_date(last)
    while on < end:
        if not each:
            on = max(on, min(_next_due() or end, end) - timedelta(days=1))
        at = day_start(on + timedelta(days=1))
        for step in STEPS:
            step(day=on, at=at)
        on += timedelta(days=1)


def _next_due() -> date | None:
    unpaid = Instalment.objects.current().filter(loan__status=LoanStatus.ACTIVE, settled_on=None)
    first: date | None = unpaid.aggregate(first=Min("due_on"))["first"]
    return first


def make_late_loan(*, days: int = 3, at: datetime, amount: str = "5000", **fields: Any) -> Loan:
    """An instant loan paid out so that it is `days` late at the end of the day before `at`, its account left alone."""
    began = at - timedelta(days=30 + days + 1)
    loan = make_loan(make_borrower(at=began, **fields), amount, at=began)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    end_days(at - timedelta(days=1), at)
    return Loan.objects.shown().get(pk=loan.pk)


def make_guaranteed_loan(*, at: datetime, amount: str = "10000", friends: int = 2) -> Loan:
    """A savings-backed loan paid out at `at`, which `friends` stand for in equal parts with savings that are held."""
    account = make_borrower(at=at)
    make_account(account.owner, balance="6000", product="SAVINGS", at=at)
    loan = ask(account, amount, code="SAVINGS_BACKED", at=at)
    for part in loan.principal.times(loan.terms.guarantee_cover).split(friends):
        friend = make_customer()
        savings = make_account(friend, balance="90000", product="SAVINGS", at=at)
        row = operations.ask_guarantee(loan=loan, guarantor=friend, amount=part, by=account.owner, at=at)
        asked = operations.challenge_guarantor(guarantee=row, by=friend, at=at, method="SMS")
        people.answer(challenge_id=asked.pk, user=friend, answer=code_sent_to(str(friend.phone)), at=at)
        operations.guarantee(guarantee=row, account=savings, challenge_id=asked.pk, by=friend, at=at)
    officer = make_officer()
    loan = operations.approve(loan=loan, by=officer, at=at)
    loan = operations.disburse(loan=signed(loan, at=at), by=officer, at=at)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    return Loan.objects.shown().get(pk=loan.pk)
