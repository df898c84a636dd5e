"""The rest of a loan's life on the customer's pages: more on top, M-Pesa, parts, papers, what is taken by itself."""

import re
import uuid
from datetime import timedelta

import pytest

from apps.accounts.testing import kes, make_account
from apps.kernel.clock import local_date, now
from apps.ledger.testing import assert_books_balance
from apps.lending import operations
from apps.lending.models import Loan, Tranche
from apps.lending.operations import Part
from apps.lending.testing import ask, make_borrower, make_officer, signed, terms_of
from apps.mpesa.models import MpesaTransaction
from apps.portals.testing import sign_in
from apps.portals.tests.customer.loans import HIDDEN, Borrower, text
from apps.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def borrower():
    return Borrower()


def running(borrower, *, back=""):
    address = borrower.lend("5000")
    Loan.objects.update(disbursed_at=now() - timedelta(hours=2))
    if back:
        assert borrower.pay(address, amount=back).status_code == 303
    return address, Loan.objects.get()


def hidden(page, action):
    form = page.content.decode().partition(f'<form method="post" action="{action}"')[2]
    return {name: value for name, value in HIDDEN.findall(form) if name != "csrfmiddlewaretoken"}


def test_borrows_more_sees_both_loans_and_signs(borrower):
    address, old = running(borrower, back="4000")
    before = float(borrower.balance)
    assert "Borrow more" in text(borrower.browser.get(address))
    asked = borrower.browser.get(f"{address}/more", {"more": "3000"})
    shown = text(asked)
    assert "Keep the old loan" in shown
    assert "KES 4,462.50" in shown.replace("\xa0", " ") or "4,462.50" in shown
    assert Loan.objects.count() == 1
    sent = hidden(asked, f"{address}/more")
    first, second = (borrower.browser.post(f"{address}/more", sent) for _press in range(2))
    made = Loan.objects.get(replaces=old)
    assert first.headers["Location"] == second.headers["Location"] == f"/borrow/{made.public_id}/sign"
    page = text(borrower.browser.get(first.headers["Location"]))
    assert f"Pays off {old.reference} now" in page
    assert borrower.prove(f"/borrow/{made.public_id}/code", f"/borrow/{made.public_id}/sign").status_code == 303
    made.refresh_from_db()
    old.refresh_from_db()
    assert (made.status, old.status, float(borrower.balance)) == ("ACTIVE", "PAID", before + 3000)
    assert made.reference in text(borrower.browser.get(address))
    assert old.reference in text(borrower.browser.get(f"/borrow/{made.public_id}"))
    assert_books_balance()


def test_refuses_more_that_changed_since_it_was_seen(borrower):
    address, _old = running(borrower, back="4000")
    sent = hidden(borrower.browser.get(f"{address}/more", {"more": "3000"}), f"{address}/more")
    answer = text(borrower.browser.post(f"{address}/more", sent | {"seen": "1/2/3/4/2026-01-01"}), 409)
    assert "The offer has changed since you saw it" in answer
    assert Loan.objects.count() == 1


@pytest.mark.parametrize("more", ["0", "-1", "abc", "99999999"])
def test_says_why_more_cannot_be_had(borrower, more):
    address, _old = running(borrower, back="4000")
    asked = borrower.browser.get(f"{address}/more", {"more": more})
    if asked.status_code == 200:
        answer = borrower.browser.post(f"{address}/more", hidden(asked, f"{address}/more"))
        text(answer, 422)
    else:
        text(asked, 422)
    assert Loan.objects.count() == 1


def test_says_how_much_must_be_back_first(borrower):
    address, _old = running(borrower)
    assert "Borrow more" not in text(borrower.browser.get(address))
    page = text(borrower.browser.get(f"{address}/more", {"more": "3000"}), 422)
    assert "of this loan is back" in page


def test_sends_a_prompt_for_this_loan_and_shows_the_paybill(borrower):
    address, loan = running(borrower)
    User.objects.filter(pk=borrower.user.pk).update(kyc_tier="TIER_2")  # their accounts have room for what comes
    asked = borrower.browser.get(f"{address}/mpesa")
    shown = text(asked)
    assert loan.reference in shown
    sent = {"idempotency_key": str(uuid.uuid4()), "amount": "1500", "phone": "0712345678"}
    first, second = (borrower.browser.post(f"{address}/mpesa", sent) for _press in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    push = MpesaTransaction.objects.get()
    assert (push.purpose, push.account_id, push.amount_minor) == (f"loan/{loan.reference}", loan.account_id, 150_000)
    wrong = text(borrower.browser.post(f"{address}/mpesa", sent | {"amount": "1.50"}), 422)
    assert "shilling" in wrong


def test_switches_taking_by_itself_off_and_on(borrower):
    address, loan = running(borrower)
    assert "On: what is due is taken" in text(borrower.browser.get(address))
    for on in ("0", "1"):
        assert borrower.browser.post(f"{address}/auto-debit", {"on": on}).status_code == 303
        loan.refresh_from_db()
        assert loan.auto_debit == (on == "1")
    assert sign_in(make_account().owner).post(f"{address}/auto-debit", {"on": "0"}).status_code == 404


def test_says_what_paying_off_takes_on_other_days(borrower):
    address, _loan = running(borrower)
    page = text(borrower.browser.get(address))
    assert "What paying it off takes" in page
    assert page.count("5,250.00") >= 3


@pytest.mark.pdf
def test_gives_papers_and_the_letter_only_when_all_is_paid(borrower):
    address, loan = running(borrower)
    for paper in ("contract", "statement", "schedule"):
        assert borrower.browser.get(f"{address}/{paper}.pdf").content.startswith(b"%PDF")
    assert borrower.browser.get(f"{address}/paid.pdf").status_code == 404
    operations.pay_off(loan=loan, key="end", by=borrower.user, at=now())
    assert "Letter that all is paid" in text(borrower.browser.get(address))
    letter = borrower.browser.get(f"{address}/paid.pdf")
    assert letter.content.startswith(b"%PDF")
    assert re.search(loan.reference, letter.headers["Content-Disposition"])
    assert sign_in(make_account().owner).get(f"{address}/paid.pdf").status_code == 404


def test_shows_parts_and_gives_the_rest_up():
    account = make_borrower(deposits="60000", kyc_tier="TIER_2")
    today = local_date(now())
    loan = ask(account, "60000", code="BUSINESS", terms=terms_of("BUSINESS", most_parts=3))
    parts = [Part(kes("20000"), today), Part(kes("40000"), today + timedelta(days=20), "Walls")]
    operations.plan_parts(loan=loan, parts=parts, by=account.owner, at=now())
    officer = make_officer()
    loan = operations.approve(loan=Loan.objects.shown().get(pk=loan.pk), by=officer, at=now())
    browser = sign_in(account.owner)
    assert "Part 2" in text(browser.get(f"/borrow/{loan.public_id}/sign"))
    operations.disburse(loan=signed(loan), by=officer, at=now())
    page = text(browser.get(f"/borrow/{loan.public_id}"))
    assert "Walls" in page
    assert browser.post(f"/borrow/{loan.public_id}/parts/give-up").status_code == 303
    assert {row.status for row in Tranche.objects.all()} == {"PAID", "CANCELLED"}
    assert "I do not need the other parts" not in text(browser.get(f"/borrow/{loan.public_id}"))


def test_offers_the_exact_balance_when_more_was_typed(borrower):
    address, loan = running(borrower)
    before = borrower.balance
    answer = borrower.pay(address, amount="6000")
    assert "You owe" in text(answer, 422)
    exact = re.search(r'name="all" value="([^"]+)"', answer.content.decode())[1]
    assert borrower.balance == before
    assert borrower.pay(address, all=exact).status_code == 303
    loan.refresh_from_db()
    assert loan.status == "PAID"
    assert_books_balance()
