"""What cannot be: days, amounts and hands that a loan refuses, and what is done once however often it is asked."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, kes
from apps.kernel import approvals
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.money import BadAmount, Money
from apps.kernel.testing import at_once
from apps.ledger import operations as ledger
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.lending import offers, operations, owed
from apps.lending.errors import BadTerm, NothingOwed, OfferOver, Overpaid
from apps.lending.models import Instalment, Loan, Repayment
from apps.lending.testing import (
    ask,
    end_days,
    make_borrower,
    make_guaranteed_loan,
    make_loan,
    make_officer,
    signed,
    terms_of,
)
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
NAIROBI = ZoneInfo("Africa/Nairobi")
NOON = datetime(2026, 3, 2, 12, tzinfo=NAIROBI)


def business_man():
    return make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def rows_of(loan):
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_lends_neither_nothing_nor_less(amount):
    with pytest.raises((BadAmount, BadTerm)):
        ask(business_man(), amount, code="BUSINESS", at=NOON)
    assert not Loan.objects.exists()


@pytest.mark.parametrize("periods", [0, -1, 1, 25, 1000])
def test_lends_over_no_term_that_is_not_offered(periods):
    with pytest.raises(BadTerm):
        ask(business_man(), "50000", code="BUSINESS", periods=periods, at=NOON)
    assert not Loan.objects.exists()


def test_lends_without_interest_what_adds_up():
    terms = terms_of("BUSINESS", rate=Decimal(0))
    offer = offers.offer(terms=terms, principal=kes("10000"), periods=3, on=NOON.date())
    assert offer.plan.interest == kes("0")
    assert [row.principal_minor for row in offer.plan.rows] == [333_333, 333_333, 333_334]


@pytest.mark.parametrize(
    ("day", "dues"),
    [
        (date(2028, 2, 29), [date(2028, 3, 28), date(2028, 4, 28), date(2028, 5, 28)]),
        (date(2026, 1, 31), [date(2026, 2, 28), date(2026, 3, 28), date(2026, 4, 28)]),
        (date(2026, 3, 31), [date(2026, 4, 28), date(2026, 5, 28), date(2026, 6, 28)]),
        (date(2026, 2, 28), [date(2026, 3, 28), date(2026, 4, 28), date(2026, 5, 28)]),
    ],
)
def test_is_due_on_a_day_that_every_month_has(day, dues):
    offer = offers.offer(terms=terms_of("BUSINESS"), principal=kes("30000"), periods=3, on=day)
    assert [row.due_on for row in offer.plan.rows] == dues
    assert offer.plan.principal == kes("30000")


def test_lives_through_a_loan_paid_out_on_a_31st():
    began = datetime(2026, 1, 31, 12, tzinfo=NAIROBI)
    account = make_borrower(deposits="60000", at=began, kyc_tier="TIER_2")
    loan = make_loan(account, "30000", code="BUSINESS", periods=3, at=began)
    end_days(began, datetime(2026, 4, 29, 12, tzinfo=NAIROBI))
    assert fresh(loan).status == "PAID"
    assert_books_balance()


def test_takes_a_cent_and_never_more_than_is_owed():
    account = business_man()
    loan = make_loan(account, "5000", at=NOON)
    later, before = NOON + timedelta(hours=2), Decimal(balance_of(account))
    operations.repay(loan=loan, amount=kes("0.01"), key="cent", by=account.owner, at=later)
    with pytest.raises(Overpaid):
        operations.repay(loan=fresh(loan), amount=kes("5250"), key="over", by=account.owner, at=later)
    for nothing in ("0", "-1"):
        with pytest.raises(BadAmount):
            operations.repay(loan=fresh(loan), amount=kes(nothing), key=nothing, by=account.owner, at=later)
    assert Decimal(balance_of(account)) == before - Decimal("0.01")


def test_takes_nothing_before_it_is_paid_out():
    account = business_man()
    loan = ask(account, "50000", code="BUSINESS", at=NOON)
    before = balance_of(account)
    with pytest.raises(NothingOwed):
        operations.repay(loan=loan, amount=kes("1"), key="k", by=account.owner, at=NOON)
    assert (balance_of(account), Repayment.objects.count()) == (before, 0)


def test_takes_nothing_from_a_frozen_account_by_hand_or_by_itself():
    account = business_man()
    loan = make_loan(account, "5000", at=NOON)
    Account.objects.filter(pk=account.pk).update(status="FROZEN")
    before = balance_of(account)
    with pytest.raises(Exception, match="frozen"):
        operations.repay(loan=fresh(loan), amount=kes("1"), key="k", by=account.owner, at=NOON)
    end_days(NOON, NOON + timedelta(days=31))
    assert (balance_of(account), fresh(loan).paid) == (before, kes("0"))
    assert_books_balance()


def test_nobody_approves_their_own_or_what_they_brought():
    officer = make_officer()
    account = business_man()
    loan = ask(account, "50000", code="BUSINESS", by=officer, at=NOON)
    with pytest.raises(NotAllowed):
        operations.approve(loan=loan, by=officer, at=NOON)
    Loan.objects.filter(pk=loan.pk).update(borrower=officer)
    for act in (operations.approve, operations.disburse):
        with pytest.raises(NotAllowed):
            act(loan=fresh(loan), by=officer, at=NOON)
    assert fresh(loan).status == "APPLIED"


def test_nothing_is_approved_signed_or_paid_out_once_its_time_is_over():
    loan = ask(business_man(), "50000", code="BUSINESS", at=NOON)
    officer, over = make_officer(), NOON + timedelta(days=8)
    loan = operations.approve(loan=loan, by=officer, at=NOON)
    with pytest.raises(OfferOver):
        signed(loan, at=over)
    loan = signed(fresh(loan), at=NOON)
    with pytest.raises(OfferOver):
        operations.disburse(loan=loan, by=officer, at=over)
    assert operations.expire_offers(at=over) == 1
    for act in (operations.approve, operations.disburse):
        with pytest.raises(IllegalMove):
            act(loan=fresh(loan), by=make_officer(), at=over)
    assert fresh(loan).status == "CANCELLED"


@pytest.mark.django_db(transaction=True)
def test_two_officers_pay_out_once_and_have_the_same_answer():
    account = business_man()
    officers = [make_officer() for _nth in range(4)]
    loan = operations.approve(loan=ask(account, "50000", code="BUSINESS", at=NOON), by=officers[0], at=NOON)
    loan = signed(loan, at=NOON)
    before = Decimal(balance_of(account))
    found = at_once(
        *[lambda who=who: operations.disburse(loan=Loan.objects.get(pk=loan.pk), by=who, at=NOON) for who in officers]
    )
    assert [one.status for one in found] == ["ACTIVE"] * 4
    received = offers.of_loan(fresh(loan), NOON.date()).received
    assert Decimal(balance_of(account)) == before + received.amount
    assert fresh(loan).version == 1
    assert_books_balance()


@pytest.mark.parametrize("part", ["", "1000"])
def test_gives_charges_back_within_the_hour_even_after_a_part_was_paid(part):
    account = business_man()
    before = balance_of(account)
    loan = make_loan(account, "50000", code="BUSINESS", at=NOON)
    assert balance_of(account) != before
    soon = NOON + timedelta(minutes=30)
    if part:
        operations.repay(loan=loan, amount=kes(part), key="part", by=account.owner, at=soon)
    what = owed.payoff(fresh(loan), rows_of(loan), soon)
    assert what.is_free
    operations.pay_off(loan=fresh(loan), key="end", by=account.owner, at=soon)
    assert (fresh(loan).status, balance_of(account)) == ("PAID", before)
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_recovers_what_was_written_off_once_for_a_key_and_never_more():
    account = make_borrower(at=NOON)
    loan = make_loan(account, "5000", at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    late = NOON + timedelta(days=220)
    end_days(NOON, NOON + timedelta(days=3))
    end_days(late - timedelta(days=1), late)
    one, two = make_staff("ADMIN"), make_officer(role="ADMIN")
    asked = operations.ask_write_off(loan=fresh(loan), reason="Gone", by=one, at=late)
    approvals.approve(approval=asked, by=two, at=late)
    gone = fresh(loan).written_off
    found = at_once(
        *[
            lambda nth=nth: operations.repay(
                loan=Loan.objects.get(pk=loan.pk), amount=kes("2000"), key=f"r{nth % 4}", by=account.owner, at=late
            )
            for nth in range(8)
        ]
    )
    most = int(gone.minor // 200_000)
    assert len({one.pk for one in found if isinstance(one, Repayment)}) == most
    assert fresh(loan).recovered == kes("2000").times(most)
    operations.pay_off(loan=fresh(loan), key="end", by=account.owner, at=late)
    assert (fresh(loan).recovered, fresh(loan).status) == (gone, "WRITTEN_OFF")
    with pytest.raises((NothingOwed, BadAmount, Overpaid)):
        operations.repay(loan=fresh(loan), amount=kes("1"), key="more", by=account.owner, at=late)
    end_days(late, late + timedelta(days=1))
    assert_books_balance()


def test_a_guarantor_takes_nothing_of_what_is_held_and_all_that_is_free():
    loan = make_guaranteed_loan(at=NOON)
    guarantee = loan.guarantees.select_related("account").order_by("pk")[0]
    savings, held = guarantee.account, guarantee.held
    free = holding(savings).available
    assert held > Money.zero("KES")
    assert free == Money.of(balance_of(savings), "KES") - held
    with pytest.raises(InsufficientFunds):
        take(savings, free + Money(1, "KES"))
    assert holding(savings).available == free
    take(savings, free)
    assert holding(savings).available == Money.zero("KES")
    assert Money.of(balance_of(savings), "KES") == held
    assert_books_balance()


def take(account, amount):
    accounts.post(
        reference=f"test/take/{amount.minor}", kind="WITHDRAWAL", narrative="Savings taken out",
        movements=[accounts.out_of(account, amount, "Taken out")],
        legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), amount)], at=NOON,
    )  # fmt: skip
