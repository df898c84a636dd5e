"""Interest is earned once a day and in order, paid once a month with its tax, and never lost on the way."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.accounts import interest, operations
from apps.accounts.errors import BadInterest, NotEmpty
from apps.accounts.models import (
    AccruedInterest,
    InterestDay,
    InterestPayment,
    InterestTerms,
    InterestTier,
    Product,
    Transaction,
)
from apps.accounts.rules.interest import PARTS, Tier, earned
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import day_start
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.queries import balance
from apps.ledger.testing import assert_books_balance
from apps.users.testing import make_customer, make_staff

FIRST = date(2026, 4, 1)
OPENED = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def night(day):
    """Five past midnight, when the day is ended."""
    return day_start(day + timedelta(days=1)) + timedelta(minutes=5)


def accrue(day):
    return operations.accrue(day=day, at=night(day))


def through(first, last):
    for ahead in range((last - first).days + 1):
        accrue(first + timedelta(days=ahead))


def parts(account):
    return int(AccruedInterest.objects.get(pk=account.pk).parts)


def savings(amount, **more):
    return make_account(balance=amount, product="SAVINGS", at=OPENED, **more)


def change(valid_from, *tiers, basis="DAILY"):
    """Other terms of the savings account, as an approved change writes them."""
    product = Product.objects.get(code="SAVINGS")
    terms = InterestTerms.objects.create(product=product, valid_from=valid_from, basis=basis)
    for begins, rate in tiers:
        InterestTier.objects.create(terms=terms, from_minor=begins, rate=rate)


@pytest.mark.django_db
def test_a_day_is_earned_once_however_often_it_is_run():
    account = savings("10000")
    accrue(FIRST)
    accrue(FIRST)
    assert parts(account) == earned(10_000_00, 1, [Tier(0, Decimal("0.075"))])
    assert InterestDay.objects.get(currency="KES").minor == 205
    assert_books_balance()


@pytest.mark.django_db
def test_days_that_nobody_ran_come_with_the_next_one():
    account = savings("10000")
    accrue(FIRST)
    give(account, "5000", at=day_start(FIRST + timedelta(days=2)) + timedelta(hours=9))
    accrue(FIRST + timedelta(days=3))
    assert list(InterestDay.objects.order_by("day").values_list("day__day", flat=True)) == [1, 2, 3, 4]
    assert parts(account) == (2 * 10_000_00 + 2 * 15_000_00) * 7500
    assert_books_balance()


@pytest.mark.django_db
def test_what_came_after_midnight_earns_nothing_for_the_day_before():
    account = savings("10000")
    give(account, "90000", at=day_start(FIRST + timedelta(days=1)) + timedelta(minutes=1))
    accrue(FIRST)
    assert parts(account) == 10_000_00 * 7500


@pytest.mark.django_db
def test_each_slice_earns_at_its_own_rate_and_other_terms_begin_on_their_day():
    account = savings("60000")
    change(FIRST + timedelta(days=1), (0, "0.03"), (50_000_00, "0.06"))
    through(FIRST, FIRST + timedelta(days=1))
    assert parts(account) == 60_000_00 * 7500 + 50_000_00 * 3000 + 10_000_00 * 6000


@pytest.mark.django_db
def test_an_average_balance_earns_by_the_slices_of_the_average_and_starts_anew_each_month():
    change(FIRST, (0, "0.03"), (50_000_00, "0.06"), basis="AVERAGE")
    account = savings("40000")
    accrue(FIRST)
    give(account, "40000", at=day_start(FIRST + timedelta(days=1)) + timedelta(hours=8))
    accrue(FIRST + timedelta(days=1))
    tiers = [Tier(0, Decimal("0.03")), Tier(50_000_00, Decimal("0.06"))]
    assert parts(account) == earned(120_000_00, 2, tiers), "60,000 on average, which is 10,000 in the upper slice"
    AccruedInterest.objects.update(through=date(2026, 4, 30))
    InterestDay.objects.create(
        day=date(2026, 4, 30), currency="KES", accounts=0, minor=0, done_at=night(date(2026, 4, 30))
    )
    accrue(date(2026, 5, 1))
    assert parts(account) == earned(120_000_00, 2, tiers) + earned(80_000_00, 1, tiers)


@pytest.mark.django_db
def test_a_month_is_paid_once_gross_and_tax_as_two_lines_and_the_fraction_goes_on():
    account, poor = savings("100000"), savings("0")
    through(FIRST, date(2026, 4, 30))
    before = parts(account)
    last = date(2026, 4, 30)
    assert operations.pay_month(day=last, at=night(last)) == (1, before // PARTS)
    assert operations.pay_month(day=last, at=night(last)) == (0, 0)
    row = InterestPayment.objects.get()
    assert (row.gross, row.tax) == (kes("616.43"), kes("92.46"))
    lines = Transaction.objects.filter(transfer_id=row.transfer_id).order_by("seq")
    assert [(line.txn_type, line.amount) for line in lines] == [
        ("INTEREST", kes("616.43")),
        ("WITHHOLDING_TAX", -kes("92.46")),
    ]
    assert (parts(account), balance_of(poor)) == (before % PARTS, "0.00")
    assert balance(ledger.gl("tax:withholding", "KES").id).posted == kes("92.46")
    assert balance(ledger.gl("interest:payable", "KES").id).posted == kes("0")
    assert_books_balance()


@pytest.mark.django_db
def test_pays_nothing_before_the_months_last_day_nor_below_a_cent():
    savings("100000")
    tiny = savings("0.40")
    accrue(FIRST)
    assert operations.pay_month(day=FIRST, at=night(FIRST)) == (0, 0)
    operations.pay_month(day=date(2026, 4, 30), at=night(date(2026, 4, 30)))
    assert not InterestPayment.objects.filter(account=tiny).exists()
    assert parts(tiny) == 40 * 7500


@pytest.mark.django_db
def test_closing_pays_what_was_earned_to_the_main_account():
    account = savings("100000")
    owner = account.owner
    current = make_account(owner, at=OPENED)
    accrue(FIRST)
    empty(account)
    operations.close(account=account, by=owner, at=night(FIRST))
    assert balance_of(current) == "17.47"  # 20.55 of interest to the nearest cent, 3.08 of tax
    assert parts(account) == 0
    accrue(FIRST + timedelta(days=1))
    assert parts(account) == 0
    assert_books_balance()


@pytest.mark.django_db
def test_an_only_account_with_interest_to_come_is_not_closed_and_says_how_much():
    account = savings("100000")
    accrue(FIRST)
    empty(account)
    with pytest.raises(NotEmpty, match=r"20\.55"):
        operations.close(account=account, by=account.owner, at=night(FIRST))
    account.refresh_from_db()
    assert (account.status, parts(account)) == ("ACTIVE", 100_000_00 * 7500)


def empty(account):
    whole = interest.Money.of(balance_of(account), "KES")
    operations.post(
        reference=f"test/empty/{account.pk}",
        kind="WITHDRAWAL",
        narrative="Emptied by a test",
        movements=[operations.out_of(account, whole, "Out")],
        legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), whole)],
        at=day_start(FIRST + timedelta(days=1)) + timedelta(minutes=1),
    )


@pytest.mark.django_db
def test_interest_changes_by_two_people_from_a_later_day_on():
    product, maker, checker = Product.objects.get(code="SAVINGS"), make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    asked = {
        "product": product,
        "basis": "DAILY",
        "tiers": [Tier(0, Decimal("0.06"))],
        "valid_from": FIRST + timedelta(days=1),
        "reason": "The policy rate fell",
        "at": night(FIRST - timedelta(days=1)),
    }
    with pytest.raises(NotAllowed):
        operations.ask_interest_change(**asked, by=make_customer())
    with pytest.raises(BadInterest):
        operations.ask_interest_change(**asked | {"valid_from": FIRST}, by=maker)
    with pytest.raises(BadInterest):
        operations.ask_interest_change(**asked | {"tiers": [Tier(5, Decimal("0.06"))]}, by=maker)
    approval = operations.ask_interest_change(**asked, by=maker)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=maker, at=asked["at"])
    approvals.approve(approval=approval, by=checker, at=asked["at"])
    assert interest.offer(product.pk, FIRST).best == Decimal("0.075")
    assert interest.offer(product.pk, FIRST + timedelta(days=1)).best == Decimal("0.06")


@pytest.mark.django_db(transaction=True)
def test_two_ends_of_a_day_at_once_earn_it_once():
    account = savings("10000")
    results = at_once(lambda: accrue(FIRST), lambda: accrue(FIRST), lambda: accrue(FIRST))
    assert len(refusals(results)) <= 2
    assert parts(account) == 10_000_00 * 7500
    last = date(2026, 4, 30)
    AccruedInterest.objects.update(parts=700 * PARTS)
    ledger_catches_up()
    paid = at_once(*[lambda: operations.pay_month(day=last, at=night(last))] * 3)
    assert InterestPayment.objects.count() == 1, paid
    assert balance_of(account) == "10005.95"
    assert_books_balance()


def ledger_catches_up():
    """The books take up what the test wrote on the account."""
    from apps.accounts.operations.accrue import book_accrued

    owed = balance(ledger.gl("interest:payable", "KES").id).posted
    book_accrued(kes("7") - owed, reference="test/interest", day=FIRST, at=night(FIRST))
