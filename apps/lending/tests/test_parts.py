"""Loans paid out in parts, and down payments: interest only on what went out, each part once."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import balance_of, kes
from apps.kernel.testing import at_once, deliver_events
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, offers, operations, owed
from apps.lending.errors import BadTerm, NotEligible
from apps.lending.facts import Loans
from apps.lending.models import Instalment, Loan, Schedule, Tranche
from apps.lending.operations import Part
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, signed, terms_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
TODAY = NOON.date()
MIDDLE = NOON + timedelta(days=15)


@pytest.fixture
def account():
    return make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def rows_of(loan):
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


def asked_in_parts(account, **terms):
    terms = terms_of("BUSINESS", most_parts=3, **terms)
    loan = ask(account, "60000", code="BUSINESS", terms=terms, at=NOON)
    parts = [
        Part(kes("20000"), TODAY),
        Part(kes("30000"), TODAY + timedelta(days=15), "Walls"),
        Part(kes("10000"), TODAY + timedelta(days=60), "Roof"),
    ]
    operations.plan_parts(loan=loan, parts=parts, by=account.owner, at=NOON)
    return fresh(loan)


def running(account, **terms):
    officer = make_officer()
    loan = operations.approve(loan=asked_in_parts(account, **terms), by=officer, at=NOON)
    return fresh(operations.disburse(loan=signed(loan, at=NOON), by=officer, at=NOON))


def pay_out(loan, number=2, *, at=MIDDLE, by=None):
    part = Tranche.objects.get(loan=loan, number=number)
    return operations.pay_out_part(tranche=part, by=by or make_officer(), at=at)


def test_pays_the_first_part_and_bears_interest_on_it_alone(account):
    before = Decimal(balance_of(account))
    loan = running(account)
    offer = offers.of_loan(loan, TODAY)
    assert (loan.principal, loan.principal_left) == (kes("60000"), kes("20000"))
    assert Decimal(balance_of(account)) == before + 20_000 - offer.charges_total.amount
    rows = rows_of(loan)
    assert sum(row.principal_minor for row in rows) == 2_000_000
    whole = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    alone = make_loan(whole, "20000", code="BUSINESS", at=NOON)
    assert [row.interest_minor for row in rows] == [row.interest_minor for row in rows_of(alone)]
    assert_books_balance()


@pytest.mark.parametrize("is_daily", [True, False])
def test_plans_anew_when_another_part_goes_out_and_each_day_bears_what_it_should(account, is_daily):
    loan = running(account, is_daily=is_daily)
    first = rows_of(loan)
    end_days(NOON, MIDDLE)
    part = pay_out(loan)
    loan = fresh(loan)
    rows = rows_of(loan)
    assert (part.status, loan.version, loan.principal_left) == ("PAID", 2, kes("50000"))
    assert Schedule.objects.get(loan=loan, version=2).why == "DRAWN"
    assert sum(row.principal_minor for row in rows) == 5_000_000
    head, running_row = rows[:2]
    assert (head.total_minor, head.due_on) == (0, MIDDLE.date())
    assert [row.due_on for row in rows[1:]] == [row.due_on for row in first]
    whole = first[0].interest_minor
    assert abs(head.earned_minor - whole * 15 / 31) <= 1
    assert abs(running_row.interest_minor - (whole * 15 / 31 + whole * 2.5 * 16 / 31)) <= 2
    assert abs(owed.interest_owed(loan, rows, MIDDLE.date()) - whole * 15 / 31) <= 1
    end_days(MIDDLE, NOON + timedelta(days=31))
    loan = fresh(loan)
    assert loan.interest_accrued_minor == running_row.interest_minor
    movements.account_of(loan)
    assert_books_balance()


def test_a_part_after_a_prepayment_counts_no_day_twice(account):
    loan = running(account)
    before = NOON + timedelta(days=8)
    end_days(NOON, before)
    operations.repay(loan=fresh(loan), amount=kes("5000"), key="early", by=account.owner, at=before)
    left = fresh(loan).principal_left_minor
    end_days(before, MIDDLE)
    pay_out(loan)
    loan = fresh(loan)
    coming = next(row for row in rows_of(loan) if row.settled_on is None)
    exact = Decimal("0.18") / 365 * (left * 7 + (left + 3_000_000) * 16)
    assert abs(coming.interest_minor - exact) <= 2
    operations.pay_off(loan=loan, key="end", by=account.owner, at=MIDDLE)
    loan = fresh(loan)
    assert loan.status == "PAID"
    assert {row.status for row in Tranche.objects.filter(loan=loan)} == {"PAID", "CANCELLED"}
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_two_officers_pay_a_part_out_once_and_have_the_same_answer():
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = running(account)
    before = Decimal(balance_of(account))
    officers = [make_officer(), make_officer(), make_officer()]
    found = at_once(*[lambda who=who: pay_out(loan, by=who) for who in officers])
    assert [one.status for one in found] == ["PAID"] * 3
    assert len({(one.paid_by_id, one.transfer_id) for one in found}) == 1
    assert Decimal(balance_of(account)) == before + 30_000
    assert fresh(loan).version == 2
    deliver_events()
    assert_books_balance()


@pytest.mark.parametrize(
    ("number", "days", "words"), [(2, 14, "planned for"), (3, 60, "Another part"), (2, 46, "time for this part")]
)
def test_refuses_a_part_out_of_its_time_or_turn_and_moves_nothing(account, number, days, words):
    loan, before = running(account), balance_of(account)
    with pytest.raises(Exception, match=words):
        pay_out(loan, number, at=NOON + timedelta(days=days))
    assert (balance_of(account), fresh(loan).principal_left) == (before, kes("20000"))


def test_refuses_a_part_to_who_is_late_and_by_who_may_not(account):
    loan = running(account)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    late = NOON + timedelta(days=35)
    end_days(NOON, late)
    with pytest.raises(NotEligible, match="late"):
        pay_out(loan, at=late)
    for who in (account.owner, make_officer(role="LOAN_OFFICER")):
        with pytest.raises(Exception, match=r"right|serve"):
            pay_out(loan, by=who)
    assert fresh(loan).principal_left == kes("20000")


def test_what_nobody_asks_for_lapses_or_is_given_up(account):
    loan = running(account)
    assert operations.lapse_parts(at=NOON + timedelta(days=45)) == 0
    assert operations.lapse_parts(at=NOON + timedelta(days=46)) == 1
    assert operations.lapse_parts(at=NOON + timedelta(days=46)) == 0
    assert fresh(loan).principal == kes("30000")
    assert operations.cancel_parts(loan=fresh(loan), by=account.owner, at=NOON) == 1
    assert operations.cancel_parts(loan=fresh(loan), by=account.owner, at=NOON) == 0
    assert fresh(loan).principal == kes("20000")
    assert {row.status for row in Tranche.objects.filter(loan=loan)} == {"PAID", "LAPSED", "CANCELLED"}
    assert_books_balance()


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [Part(kes("60000"), TODAY)],
        [Part(kes("20000"), TODAY), Part(kes("39999"), TODAY)],
        [Part(kes("60000"), TODAY), Part(kes("0"), TODAY)],
        [Part(kes("20000"), TODAY + timedelta(days=9)), Part(kes("40000"), TODAY)],
        [Part(kes("20000"), TODAY - timedelta(days=1)), Part(kes("40000"), TODAY)],
        [Part(kes("20000"), TODAY), Part(kes("40000"), TODAY + timedelta(days=900))],
        [Part(kes("15000"), TODAY)] * 4,
    ],
)
def test_refuses_parts_that_cannot_be(account, parts):
    loan = asked_in_parts(account)
    with pytest.raises(BadTerm):
        operations.plan_parts(loan=loan, parts=parts, by=account.owner, at=NOON)
    assert Tranche.objects.filter(loan=loan).count() == 3


def test_takes_the_down_payment_when_the_money_goes_out(account):
    before = Decimal(balance_of(account))
    terms = terms_of("BUSINESS", down_payment_pct=Decimal(20))
    loan = fresh(make_loan(account, "60000", code="BUSINESS", terms=terms, at=NOON))
    offer = offers.of_loan(loan, TODAY)
    assert offer.down_payment == kes("12000")
    assert offer.received == kes("60000") - offer.charges_total - kes("12000")
    assert Decimal(balance_of(account)) == before + offer.received.amount
    assert (loan.principal_left, loan.paid) == (kes("48000"), kes("12000"))
    first = rows_of(loan)[0]
    assert (first.due_on, first.settled_on, first.total_minor) == (TODAY, TODAY, 1_200_000)
    assert loan.repayments.get().source == "DOWN"
    end_days(NOON, NOON + timedelta(days=31))
    assert fresh(loan).days_past_due == 0
    assert_books_balance()


def test_a_prepayment_is_not_charged_again_by_a_payoff_on_the_same_day(account):
    loan = make_loan(account, "60000", code="BUSINESS", at=NOON)
    end_days(NOON, MIDDLE)
    operations.repay(loan=fresh(loan), amount=kes("30000"), key="early", by=account.owner, at=MIDDLE)
    loan = fresh(loan)
    assert owed.payoff(loan, rows_of(loan), MIDDLE).interest == 0
    assert date(2026, 4, 2) in [row.due_on for row in rows_of(loan)]


def test_a_cut_period_is_neither_shown_nor_counted_as_paid_on_time(account):
    loan = running(account)
    pay_out(loan)
    later = NOON + timedelta(days=25)
    assert [row.is_cut for row in rows_of(loan)][:2] == [True, False]
    facts = Loans().facts([account.owner_id], at=later)[account.owner_id]
    assert (facts.on_time, facts.late, facts.missed) == (0, 0, 0)
