"""The rest of a loan's life by API: more on top, parts, M-Pesa, papers, payments of earlier days, cash."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes, make_teller
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.lending import operations
from apps.lending.models import Loan
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, signed, terms_of
from apps.lending.tests.test_api import LOANS, Door, money
from apps.notifications.testing import code_sent_to
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_borrower(kyc_tier="TIER_2")


@pytest.fixture
def mine(client, account):
    return Door(client, account.owner)


@pytest.fixture
def other(client):
    return Door(client, make_customer())


def lent(account, *, back=""):
    loan = make_loan(account, "5000", at=now() - timedelta(hours=2))
    if back:
        operations.repay(loan=loan, amount=kes(back), key="part", by=account.owner, at=now())
    return Loan.objects.shown().get(pk=loan.pk)


def at(loan, path):
    return f"{LOANS}{loan.public_id}/{path}"


def late(account):
    began = now() - timedelta(days=40)
    loan = make_loan(account, "5000", at=began)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    end_days(began, now())
    return Loan.objects.shown().get(pk=loan.pk)


def test_borrows_more_by_quote_asking_and_signing(mine, other, account):
    loan = lent(account, back="4000")
    quote = mine.post(at(loan, "top-up/quote/"), {"more": money("3000.00")})
    assert quote.status_code == 200, quote.json()
    shown = quote.json()
    assert (shown["payoff"], shown["in_hand"], shown["price"]) == (money("1250.00"), money("3000.00"), money("212.50"))
    assert shown["offer"]["principal"] == money("4250.00")
    assert Loan.objects.count() == 1
    before = float(balance_of(account))
    made = mine.post(at(loan, "top-up/"), {"more": money("3000.00")}, key="more")
    assert (made.status_code, made.json()["status"], made.json()["replaces"]) == (201, "APPROVED", str(loan.public_id))
    assert mine.post(at(loan, "top-up/"), {"more": money("3000.00")}, key="more").json() == made.json()
    one = f"{LOANS}{made.json()['id']}/"
    challenge = mine.post(f"{one}challenge/").json()["id"]
    body = {"challenge": challenge, "code": code_sent_to(str(account.owner.phone))}
    assert mine.post(f"{one}accept/", body).json()["status"] == "ACTIVE"
    assert float(balance_of(account)) == before + 3000
    assert other.post(at(loan, "top-up/"), {"more": money("10.00")}).status_code == 404
    assert_books_balance()


@pytest.mark.parametrize("body", [{"more": money("0")}, {"more": money("-1")}, {}, {"more": money("1"), "x": 1}])
def test_refuses_a_top_up_that_says_nothing(mine, account, body):
    loan = lent(account, back="4000")
    assert mine.post(at(loan, "top-up/"), body).status_code == 400
    assert Loan.objects.count() == 1


def test_refuses_more_before_enough_is_back(mine, account):
    answer = mine.post(at(lent(account), "top-up/"), {"more": money("3000.00")})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_eligible")
    assert Loan.objects.count() == 1


def test_says_what_ending_it_takes_on_other_days(mine, account):
    days = mine.get(at(lent(account), "payoff/")).json()["days"]
    assert days[0]["on"] == str(local_date(now()))
    assert {one["total"]["amount"] for one in days} == {"5250.00"}


def test_switches_taking_by_itself(mine, other, account):
    loan = lent(account)
    for on in (False, False, True):
        answer = mine.client.patch(
            at(loan, ""), {"auto_debit": on}, content_type="application/json", headers=mine.headers
        )
        assert (answer.status_code, answer.json()["auto_debit"]) == (200, on)
    refused = other.client.patch(
        at(loan, ""), {"auto_debit": False}, content_type="application/json", headers=other.headers
    )
    assert refused.status_code == 404
    assert Loan.objects.get().auto_debit


@pytest.mark.pdf
def test_gives_papers_to_the_borrower_alone(mine, other, account):
    loan = lent(account)
    for paper in ("contract", "schedule", "statement"):
        answer = mine.get(f"{LOANS}{loan.public_id}/{paper}.pdf")
        assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")
        assert other.get(f"{LOANS}{loan.public_id}/{paper}.pdf").status_code == 404
    refused = mine.get(f"{LOANS}{loan.public_id}/clearance.pdf")
    assert (refused.status_code, refused.json()["code"]) == (409, "loan_not_paid")
    operations.pay_off(loan=loan, key="end", by=account.owner, at=now())
    assert mine.get(f"{LOANS}{loan.public_id}/clearance.pdf").content[:4] == b"%PDF"


def test_plans_parts_and_staff_pay_them_out(mine, client, account):
    loan = ask(account, "30000", code="BUSINESS", terms=terms_of("BUSINESS", most_parts=2))
    today = str(local_date(now()))
    parts = [{"amount": money("10000.00"), "on": today}, {"amount": money("20000.00"), "on": today}]
    wrong = mine.put(at(loan, "parts/"), {"parts": parts[:1]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "term_not_offered")
    assert [one["status"] for one in mine.put(at(loan, "parts/"), {"parts": parts}).json()] == ["PLANNED", "PLANNED"]
    officer = make_officer()
    loan = operations.approve(loan=Loan.objects.shown().get(pk=loan.pk), by=officer, at=now())
    operations.disburse(loan=signed(loan), by=officer, at=now())
    desk = Door(client, officer)
    for _again in range(2):
        assert desk.post(at(loan, "parts/2/disburse/")).json()["status"] == "PAID"
    assert mine.post(at(loan, "parts/2/disburse/")).status_code == 403
    assert desk.post(at(loan, "parts/9/disburse/")).status_code == 404
    assert len(mine.get(at(loan, "parts/")).json()) == 2
    assert_books_balance()


def test_records_a_payment_of_an_earlier_day_by_two(client, mine, account):
    loan = late(account)
    body = {
        "amount": money("2000.00"),
        "paid_on": str(local_date(now()) - timedelta(days=8)),
        "came": "CASH",
        "document": "R-1",
        "reason": "Misfiled",
    }
    assert mine.post(at(loan, "back-dated/"), body).status_code == 403
    desk = Door(client, make_officer())
    answer = desk.post(at(loan, "back-dated/"), body)
    assert answer.status_code == 202, answer.json()
    assert desk.post(at(loan, "back-dated/"), body | {"paid_on": str(local_date(now()))}).status_code == 422
    approvals.approve(approval=Approval.objects.get(pk=answer.json()["approval"]), by=make_officer(), at=now())
    assert loan.repayments.get().paid_on == local_date(now()) - timedelta(days=8)
    assert_books_balance()


def test_offers_a_new_loan_in_place_of_a_late_one_by_two(client, account):
    loan = late(account)
    desk = Door(client, make_officer())
    answer = desk.post(at(loan, "refinance/"), {"product": "EMERGENCY", "periods": 4, "reason": "Lost her stall"})
    assert answer.status_code == 202, answer.json()
    approvals.approve(approval=Approval.objects.get(pk=answer.json()["approval"]), by=make_officer(), at=now())
    assert Loan.objects.get(replaces=loan).status == "APPROVED"


def test_takes_cash_for_a_loan_once(client, mine, account):
    loan, (teller, _till) = lent(account), make_teller(cash="0")
    till = Door(client, teller)
    body = {"loan": loan.reference, "amount": money("2000.00"), "by_name": "Achieng"}
    first = till.post("/api/v1/cash/loans/", body, key="slip")
    assert (first.status_code, first.json()["repayment"]["origin"]) == (201, "CASH")
    assert till.post("/api/v1/cash/loans/", body, key="slip").json() == first.json()
    assert till.post("/api/v1/cash/loans/", body | {"loan": "LXXXXXXXXX"}, key="other").status_code == 404
    assert mine.post("/api/v1/cash/loans/", body).status_code == 403
    assert loan.repayments.count() == 1
    assert_books_balance()


def test_takes_a_payment_back_by_two_and_the_list_says_so(mine, other, client, account):
    loan = lent(account, back="2000")
    shown = mine.get(at(loan, "repayments/")).json()
    assert [(one["amount"], one["taken_back_on"]) for one in shown] == [(money("2000.00"), None)]
    assert other.get(at(loan, "repayments/")).status_code == 404
    desk = Door(client, make_officer())
    body = {"repayment": shown[0]["reference"], "because": "PAYER", "reason": "M-Pesa took QJK1 back"}
    assert mine.post(at(loan, "reverse-repayment/"), body).status_code == 403
    assert desk.post(at(loan, "reverse-repayment/"), body | {"because": "FUN"}).status_code == 400
    assert desk.post(at(loan, "reverse-repayment/"), body | {"repayment": "R222222222"}).status_code == 404
    asked = desk.post(at(loan, "reverse-repayment/"), body)
    assert (asked.status_code, Loan.objects.get().paid_minor) == (202, 200_000)
    again = desk.post(at(loan, "reverse-repayment/"), body)
    assert (again.status_code, again.json()["code"]) == (409, "repayment_taken_back")
    approvals.approve(approval=Approval.objects.get(pk=asked.json()["approval"]), by=make_officer(), at=now())
    shown = mine.get(at(loan, "repayments/")).json()
    assert [(one["taken_back_on"], one["taken_back_because"]) for one in shown] == [(str(local_date(now())), "PAYER")]
    assert Loan.objects.get().paid_minor == 0
    assert_books_balance()
