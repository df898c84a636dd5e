"""The end of a day over many loans: the database works out what the rules say, and does it once."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, give
from apps.kernel import approvals
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.queries import balance
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, queries
from apps.lending.facts import Loans
from apps.lending.models import ClassMove, Instalment, Loan, LoanEntry, LossBand, PortfolioDay
from apps.lending.operations import day as steps
from apps.lending.rules.arrears import Band, classify, days_past_due, provision
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))


@pytest.fixture
def loans():
    """Two that never pay, one that does, of three products."""
    made = []
    for nth, (code, amount) in enumerate((("INSTANT", "5000"), ("EMERGENCY", "8000"), ("BUSINESS", "60000"))):
        account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
        made.append(make_loan(account, amount, code=code, at=NOON))
        Loan.objects.filter(pk=made[-1].pk).update(auto_debit=nth == 1)
    return made


def bands_on(product):
    rows = LossBand.objects.filter(table=product.loss_table).order_by("from_days")
    return [Band(row.code, row.from_days, row.rate, row.source) for row in rows]


def expected_loss(loan, on):
    """IFRS 9 as the step says it, in Decimal."""
    owed = loan.principal_left_minor + loan.interest_accrued_minor - loan.interest_paid_minor
    lost = Decimal("0.45")
    if loan.stage == 3:
        return -(-owed * lost // 1)
    months = max(-(-(loan.last_due_on - on).days // 30), 1)
    ahead = Decimal(min(months, 12) if loan.stage == 1 else months)
    odds = 9 * Decimal(2) ** (Decimal(loan.score - 600) / 80)
    fails = 1 - (1 - 1 / (1 + odds)) ** (ahead / 12)
    yearly = loan.rate * {"WEEK": 52, "MONTH": 12}.get(loan.terms.rate_per, 1)
    return -(-owed * lost * fails / (1 + yearly) ** (ahead / 24) // 1)


@pytest.mark.parametrize("late", [20, 35, 70, 130, 240])
def test_ages_classes_and_provides_as_the_rules_say(loans, late):
    last = NOON + timedelta(days=late)
    end_days(last - timedelta(days=1), last)
    on = local_date(last) - timedelta(days=1)
    for loan in Loan.objects.select_related("product__loss_table", "terms"):
        rows = [(row.due_on, row.left_minor) for row in Instalment.objects.current().filter(loan=loan)]
        assert loan.days_past_due == days_past_due(rows, on)
        if loan.status != "ACTIVE":
            assert (loan.provision_minor, loan.regulatory_minor) == (0, 0)
            continue
        band = classify(loan.days_past_due, bands_on(loan.product))
        owed = loan.principal_left_minor + loan.interest_accrued_minor - loan.interest_paid_minor
        assert (loan.loss_class, loan.regulatory_minor) == (band.code, provision(owed, band))
        assert abs(loan.provision_minor - expected_loss(loan, on)) <= 1
    kept = Loan.objects.all()
    excess = max(sum(one.regulatory_minor for one in kept) - sum(one.provision_minor for one in kept), 0)
    assert balance(ledger.gl("equity:loan_reserve", "KES").id).posted_minor == excess
    assert_books_balance()


def test_a_day_twice_is_a_day_once(loans):
    end_days(NOON, NOON + timedelta(days=40))
    before = LoanEntry.objects.count(), ClassMove.objects.count(), PortfolioDay.objects.count()
    last = NOON + timedelta(days=39)
    for step in (steps.collect, steps.accrue, steps.penalise, steps.age, steps.provide, steps.snapshot):
        step(day=local_date(last), at=day_start(local_date(last) + timedelta(days=1)))
    assert (LoanEntry.objects.count(), ClassMove.objects.count(), PortfolioDay.objects.count()) == before
    assert_books_balance()


def test_days_that_were_missed_are_earned_with_the_next(loans):
    end_days(NOON + timedelta(days=24), NOON + timedelta(days=25))
    loan = Loan.objects.get(product__code="INSTANT")
    assert loan.interest_accrued_minor == 20_833


def test_quiet_days_come_to_the_same_one_by_one_and_at_once(loans):
    def earned(*, each):
        with transaction.atomic():
            end_days(NOON, NOON + timedelta(days=20), each=each)
            rows = list(Loan.objects.order_by("pk").values_list("interest_accrued_minor", "provision_minor", "stage"))
            entries = LoanEntry.objects.filter(what="ACCRUAL", loan=loans[2]).count()
            transaction.set_rollback(True)
        return rows, entries

    (one_by_one, many), (at_once, few) = earned(each=True), earned(each=False)
    assert one_by_one == at_once
    assert many == 20 > few


def test_stops_adding_at_the_principal_once_non_performing(loans):
    Loan.objects.update(auto_debit=False)
    end_days(NOON + timedelta(days=139), NOON + timedelta(days=140))
    loan = Loan.objects.get(product__code="INSTANT")
    assert loan.is_non_accrual
    Loan.objects.filter(pk=loan.pk).update(owed_when_non_performing_minor=loan.interest_suspended_minor + 600)
    before = loan.charges_left_minor
    for nth in range(3):
        end_days(NOON + timedelta(days=140 + nth), NOON + timedelta(days=141 + nth))
    loan.refresh_from_db()
    assert loan.charges_left_minor - before <= 600
    assert_books_balance()


def test_what_was_paid_since_makes_no_new_room_under_in_duplum(loans):
    Loan.objects.update(auto_debit=False)
    day = NOON + timedelta(days=140)
    end_days(day - timedelta(days=1), day)
    loan = Loan.objects.get(product__code="INSTANT")
    owed_then = loan.interest_suspended_minor + loan.charges_left_minor  # at the ceiling
    Loan.objects.filter(pk=loan.pk).update(owed_when_non_performing_minor=owed_then)
    part = Money(loan.charges_left_minor, "KES")
    operations.repay(loan=loan, amount=part, key="charges", by=loan.borrower, at=day)
    for nth in range(3):
        end_days(day + timedelta(days=nth), day + timedelta(days=nth + 1))
    loan.refresh_from_db()
    assert (loan.charges_left_minor, loan.paid_since_non_performing_minor) == (0, part.minor)
    operations.pay_off(loan=loan, key="end", by=loan.borrower, at=day + timedelta(days=3))
    assert_books_balance()


def test_caps_penalties(loans):
    Loan.objects.update(auto_debit=False)
    with connection.cursor() as cursor:  # a version of terms never changes; here one day stands for a hundred
        cursor.execute("UPDATE lending_loan SET penalties_minor = principal_minor / 2 - 100")
    end_days(NOON + timedelta(days=69), NOON + timedelta(days=70))
    loan = Loan.objects.get(product__code="INSTANT")
    assert loan.charges_left_minor == 100


def test_counts_the_portfolio_at_risk_in_both_forms(loans):
    end_days(NOON + timedelta(days=69), NOON + timedelta(days=70))
    business = Loan.objects.get(product__code="BUSINESS")
    Loan.objects.filter(product__code="INSTANT").update(is_restructured=True, days_past_due=0)
    book = queries.portfolio()
    by_days = {line.days: line for line in book.at_risk}
    assert by_days[30].principal == business.principal_left
    assert by_days[30].strict_principal == business.principal_left + Money(500_000, "KES")
    assert by_days[180].loans == 0
    assert {one.after for one in queries.tomorrow(local_date(NOON) + timedelta(days=130))} >= {"SUBSTANDARD"}


def test_tells_scoring_what_it_knows(loans):
    at = NOON + timedelta(days=70)
    end_days(at - timedelta(days=1), at)
    borrowers = {loan.product.code: loan.borrower_id for loan in Loan.objects.select_related("product")}
    facts = Loans().facts(list(borrowers.values()), at=at)
    late = facts[borrowers["INSTANT"]]
    assert (late.existing_loans, late.active_loans, late.missed, late.days_late_now) == (1, 1, 1, 40)
    paid = facts[borrowers["EMERGENCY"]]
    assert (paid.active_loans, paid.missed, paid.on_time + paid.late) == (0, 0, 4)
    assert Loans().facts([borrowers["INSTANT"]], at=NOON - timedelta(days=1)) == {}
    assert {state.reference for state in Loans().live(at=at)} == {f"loan/{one.pk}" for one in Loan.objects.active()}
    assert len(list(Loans().positions(at=at))) == 2


def test_writes_off_by_two_people_and_the_loan_leaves_the_books(loans):
    loan = Loan.objects.get(product__code="INSTANT")
    one, two = make_staff("ADMIN"), make_officer(role="ADMIN")
    with pytest.raises(Exception, match="days late"):
        operations.ask_write_off(loan=loan, reason="Gone", by=one, at=NOON)
    at = NOON + timedelta(days=220)
    end_days(at - timedelta(days=1), at)
    loan.refresh_from_db()
    asked = operations.ask_write_off(loan=loan, reason="Gone", by=one, at=at)
    with pytest.raises(Exception, match="Another"):
        approvals.approve(approval=asked, by=one, at=at)
    approvals.approve(approval=asked, by=two, at=at)
    loan.refresh_from_db()
    assert (loan.status, loan.principal_left_minor, loan.provision_minor) == ("WRITTEN_OFF", 0, 0)
    assert loan.written_off_minor >= 500_000
    end_days(at, at + timedelta(days=1))
    assert_books_balance()


def test_takes_what_is_there_and_no_more():
    account = make_borrower(deposits="20000", at=NOON)
    loan = make_loan(account, "5000", at=NOON)
    everything = Money.of(balance_of(account), "KES") - Money(100_000, "KES")
    accounts.post(
        reference="test/away",
        kind="WITHDRAWAL",
        narrative="Away",
        movements=[accounts.out_of(account, everything, "Away")],
        legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), everything)],
        at=NOON,
    )
    due = NOON + timedelta(days=30)
    end_days(due, due + timedelta(days=1))
    loan.refresh_from_db()
    assert (loan.paid_minor, balance_of(account)) == (100_000, "0.00")
    give(account, "10000", at=due + timedelta(days=1))
    end_days(due + timedelta(days=1), due + timedelta(days=2))
    loan.refresh_from_db()
    assert loan.status == "PAID"
    assert_books_balance()
