"""A loan that is late, and what tests of collections ask of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.accounts.testing import kes
from apps.kernel.clock import local_date
from apps.ledger.testing import assert_books_balance
from apps.lending import checks, operations
from apps.lending.models import CollectionCase, CollectionEntry
from apps.lending.operations import collections

TEN = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Africa/Nairobi"))  # a Tuesday
DAY = timedelta(days=1)


def case_of(loan):
    return CollectionCase.objects.shown().get(loan=loan, status="OPEN")


def log_of(case):
    return list(CollectionEntry.objects.filter(case=case).order_by("pk").values_list("what", flat=True))


def promise(loan, amount="1000", days=3, *, at=TEN, by=None, key="tap"):
    due_on = local_date(at) + days * DAY
    return collections.promise(loan=loan, amount=kes(amount), due_on=due_on, key=key, by=by or loan.borrower, at=at)


def pay(loan, amount, *, at):
    loan.refresh_from_db()
    return operations.repay(loan=loan, amount=kes(amount), key=f"{amount}/{at}", by=loan.borrower, at=at)


def sound():
    for question in checks._QUESTIONS.values():
        assert checks._findings(question) == []
    assert_books_balance()
