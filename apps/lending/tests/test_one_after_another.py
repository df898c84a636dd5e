"""What was right when it was offered, asked or promised, looked at again when it counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.credit_scoring import operations as scoring
from apps.credit_scoring.models import Decision
from apps.credit_scoring.rules import deciding
from apps.fx.testing import set_rates
from apps.kernel import approvals
from apps.kernel.errors import IllegalMove
from apps.kernel.money import Money
from apps.kernel.testing import at_once, deliver_events, refusals, until_waiting
from apps.ledger.testing import assert_books_balance
from apps.lending import limits, operations
from apps.lending.errors import ActiveLoan, NotEligible, OverLimit
from apps.lending.models import Guarantee, Loan, LoanProduct, Repayment
from apps.lending.operations.back_date import DocumentUsed
from apps.lending.testing import ask, end_days, make_borrower, make_guaranteed_loan, make_loan, make_officer, signed
from apps.lending.testing import terms_of as opening_terms
from apps.lending.tests.test_api import Door, money
from apps.notifications.testing import code_sent_to, messages_to
from apps.users import operations as people
from apps.users.testing import make_customer, make_staff

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
DAY = timedelta(days=1)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


# ---- offers ----


@pytest.mark.django_db
def test_an_offer_made_by_the_machine_is_not_signed_beside_a_loan_that_runs_by_now():
    account = make_borrower(deposits="20000", at=NOON, kyc_tier="TIER_2")
    offered = ask(account, "5000", at=NOON)
    other = make_loan(account, "10000", code="BUSINESS", at=NOON)
    before = balance_of(account)
    with pytest.raises(ActiveLoan, match="No money moved"):
        signed(offered, at=NOON)
    assert (fresh(offered).status, fresh(offered).accepted_at, balance_of(account)) == ("APPROVED", None, before)
    give(account, "5000", at=NOON)
    operations.pay_off(loan=fresh(other), key="end", by=account.owner, at=NOON)
    assert signed(fresh(offered), at=NOON + timedelta(minutes=5)).status == "ACTIVE"
    assert_books_balance()


@pytest.mark.django_db
def test_a_tier_counts_all_loans_together():
    account = make_borrower(deposits="60000", at=NOON)
    saver = account.owner
    make_account(saver, balance="20000", product="SAVINGS", at=NOON)
    ask(account, "12000", code="SAVINGS_BACKED", at=NOON)
    with pytest.raises(OverLimit, match="asked for already") as no:
        ask(account, "4000", code="EMERGENCY", at=NOON)
    assert no.value.facts["limit"] == {"amount": "3000.00", "currency": "KES"}  # of the 15,000 of tier 1
    assert ask(account, "3000", code="EMERGENCY", at=NOON).status == "APPLIED"


@pytest.mark.django_db
def test_a_limit_in_another_currency_is_worth_what_comes_in_at_home():
    """20,000 shillings a month and a tier of 15,000 are no 16,000 dollars."""
    account = make_borrower(deposits="20000", at=NOON)
    set_rates(NOON - timedelta(minutes=1), USD="125")
    LoanProduct.objects.filter(code="INSTANT").update(currency="USD")
    found = limits.limit_of(user=account.owner, terms=opening_terms("INSTANT"), by=account.owner, at=NOON)
    assert (found.amount, found.reasons[0].code) == (Money.of("120", "USD"), "TIER")
    found = limits.limit_of(
        user=account.owner, terms=opening_terms("INSTANT"), by=account.owner, at=NOON - timedelta(hours=1)
    )
    assert found.amount == Money.zero("USD")  # no rate was known: nothing, and no error


@pytest.mark.django_db
def test_more_on_top_of_a_loan_that_is_no_longer_offered_is_refused():
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "20000", code="BUSINESS", at=NOON)
    give(account, "20000", at=NOON)
    operations.repay(loan=loan, amount=kes("15000"), key="most", by=account.owner, at=NOON + DAY)
    LoanProduct.objects.filter(code="BUSINESS").update(is_active=False)
    with pytest.raises(NotEligible, match="no longer offered"):
        operations.top_up(loan=fresh(loan), more=kes("5000"), key="more", by=account.owner, at=NOON + DAY)
    assert Loan.objects.count() == 1


@pytest.mark.django_db
def test_a_loan_in_place_of_a_late_one_needs_the_guarantors_its_terms_ask_for():
    loan = make_guaranteed_loan(at=NOON)
    late = NOON + timedelta(days=40)
    end_days(NOON, late)
    asked = operations.ask_refinance(
        loan=fresh(loan), terms=opening_terms("SAVINGS_BACKED"), periods=12, reason="Lost her stall",
        by=make_officer(), at=late,
    )  # fmt: skip
    approvals.approve(approval=asked, by=make_officer(), at=late)
    made = signed(Loan.objects.shown().get(replaces=loan), at=late)
    with pytest.raises(NotEligible, match="Guarantors stand for KES 0"):
        operations.disburse(loan=made, by=make_officer(), at=late)
    assert (fresh(loan).status, Guarantee.objects.given().filter(loan=loan).count()) == ("ACTIVE", 2)
    assert_books_balance()


# ---- a person decides otherwise ----


def decided_by_machine(account, outcome, monkeypatch):
    """An instant loan for which the score said so."""
    monkeypatch.setattr(deciding, "rule", lambda **facts: deciding.Ruling(outcome, ("SCORE_LOW",)))
    loan = ask(account, "5000", at=NOON)
    return loan, Decision.objects.get(loan_reference=f"loan/{loan.pk}")


@pytest.mark.django_db
def test_a_decline_that_a_person_overturns_waits_for_an_officer_and_can_be_lent(monkeypatch):
    account = make_borrower(deposits="20000", at=NOON)
    loan, declined = decided_by_machine(account, "REJECTED", monkeypatch)
    assert (loan.status, loan.because) == ("REJECTED", "SCORE")
    scoring.review(decision=declined, by=make_staff("LOAN_OFFICER"), uphold=False, note="Paid in cash", at=NOON)
    deliver_events()
    loan = fresh(loan)
    assert (loan.status, loan.because, loan.over_at) == ("APPLIED", "", None)
    assert [m.code for m in messages_to(str(account.owner.phone))][-1] == "lending.applied"
    loan = operations.approve(loan=loan, by=make_officer(), at=NOON)
    assert signed(loan, at=NOON).status == "ACTIVE"
    assert not operations.reconsider(loan_id=loan.pk, outcome="REFERRED", at=NOON)  # the event once more
    assert_books_balance()


@pytest.mark.django_db
def test_a_decline_that_stands_or_was_asked_anew_stays(monkeypatch):
    account = make_borrower(deposits="20000", at=NOON)
    loan, declined = decided_by_machine(account, "REJECTED", monkeypatch)
    scoring.review(decision=declined, by=make_staff("LOAN_OFFICER"), uphold=True, note="Six unpaid", at=NOON)
    deliver_events()
    assert fresh(loan).status == "REJECTED"
    anew, _decision = decided_by_machine(account, "APPROVED", monkeypatch)
    assert not operations.reconsider(loan_id=loan.pk, outcome="REFERRED", at=NOON)
    assert (fresh(loan).status, fresh(anew).status) == ("REJECTED", "APPROVED")


@pytest.mark.django_db
def test_an_offer_whose_approval_is_overridden_is_taken_back(monkeypatch):
    account = make_borrower(deposits="20000", at=NOON)
    loan, approved = decided_by_machine(account, "APPROVED", monkeypatch)
    asked = scoring.override(
        decision=approved, outcome="REJECTED", reason="Forged payslip", by=make_staff("LOAN_OFFICER"), at=NOON
    )
    approvals.approve(approval=asked, by=make_officer(), at=NOON)
    deliver_events()
    assert (fresh(loan).status, fresh(loan).because) == ("REJECTED", "SCORE")
    with pytest.raises(IllegalMove):
        signed(fresh(loan), at=NOON)


# ---- keys ----


@pytest.mark.django_db
def test_a_program_cannot_take_the_keys_of_the_banks_own_payments(client):
    loan = make_loan(make_borrower(deposits="20000"), "5000")
    for key in ("guarantee/1", "document/CASH/R-1"):
        path = f"/api/v1/loans/{loan.public_id}/repay/"
        answer = Door(client, loan.borrower).post(path, {"amount": money("20.00")}, key=key)
        assert answer.status_code == 201, answer.json()
    assert sorted(Repayment.objects.values_list("key", flat=True)) == ["api/document/CASH/R-1", "api/guarantee/1"]


@pytest.mark.django_db(transaction=True)
def test_one_document_pays_one_of_two_loans():
    loans = [make_loan(make_borrower(deposits="60000", at=NOON), "5000", at=NOON) for _nth in range(2)]
    now = NOON + 20 * DAY
    end_days(NOON, now)
    requests = [
        operations.ask_back_dated(
            loan=fresh(loan), amount=kes("2000"), paid_on=(now - 3 * DAY).date(), came="CASH", document="R-1182",
            reason="It lay in the wrong file", by=make_officer(), at=now,
        )
        for loan in loans
    ]  # fmt: skip
    officers = [make_officer() for _nth in loans]
    made = at_once(
        *[
            lambda one=one, who=who: approvals.approve(approval=one, by=who, at=now)
            for one, who in zip(requests, officers, strict=True)
        ]
    )
    assert [type(no) for no in refusals(made)] == [DocumentUsed]
    row = Repayment.objects.get()
    other = next(loan for loan in loans if loan.pk != row.loan_id)
    row.pk, row.loan, row.reference, row.transfer_id = None, other, "RXXXXXXXXX", 999_999_999
    with pytest.raises(IntegrityError, match="a_document_pays_one_loan"):
        row.save(force_insert=True)
    assert_books_balance()


# ---- guarantors ----


@pytest.mark.django_db(transaction=True)
def test_savings_promised_while_the_loan_is_taken_back_are_freed():
    account = make_borrower(at=NOON)
    make_account(account.owner, balance="6000", product="SAVINGS", at=NOON)
    loan, friend = ask(account, "10000", code="SAVINGS_BACKED", at=NOON), make_customer()
    savings = make_account(friend, balance="9000", product="SAVINGS", at=NOON)
    row = operations.ask_guarantee(loan=loan, guarantor=friend, amount=kes("7500"), by=account.owner, at=NOON)
    asked = operations.challenge_guarantor(guarantee=row, by=friend, at=NOON, method="SMS")
    people.answer(challenge_id=asked.pk, user=friend, answer=code_sent_to(str(friend.phone)), at=NOON)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            operations.guarantee(guarantee=row, account=savings, challenge_id=asked.pk, by=friend, at=NOON)
            taken_back = pool.submit(at_once, lambda: operations.cancel(loan=fresh(loan), by=account.owner, at=NOON))
            until_waiting()
        assert refusals(taken_back.result()) == []
    deliver_events()
    assert (fresh(loan).status, Guarantee.objects.get().status) == ("CANCELLED", "RELEASED")
    assert Decimal(holding(savings).held.amount) == 0
    assert_books_balance()
