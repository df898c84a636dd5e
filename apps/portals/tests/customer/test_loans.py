"""Borrowing on the pages: limits with reasons, an offer with all it costs, one loan for one form, paying back."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.credit_scoring.models import Decision
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.lending import operations
from apps.lending.models import Instalment, Loan, Repayment
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, terms_of
from apps.portals.testing import sign_in
from apps.portals.tests.customer.loans import Borrower, text
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def borrower():
    return Borrower()


def test_shows_limits_with_reasons_and_the_score_in_words(borrower):
    page = text(borrower.browser.get("/borrow"))
    assert "15,000.00" in page
    assert "Your tier can borrow up to" in page
    assert "This loan needs your papers to be checked" in page
    assert "Your score" in page
    assert "Ask for a loan" in page


def test_shows_somebody_new_what_is_missing():
    page = text(sign_in(make_customer()).get("/borrow"))
    assert "You have no open account that this loan could be paid to." in page
    assert "Ask for a loan" not in page


def test_suggests_loans_for_a_need_with_why(borrower):
    empty = text(borrower.browser.get("/borrow/apply/need"))
    assert "Nothing is asked for yet" in empty
    page = text(borrower.browser.get("/borrow/apply/need", {"amount": "5k", "purpose": "STOCK"}))
    assert "Instant loan" in page
    assert "It is made for what you need the money for." in page
    assert "See the offer: Instant loan" in page
    wrong = text(borrower.browser.get("/borrow/apply/need", {"amount": "much", "purpose": "STOCK"}), 422)
    assert "Write an amount like" in wrong
    assert not Loan.objects.exists()


def test_says_everything_a_loan_costs_before_it_is_asked_for(borrower):
    page = text(borrower.offer("5000"))
    assert "pay back KES 5,250.00 by" in page
    assert "5,250.00" in page
    assert "European Union" in page
    assert "KES 5,000.00 × 5% = KES 250.00" in page
    assert not Loan.objects.exists()


def test_lends_on_one_press_and_only_once(borrower):
    before = float(borrower.balance)
    page = borrower.offer("5000")
    first, second = borrower.agree(page), borrower.agree(page)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    loan = Loan.objects.get()
    assert (loan.status, float(borrower.balance)) == ("ACTIVE", before + 5000)
    shown = text(borrower.browser.get(first.headers["Location"]))
    assert "The money is on your account." in shown
    assert "Paying it off today saves" in shown
    assert_books_balance()


def test_refuses_an_offer_that_is_not_the_one_on_the_page(borrower):
    page = borrower.offer("5000")
    answer = text(borrower.agree(page, seen="1/2/3/2026-01-01"), 409)
    assert "The offer has changed since you saw it. Nothing was asked for." in answer
    assert not Loan.objects.exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"amount": "90000"}, "You can borrow up to"),
        ({"amount": "100"}, "This loan starts at"),
        ({"amount": "50000", "product": "BUSINESS"}, "This loan needs your papers to be checked"),
    ],
)
def test_says_why_an_offer_cannot_be_asked_for(borrower, asked, words):
    page = text(borrower.offer(**asked))
    assert words in page
    assert "Nothing was asked for." in page
    assert "Read the contract" not in page


def test_refuses_a_term_that_is_not_offered_and_lends_nothing(borrower):
    page = text(borrower.offer("5000", periods="9"), 422)
    assert "This loan runs over" in page
    assert not Loan.objects.exists()
    assert borrower.browser.get("/borrow/apply/offer", {"product": "GOLD"}).status_code == 303


def test_a_second_loan_is_refused_with_the_reason_and_moves_nothing(borrower):
    late = borrower.offer("1000")
    borrower.lend("5000")
    before = borrower.balance
    answer = text(borrower.agree(late), 422)
    assert "You have a loan that is not paid back yet. Nothing was asked for." in answer
    assert (borrower.balance, Loan.objects.count()) == (before, 1)


def test_pays_some_then_all_with_receipts(borrower):
    address = borrower.lend("5000")
    Loan.objects.update(disbursed_at=now() - timedelta(hours=2))
    paid = borrower.pay(address, amount="1,000")
    receipt = text(borrower.browser.get(paid.headers["Location"]))
    assert "1,000.00" in receipt
    assert "4,250.00" in receipt
    ended = borrower.pay(address, all="4,250.00")
    assert "Nothing: the loan is over" in text(borrower.browser.get(ended.headers["Location"]))
    assert Loan.objects.get().status == "PAID"
    assert "Nothing is owed since" in text(borrower.browser.get(address))
    assert_books_balance()


def test_two_presses_pay_once(borrower):
    address = borrower.lend("5000")
    before = float(borrower.balance)
    form = {"idempotency_key": "a" * 32, "amount": "700"}
    answers = [borrower.browser.post(f"{address}/pay", form) for _press in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert (Repayment.objects.count(), float(borrower.balance)) == (1, before - 700)


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"amount": "99,999"}, 422, "more than that cannot be paid. No money moved."),
        ({"amount": ""}, 422, "Write the amount."),
        ({"amount": "x"}, 422, "Write an amount like"),
        ({"all": "5,250.00"}, 409, "not what you saw. No money moved."),
    ],
)
def test_refuses_a_payment_and_moves_nothing(borrower, fields, status, words):
    address = borrower.lend("5000")
    before = borrower.balance
    assert words in text(borrower.pay(address, **fields), status)
    assert (borrower.balance, Repayment.objects.count()) == (before, 0)


def test_says_what_being_late_costs_and_how_to_catch_up():
    at = now() - timedelta(days=45)
    account = make_borrower(at=at)
    loan = make_loan(account, "5000", at=at)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    end_days(at, now())
    page = text(sign_in(account.owner).get(reverse("customer:loan", args=[loan.public_id])))
    assert "Late: you should have paid" in page
    assert "How to catch up" in page
    assert "5.25" in page
    assert "0709 000 100" in page


def test_shows_the_schedule_and_the_versions_before():
    at = now() - timedelta(days=45)
    account = make_borrower(deposits="60000", at=at, kyc_tier="TIER_2")
    loan = make_loan(account, "50000", code="BUSINESS", at=at)
    end_days(at, now())
    operations.repay(loan=loan, amount=loan.principal.times(1).split(2)[0], key="early", by=account.owner, at=now())
    page = text(sign_in(account.owner).get(reverse("customer:loan", args=[loan.public_id])))
    assert "Paid ahead" in page
    assert "Version 1" in page
    assert "How each figure is worked out" in page


def test_an_application_waits_is_offered_signed_and_paid_out():
    one = Borrower(deposits="60000", kyc_tier="TIER_2")
    answer = one.agree(one.offer("50000", "BUSINESS", periods="12"))
    address = answer.headers["Location"]
    loan = Loan.objects.get()
    page = text(one.browser.get(address))
    assert "We wait for a loan officer" in page
    officer = make_officer()
    operations.approve(loan=loan, by=officer, at=now())
    assert "Your loan is approved" in text(one.browser.get(address))
    sign = text(one.browser.get(f"{address}/sign"))
    assert "What it costs" in sign
    assert "Each late day costs 0.1%" in sign
    before = one.balance
    assert "Write the code." in text(one.browser.post(f"{address}/sign", {}), 422)
    assert one.prove(f"{address}/code", f"{address}/sign").status_code == 303
    assert "An officer pays the money out" in text(one.browser.get(address))
    assert one.balance == before
    loan.refresh_from_db()
    operations.disburse(loan=loan, by=officer, at=now())
    assert "You owe" in text(one.browser.get(address))
    assert one.browser.get(f"{address}/sign").status_code == 303
    assert_books_balance()


def test_a_wrong_code_signs_nothing():
    one = Borrower()
    loan = ask(one.account, "5000")
    address = reverse("customer:loan", args=[loan.public_id])
    one.browser.post(f"{address}/code", {"way": "SMS"})
    answer = text(one.browser.post(f"{address}/sign", {"code": "000000"}), 422)
    assert "You can try" in answer
    loan.refresh_from_db()
    assert (loan.status, loan.accepted_at) == ("APPROVED", None)


def test_takes_an_application_back():
    one = Borrower(deposits="60000", kyc_tier="TIER_2")
    loan = ask(one.account, "50000", code="BUSINESS")
    address = reverse("customer:loan", args=[loan.public_id])
    assert one.browser.post(f"{address}/cancel").status_code == 303
    assert "No money moved, and nothing is owed." in text(one.browser.get(address))
    assert one.browser.post(f"{address}/cancel").status_code == 409


def test_says_why_it_was_declined_and_that_a_person_looks_again(borrower):
    loan = ask(borrower.account, "5000")
    decision = Decision.objects.get(pk=loan.decision_id)
    fields = {field.attname: getattr(decision, field.attname) for field in Decision._meta.concrete_fields}
    declined = Decision.objects.create(
        **fields
        | {
            "id": None,
            "public_id": uuid.uuid4(),
            "loan_reference": "",
            "outcome": "REJECTED",
            "final_outcome": "REJECTED",
            "status": "REVIEW_OPEN",
            "reasons": ["SCORE_LOW", "SAVINGS.DOWN"],
        }
    )
    operations.reject(loan=loan, because="SCORE", by=make_officer(), at=now())
    Loan.objects.filter(pk=loan.pk).update(decision_id=declined.pk)
    page = text(borrower.browser.get(reverse("customer:loan", args=[loan.public_id])))
    assert "Little money stays in your account." in page
    assert "A person at KitBank looks at this decision again." in page
    assert "Ask a person to look again" in text(borrower.browser.get("/borrow"))


def test_a_loan_is_nobody_elses(borrower):
    address = borrower.lend("5000")
    row = Instalment.objects.first()
    stranger = sign_in(make_customer())
    for more in ("", "/sign", "/pay", "/guarantors", "/contract.pdf", "/statement.pdf", "/paid/LABC"):
        assert stranger.get(address + more).status_code == 404, more
    before = borrower.balance
    for more, fields in (("/pay", {"idempotency_key": "b" * 32, "amount": "10"}), ("/cancel", {}), ("/code", {})):
        assert stranger.post(address + more, fields).status_code == 404, more
    assert borrower.balance == before
    assert row.settled_on is None


def test_makes_papers(borrower):
    draft = borrower.browser.get(
        "/borrow/apply/contract.pdf", {"product": "INSTANT", "amount": "5000", "purpose": "STOCK"}
    )
    address = borrower.lend("5000")
    for answer in (
        draft,
        borrower.browser.get(f"{address}/contract.pdf"),
        borrower.browser.get(f"{address}/statement.pdf"),
    ):
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")


def test_asks_the_database_as_often_for_many_rows(django_assert_max_num_queries):
    at = now() - timedelta(days=10)
    account = make_borrower(deposits="60000", at=at, kyc_tier="TIER_2")
    loan = make_loan(account, "50000", code="BUSINESS", at=at, periods=24)
    browser = sign_in(account.owner)
    for nth in range(6):
        operations.repay(loan=loan, amount=loan.principal.split(100)[0], key=f"r{nth}", by=account.owner, at=now())
    assert terms_of("BUSINESS").most_periods == 24
    browser.get("/borrow")
    for address, most in {
        "/borrow": 60,
        "/borrow/apply/need": 60,
        reverse("customer:loan", args=[loan.public_id]): 15,
    }.items():
        with django_assert_max_num_queries(most):
            assert browser.get(address).status_code == 200
