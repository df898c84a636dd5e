"""Loans at the desk: the queue, a decision by two officers, other terms, the portfolio and its switch."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.testing import kes
from apps.credit_scoring.models import CreditScore
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.lending import offers
from apps.lending.affordability import affordability_of
from apps.lending.models import Loan
from apps.lending.testing import ask, make_borrower, make_loan, make_officer, signed
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_borrower(deposits="100000", kyc_tier="TIER_2")


def at(loan):
    return reverse("admin:loan", args=[loan.public_id])


def test_shows_what_waits_with_a_fixed_number_of_queries(account, django_assert_num_queries):
    ask(account, "60000", code="BUSINESS")
    client = enter(make_officer())
    client.get(reverse("admin:loans"))
    with django_assert_num_queries(9):
        shown = client.get(reverse("admin:loans"))
    assert account.owner.full_name in shown.content.decode()
    for view in ("offered", "running", "late", "over", "nonsense"):
        assert client.get(reverse("admin:loans"), {"view": view}).status_code == 200


def test_two_officers_decide_and_the_money_is_paid_out_once(account):
    loan = ask(account, "120000", code="BUSINESS")
    first, second = make_officer(), make_officer()
    client = enter(first)
    refused = client.post(at(loan), {"act": "approve", "note": ""})
    assert refused.status_code == 422
    assert "Two officers look" in refused.content.decode()
    assert client.post(at(loan), {"act": "recommend", "note": "Known for years"}).status_code == 303
    client = enter(second)
    assert client.post(at(loan), {"act": "disburse"}).status_code == 409
    assert client.post(at(loan), {"act": "approve", "note": "Sound"}).status_code == 303
    loan.refresh_from_db()
    signed(loan)
    assert "Pay out" in client.get(at(loan)).content.decode()
    for _click in range(2):
        assert client.post(at(loan), {"act": "disburse"}).status_code == 303
    loan.refresh_from_db()
    assert loan.status == "ACTIVE"
    assert_books_balance()


def test_shows_what_a_month_carries_beside_the_loans_that_run(account):
    running = make_loan(account, "5000")
    loan = ask(account, "60000", code="BUSINESS", at=now() + timedelta(minutes=1))
    shown = offers.of_loan(loan, local_date(now()))
    carries = affordability_of(loan, shown.plan.rows, CreditScore.objects.latest("pk"), local_date(now()))
    assert carries.comes_in.minor == 20_000_000 // 3  # two deposits of 100,000 in ninety days
    assert carries.asks.minor == max(row.total_minor for row in shown.plan.rows)
    assert carries.others == running.principal + kes("250")
    assert carries.share_pct == round(100 * (carries.asks + carries.others).minor / carries.comes_in.minor)
    words = enter(make_officer()).get(at(loan)).content.decode().replace("\xa0", " ")
    assert f"All loans together would take {carries.share_pct} %" in words
    assert "5,250.00" in words


def test_declines_only_with_a_reason(account):
    loan = ask(account, "60000", code="BUSINESS")
    client = enter(make_officer())
    assert client.post(at(loan), {"act": "reject", "note": ""}).status_code == 422
    assert client.post(at(loan), {"act": "reject", "note": "Income not shown"}).status_code == 303
    loan.refresh_from_db()
    assert (loan.status, loan.because) == ("REJECTED", "Income not shown")


def test_asks_for_other_terms(account):
    loan = make_loan(account, "60000", code="BUSINESS")
    client = enter(make_officer())
    asked = {"act": "change", "why": "RESCHEDULED", "periods": "0", "reason": "Harvest lost"}
    assert client.post(at(loan), asked).status_code == 422
    assert client.post(at(loan), asked | {"periods": "3"}).status_code == 303
    assert Approval.objects.get().payload["periods"] == 3
    assert "waits for another person" in client.get(at(loan)).content.decode()


def test_an_act_that_is_none_changes_nothing(account):
    loan = make_loan(account, "60000", code="BUSINESS", periods=6)
    client = enter(make_officer())
    for act in ("nonsense", "a\0b", "9" * 400):
        assert client.post(at(loan), {"act": act, "note": "x", "why": "MORATORIUM", "reason": "x"}).status_code == 404
    assert not Approval.objects.exists()


def test_nobody_decides_on_their_own():
    officer = make_officer()
    account = make_borrower(deposits="100000", kyc_tier="TIER_2")
    Loan.objects.filter(pk=ask(account, "60000", code="BUSINESS").pk).update(borrower=officer)
    client = enter(officer)
    loan = Loan.objects.get()
    assert "No one decides on their own loan" in client.get(at(loan)).content.decode()
    assert client.post(at(loan), {"act": "approve", "note": "me"}).status_code == 422
    loan.refresh_from_db()
    assert loan.status == "APPLIED"


@pytest.mark.parametrize("role", ["TELLER", "KYC_OFFICER"])
def test_is_closed_to_those_without_the_right(account, role):
    loan = ask(account, "60000", code="BUSINESS")
    client = enter(make_staff(role))
    assert client.get(reverse("admin:loans")).status_code == 403
    assert client.get(at(loan)).status_code == 403
    assert client.get(reverse("admin:portfolio")).status_code == 403


def test_shows_the_portfolio_and_asks_to_stop_lending(account):
    make_loan(account, "60000", code="BUSINESS")
    client = enter(make_staff("ADMIN"))
    shown = client.get(reverse("admin:portfolio")).content.decode()
    assert "60,000.00" in shown
    assert client.post(reverse("admin:portfolio"), {"reason": ""}).status_code == 422
    assert client.post(reverse("admin:portfolio"), {"reason": "The model drifts"}).status_code == 303
    assert Approval.objects.get().kind == "lending.switch"
    assert "The bank lends" in client.get(reverse("admin:portfolio")).content.decode()
