"""The life of a loan: asked for, paid out, paid back."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, give, kes
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, owed
from apps.lending.errors import ActiveLoan, BadTerm, NothingOwed, OverLimit, Overpaid
from apps.lending.models import Instalment, Loan, LoanEntry, Repayment
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, terms_of
from apps.payments.errors import KeyReused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))


@pytest.fixture
def account():
    return make_borrower(deposits="20000", at=NOON)


def rows_of(loan):
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


def pay(loan, amount, *, at, key=None):
    loan.refresh_from_db()
    return operations.repay(loan=loan, amount=kes(amount), key=key or f"{amount}/{at}", by=loan.borrower, at=at)


def test_pays_an_instant_loan_out_at_once(account):
    before = Decimal(balance_of(account))
    loan = ask(account, "5000", accepts=True, at=NOON)
    assert loan.status == "ACTIVE"
    assert Decimal(balance_of(account)) == before + 5000
    (row,) = rows_of(loan)
    assert (row.total_minor, row.due_on) == (525_000, NOON.date() + timedelta(days=30))
    line = Transaction.objects.filter(account=account).latest("pk")
    assert (line.txn_type, line.amount_minor, line.reference) == ("DISBURSEMENT", 500_000, loan.reference)
    assert_books_balance()


def test_offers_first_when_nobody_agreed_to_the_cost(account):
    loan = ask(account, "5000", at=NOON)
    assert (loan.status, loan.disbursed_at) == ("APPROVED", None)
    assert loan.cost == kes("250")


def test_refuses_more_than_the_limit_and_says_how_much(account):
    with pytest.raises(OverLimit) as no:
        ask(account, "15001", accepts=True, at=NOON)  # the cap of tier 1
    assert no.value.facts["limit"] == {"amount": "15000.00", "currency": "KES"}
    assert not Loan.objects.exists()


def test_refuses_a_second_instant_loan(account):
    ask(account, "1000", accepts=True, at=NOON)
    with pytest.raises(ActiveLoan):
        ask(account, "1000", accepts=True, at=NOON)
    assert Loan.objects.count() == 1


@pytest.mark.parametrize("amount", ["499.99", "0.01"])
def test_refuses_less_than_the_least(account, amount):
    with pytest.raises(BadTerm):
        ask(account, amount, accepts=True, at=NOON)


def test_counts_a_form_once(account):
    first = ask(account, "5000", accepts=True, key="tap", at=NOON)
    again = ask(account, "5000", accepts=True, key="tap", at=NOON)
    assert first.pk == again.pk
    with pytest.raises(KeyReused):
        ask(account, "6000", accepts=True, key="tap", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_lends_once_to_ten_taps():
    account = make_borrower(at=NOON)
    taps = [lambda nth=nth: ask(account, "5000", accepts=True, key=f"tap-{nth}", at=NOON) for nth in range(10)]
    found = at_once(*taps)
    assert sum(isinstance(one, Loan) for one in found) == 1
    assert {type(one) for one in found} <= {Loan, ActiveLoan}
    assert_books_balance()


def test_costs_nothing_when_paid_back_within_the_hour(account):
    before = balance_of(account)
    loan = make_loan(account, "5000", at=NOON)
    late = NOON + timedelta(minutes=60)
    operations.pay_off(loan=loan, key="back", by=account.owner, at=late)
    loan.refresh_from_db()
    assert (loan.status, balance_of(account)) == ("PAID", before)
    assert_books_balance()


def test_costs_all_of_it_a_minute_later(account):
    before = Decimal(balance_of(account))
    loan = make_loan(account, "5000", at=NOON)
    operations.pay_off(loan=loan, key="back", by=account.owner, at=NOON + timedelta(minutes=61))
    assert Decimal(balance_of(account)) == before - 250
    assert_books_balance()


def test_takes_parts_until_nothing_is_owed(account):
    loan = make_loan(account, "5000", at=NOON)
    end_days(NOON, NOON + timedelta(days=10))
    day_10 = NOON + timedelta(days=10)
    pay(loan, "0.01", at=day_10)
    pay(loan, "2000", at=day_10)
    with pytest.raises(Overpaid) as no:
        pay(loan, "3250", at=day_10)
    assert no.value.facts["owed"]["amount"] == "3249.99"
    pay(loan, "3249.99", at=day_10)
    loan.refresh_from_db()
    assert loan.status == "PAID"
    assert loan.interest_accrued_minor == loan.interest_paid_minor == 25_000
    with pytest.raises(NothingOwed):
        pay(loan, "1", at=day_10)
    end_days(day_10, day_10 + timedelta(days=1))
    loan.refresh_from_db()
    assert loan.provision_minor == 0
    assert_books_balance()


def test_repays_once_for_one_key(account):
    loan = make_loan(account, "5000", at=NOON)
    one = pay(loan, "100", at=NOON, key="k")
    assert pay(loan, "100", at=NOON, key="k").pk == one.pk
    with pytest.raises(KeyReused):
        pay(loan, "101", at=NOON, key="k")
    assert Repayment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_never_takes_more_than_is_owed_from_eight_threads():
    account = make_borrower(at=NOON)
    loan = make_loan(account, "5000", at=NOON)
    later = NOON + timedelta(hours=3)
    found = at_once(
        *[
            lambda nth=nth: operations.repay(
                loan=Loan.objects.get(pk=loan.pk), amount=kes("1000"), key=f"r{nth}", by=account.owner, at=later
            )
            for nth in range(8)
        ]
    )
    assert sum(isinstance(one, Repayment) for one in found) == 5
    loan.refresh_from_db()
    assert owed.payoff(loan, rows_of(loan), later).total == kes("250")
    assert_books_balance()


def test_collects_accrues_penalises_and_classes_day_by_day(account):
    loan = make_loan(account, "5000", at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    due = NOON + timedelta(days=30)
    end_days(NOON, due)
    loan.refresh_from_db()
    assert (loan.interest_accrued_minor, loan.days_past_due, loan.loss_class) == (25_000, 0, "NORMAL")
    assert loan.regulatory_minor == 5_250
    assert 0 < loan.provision_minor < 525_000
    end_days(due, due + timedelta(days=40))
    loan.refresh_from_db()
    assert (loan.days_past_due, loan.loss_class, loan.stage) == (39, "WATCH", 2)
    assert loan.penalties_minor == 39 * 525
    assert loan.arrears_minor == 525_000 + 39 * 525
    end_days(due + timedelta(days=40), due + timedelta(days=95))
    loan.refresh_from_db()
    assert (loan.is_non_accrual, loan.interest_due, loan.interest_suspended_minor) == (True, kes("0"), 25_000)
    assert (loan.loss_class, loan.stage) == ("SUBSTANDARD", 3)
    assert_books_balance()
    last = due + timedelta(days=95)
    operations.pay_off(loan=loan, key="end", by=account.owner, at=last)
    loan.refresh_from_db()
    assert (loan.status, loan.interest_accrued_minor, loan.interest_suspended_minor) == ("PAID", 25_000, 0)
    end_days(last, last + timedelta(days=1))
    assert_books_balance()


def test_takes_what_is_due_on_the_day(account):
    loan = make_loan(account, "5000", at=NOON)
    due = NOON + timedelta(days=30)
    end_days(NOON, due + timedelta(days=1))
    loan.refresh_from_db()
    assert loan.status == "PAID"
    assert Repayment.objects.get().source == "AUTO"
    assert_books_balance()


def test_plans_anew_when_more_than_due_comes():
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "50000", code="BUSINESS", at=NOON)
    assert loan.version == 1
    first = rows_of(loan)
    later = NOON + timedelta(days=45)
    end_days(NOON, later)
    pay(loan, "20000", at=later)
    loan.refresh_from_db()
    rows = rows_of(loan)
    assert loan.version == 2
    assert [row.due_on for row in rows if row.settled_on is None] == [row.due_on for row in first[1:]]
    assert sum(row.principal_minor for row in rows) == 5_000_000
    assert rows[-1].total_minor < first[-1].total_minor
    end_days(later, later + timedelta(days=5))
    assert_books_balance()
    operations.pay_off(loan=loan, key="end", by=account.owner, at=later + timedelta(days=5))
    loan.refresh_from_db()
    assert loan.status == "PAID"
    assert_books_balance()


@pytest.mark.parametrize("is_daily", [True, False])
def test_bears_interest_on_the_rest_of_the_period_alone_after_a_prepayment(is_daily):
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "60000", code="BUSINESS", at=NOON, terms=terms_of("BUSINESS", is_daily=is_daily))
    whole = rows_of(loan)[0].interest_minor
    half = NOON + timedelta(days=15)
    pay(loan, "30450", at=half)
    loan.refresh_from_db()
    closed, running = rows_of(loan)[:2]
    assert abs(closed.interest_minor - whole * 15 / 31) <= 1
    left = loan.principal_left_minor
    assert abs(running.interest_minor - whole * 16 / 31 * left / 6_000_000) <= 1
    assert_books_balance()


def test_approves_by_two_officers_and_disburses_once():
    account = make_borrower(deposits="100000", at=NOON, kyc_tier="TIER_2")
    give(account, "1000", at=NOON)
    loan = ask(account, "120000", code="BUSINESS", at=NOON)
    first, second = make_officer(), make_officer()
    assert loan.status == "APPLIED"
    operations.review(loan=loan, recommends=True, note="Sound", by=first, at=NOON)
    for refused in (first, account.owner, make_officer("1000")):
        with pytest.raises(Exception, match=r"officer|limit|right"):
            operations.approve(loan=loan, by=refused, at=NOON)
    operations.approve(loan=loan, by=second, at=NOON)
    assert LoanEntry.objects.count() == 0
    assert terms_of("BUSINESS").fees.count() == 2
