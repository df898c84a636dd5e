"""More on top of a loan, and a new loan in place of a late one: the old one is paid off in the same transaction."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import balance_of, give, kes
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, deliver_events
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, queries, renewals
from apps.lending.errors import ActiveLoan, NotEligible, NothingOwed, OverLimit
from apps.lending.models import Loan, Repayment
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer, signed, terms_of
from apps.notifications.testing import messages_to
from apps.payments.errors import KeyReused
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
LATER = NOON + timedelta(days=10)


@pytest.fixture
def account():
    return make_borrower(deposits="20000", at=NOON)


def repaid(account, amount="4000"):
    """An instant loan of 5,000 of which so much came back ten days later: 1,250 is left."""
    loan = make_loan(account, "5000", at=NOON)
    end_days(NOON, LATER)
    operations.repay(loan=fresh(loan), amount=kes(amount), key="part", by=account.owner, at=LATER)
    return fresh(loan)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def top_up(loan, more="3000", *, key="more", at=LATER):
    return operations.top_up(loan=loan, more=kes(more), key=key, by=loan.borrower, at=at)


def test_shows_what_it_costs_beside_keeping_the_loan(account):
    loan = repaid(account)
    shown = operations.quote_top_up(loan=loan, more=kes("3000"), periods=None, by=account.owner, at=LATER)
    assert (shown.payoff.total, shown.in_hand, shown.left) == (kes("1250"), kes("3000"), kes("1250"))
    assert shown.offer.principal == kes("4250")
    assert shown.offer.repaid == kes("4462.50")
    assert shown.price == kes("212.50")
    assert Loan.objects.count() == 1


def test_is_offered_signed_and_pays_the_old_one_off(account):
    loan = repaid(account)
    before = Decimal(balance_of(account))
    made = top_up(loan)
    assert (made.status, made.replaces_id, made.renewal, made.more) == ("APPROVED", loan.pk, "TOP_UP", kes("3000"))
    assert Decimal(balance_of(account)) == before
    made = signed(made, at=LATER)
    loan = fresh(loan)
    assert (made.status, loan.status, made.replaced) == ("ACTIVE", "PAID", kes("1250"))
    assert Decimal(balance_of(account)) == before + 3000
    assert Repayment.objects.filter(loan=loan, source="REFINANCE").get().amount == kes("1250")
    assert not made.is_restructured
    deliver_events()
    said = " ".join(one.body for one in messages_to(account.owner.phone))
    assert f"paid off {loan.reference}" in said
    assert_books_balance()


def test_is_asked_once_for_one_key(account):
    loan = repaid(account)
    first = top_up(loan)
    assert top_up(loan).pk == first.pk
    with pytest.raises(KeyReused):
        top_up(loan, "3001")
    with pytest.raises(ActiveLoan):
        top_up(loan, key="other")
    assert Loan.objects.count() == 2


@pytest.mark.parametrize("back", ["100", "2000"])
def test_refuses_before_enough_is_back(account, back):
    loan = repaid(account, back)
    with pytest.raises(NotEligible) as no:
        top_up(loan)
    assert no.value.facts["needed"]["amount"] == "2500.00"
    assert Loan.objects.count() == 1


def test_refuses_a_late_loan_somebody_elses_and_one_that_is_over(account):
    loan = repaid(account)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    late = NOON + timedelta(days=33)
    end_days(LATER, late)
    with pytest.raises(NotEligible, match="late"):
        top_up(fresh(loan), at=late)
    with pytest.raises(Exception, match="not yours"):
        operations.top_up(loan=loan, more=kes("10"), key="x", by=make_customer(), at=LATER)
    operations.pay_off(loan=fresh(loan), key="end", by=account.owner, at=late)
    with pytest.raises(NothingOwed):
        top_up(fresh(loan), at=late)
    assert Loan.objects.count() == 1


def test_refuses_more_than_the_limit(account):
    loan = repaid(account)
    with pytest.raises(OverLimit):
        top_up(loan, "14000")
    assert Loan.objects.count() == 1


def test_a_proof_of_another_payoff_does_not_sign(account):
    loan = repaid(account)
    made = top_up(loan)
    asked = operations.challenge(loan=made, by=made.borrower, at=LATER, method="SMS")
    operations.repay(loan=fresh(loan), amount=kes("100"), key="again", by=account.owner, at=LATER)
    with pytest.raises(Exception, match=r"(?i)prove|confirm|code"):
        operations.accept(loan=made, challenge_id=asked.pk, by=made.borrower, at=LATER)
    assert fresh(made).status == "APPROVED"


def test_is_not_paid_out_once_the_old_loan_is_over(account):
    loan = repaid(account)
    made = top_up(loan)
    operations.pay_off(loan=loan, key="end", by=account.owner, at=LATER)
    before = balance_of(account)
    with pytest.raises(Exception, match="is over"):
        signed(fresh(made), at=LATER)
    assert (balance_of(account), fresh(made).status) == (before, "APPROVED")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_lends_once_on_top_to_eight_taps():
    account = make_borrower(deposits="20000", at=NOON)
    loan = repaid(account)
    found = at_once(*[lambda nth=nth: top_up(loan, key=f"tap-{nth}") for nth in range(8)])
    assert sum(isinstance(one, Loan) for one in found) == 1
    assert {type(one) for one in found} <= {Loan, ActiveLoan}


@pytest.mark.django_db(transaction=True)
def test_pays_the_old_one_off_once_however_many_disburse_or_repay():
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "50000", code="BUSINESS", at=NOON)
    operations.repay(loan=fresh(loan), amount=kes("30000"), key="part", by=account.owner, at=LATER)
    made = top_up(fresh(loan), "20000")
    assert made.status == "APPLIED"
    first, second = make_officer(), make_officer()
    made = operations.approve(loan=made, by=first, at=LATER)
    made = signed(made, at=LATER)
    found = at_once(
        lambda: operations.disburse(loan=Loan.objects.get(pk=made.pk), by=first, at=LATER),
        lambda: operations.disburse(loan=Loan.objects.get(pk=made.pk), by=second, at=LATER),
        lambda: operations.repay(loan=fresh(loan), amount=kes("100"), key="race", by=account.owner, at=LATER),
    )
    assert [one.status for one in found[:2]] == ["ACTIVE", "ACTIVE"]
    assert isinstance(found[2], (Repayment, NothingOwed))
    assert Repayment.objects.filter(source="REFINANCE").count() == 1
    assert fresh(loan).status == "PAID"
    assert_books_balance()


def late_loan(account):
    loan = make_loan(account, "5000", at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    at = NOON + timedelta(days=40)
    end_days(NOON, at)
    return fresh(loan), at


def refinanced(loan, at, **more):
    asked = {"terms": terms_of("EMERGENCY"), "periods": 4, "reason": "Lost her stall"} | more
    return operations.ask_refinance(loan=loan, by=make_officer(), at=at, **asked)


def test_puts_a_new_loan_in_place_of_a_late_one_by_two_people(account):
    loan, at = late_loan(account)
    before = balance_of(account)
    asked = refinanced(loan, at)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=asked.maker, at=at)
    with pytest.raises(Exception, match="limit"):
        approvals.approve(approval=asked, by=make_officer("100"), at=at)
    approvals.approve(approval=asked, by=make_officer(), at=at)
    made = Loan.objects.shown().get(replaces=loan)
    assert (made.status, made.renewal) == ("APPROVED", "REFINANCE")
    owes = renewals.payoff_of(fresh(loan), at).total
    assert made.principal > owes
    made = operations.disburse(loan=signed(made, at=at), by=make_officer(), at=at)
    made = fresh(made)
    assert (made.principal, made.replaced, made.is_restructured) == (owes, owes, True)
    assert (fresh(loan).status, balance_of(account)) == ("PAID", before)
    end_days(at, at + timedelta(days=1))
    at_risk = {line.days: line for line in queries.portfolio().at_risk}[30]
    assert (at_risk.principal, at_risk.strict_principal) == (kes("0"), owes)
    assert_books_balance()


def test_refuses_to_refinance_a_loan_that_is_not_late(account):
    loan = make_loan(account, "5000", at=NOON)
    with pytest.raises(NotAllowed, match="not late"):
        refinanced(fresh(loan), NOON)
    assert Loan.objects.count() == 1


def test_offers_one_new_loan_in_place_of_a_late_one(account):
    loan, at = late_loan(account)
    first, second = refinanced(loan, at), refinanced(loan, at)
    approvals.approve(approval=first, by=make_officer(), at=at)
    with pytest.raises(ActiveLoan):
        approvals.approve(approval=second, by=make_officer(), at=at)
    assert Loan.objects.filter(replaces=loan).count() == 1
    give(account, "1", at=at)
    assert_books_balance()
