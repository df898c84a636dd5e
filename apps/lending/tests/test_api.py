"""Loans by API: the catalogue's paths, walls between people, and the same operations."""

import pytest
from django.urls import reverse

from apps.accounts.testing import balance_of
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.lending.models import Loan
from apps.lending.testing import ask, make_borrower, make_loan, make_officer
from apps.notifications.testing import code_sent_to
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
LOANS = "/api/v1/loans/"


class Door:
    """A person's app."""

    def __init__(self, client, user):
        self.client, self.headers = client, bearer(user)

    def post(self, path, body=None, key=""):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(path, body or {}, content_type="application/json", headers=headers)

    def put(self, path, body=None):
        return self.client.put(path, body or {}, content_type="application/json", headers=self.headers)

    def get(self, path):
        return self.client.get(path, headers=self.headers)


@pytest.fixture
def account():
    return make_borrower()


@pytest.fixture
def mine(client, account):
    return Door(client, account.owner)


def money(amount):
    return {"amount": amount, "currency": "KES"}


def instant(amount="5000.00", **more):
    return {"product": "INSTANT", "amount": money(amount), **more}


def test_quotes_what_a_loan_costs_and_asks_for_nothing(mine):
    answer = mine.post(f"{LOANS}quote/", instant())
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["repaid"], shown["cost"], shown["apr_method"]) == (money("5250.00"), money("250.00"), "eu")
    assert len(shown["schedule"]) == 1
    assert not Loan.objects.exists()


def test_lends_at_once_shows_it_and_takes_it_back(mine, account):
    made = mine.post(f"{LOANS}apply/", instant(), key="a")
    assert (made.status_code, made.json()["status"]) == (201, "ACTIVE")
    assert mine.post(f"{LOANS}apply/", instant(), key="a").json() == made.json()
    one = f"{LOANS}{made.json()['id']}/"
    assert mine.get(f"{LOANS}active/").json()[0]["id"] == made.json()["id"]
    assert mine.get(f"{one}status/").json()["principal_left"] == money("5000.00")
    payoff = mine.get(f"{one}payoff/").json()
    assert [row["total"] for row in payoff.pop("days")][:2] == [money("5000.00"), money("5250.00")]
    assert payoff == {
        "total": money("5000.00"),
        "principal": money("5000.00"),
        "interest": money("0.00"),
        "charges": money("0.00"),
        "is_free": True,
    }
    (row,) = mine.get(f"{one}schedule/").json()
    assert (row["total"], row["status"]) == (money("5250.00"), "DUE")
    before = balance_of(account)
    paid = mine.post(f"{one}repay/", {"amount": money("1000.00")}, key="r")
    assert (paid.status_code, paid.json()["loan_status"]) == (201, "ACTIVE")
    assert mine.post(f"{LOANS}repay/", {"amount": money("1000.00")}, key="r").status_code == 409
    over = mine.post(f"{LOANS}repay/", {"amount": money("99999.00")})
    assert (over.status_code, over.json()["code"]) == (422, "more_than_owed")
    assert float(balance_of(account)) == float(before) - 1000
    assert_books_balance()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (instant("0"), 400, None),
        (instant("-5"), 400, None),
        (instant("1e3"), 400, None),
        (instant("499.00"), 400, "term_not_offered"),
        (instant("5000.00", periods=2), 400, "term_not_offered"),
        (instant("5000.00", periods=0), 400, None),
        (instant("5000.00", periods=1000), 400, None),
        (instant("40000.00"), 422, "loan_limit_exceeded"),
        ({"product": "GOLD", "amount": money("5000.00")}, 404, "not_found"),
        ({"product": "INSTANT", "amount": {"amount": "5000.00", "currency": "USD"}}, 422, "currency_mismatch"),
        (instant(purpose="PARTY"), 400, None),
        (instant(colour="red"), 400, None),
    ],
)
def test_refuses_and_lends_nothing(mine, body, status, code):
    answer = mine.post(f"{LOANS}apply/", body)
    assert answer.status_code == status, answer.json()
    assert code is None or answer.json()["code"] == code
    assert not Loan.objects.exists()


def test_a_loan_is_nobody_elses(mine, account, client):
    loan = make_loan(account)
    other = Door(client, make_customer())
    for path in ("", "status/", "schedule/", "payoff/"):
        assert other.get(f"{LOANS}{loan.public_id}/{path}").status_code == 404
    assert other.post(f"{LOANS}{loan.public_id}/repay/", {"amount": money("10.00")}).status_code == 404
    assert other.get(LOANS).json()["results"] == []
    assert other.put(f"{LOANS}{loan.public_id}/approve/").status_code == 403


def test_signs_an_offer_with_its_code(mine, account):
    loan = ask(account, "5000")
    one = f"{LOANS}{loan.public_id}/"
    asked = mine.post(f"{one}challenge/")
    assert asked.status_code == 201
    body = {"challenge": asked.json()["id"], "code": code_sent_to(str(account.owner.phone))}
    assert mine.post(f"{one}accept/", body | {"code": "000000"}).status_code in (400, 422)
    answer = mine.post(f"{one}accept/", body)
    assert (answer.status_code, answer.json()["status"]) == (200, "ACTIVE")
    assert mine.post(f"{one}accept/", body).json()["status"] == "ACTIVE"
    assert_books_balance()


def test_officers_review_approve_and_pay_out(client):
    account = make_borrower(deposits="100000", kyc_tier="TIER_2")
    loan = ask(account, "120000", code="BUSINESS")
    first, second = Door(client, make_officer()), Door(client, make_officer())
    one = f"{LOANS}{loan.public_id}/"
    assert second.put(f"{one}approve/").status_code == 403
    assert first.post(f"{one}review/", {"recommends": True, "note": "Sound"}).json()["status"] == "UNDER_REVIEW"
    assert first.put(f"{one}approve/").status_code == 403
    assert second.put(f"{one}approve/").json()["status"] == "APPROVED"
    assert second.put(f"{one}approve/").status_code == 409
    assert second.put(f"{one}disburse/").json()["code"] == "offer_not_accepted"
    mine = Door(client, account.owner)
    asked = mine.post(f"{one}challenge/").json()
    mine.post(f"{one}accept/", {"challenge": asked["id"], "code": code_sent_to(str(account.owner.phone))})
    paid = second.put(f"{one}disburse/")
    assert (paid.status_code, paid.json()["status"]) == (200, "ACTIVE")
    assert second.put(f"{one}disburse/").json() == paid.json()
    assert second.get("/api/v1/admin/loans/?status=ACTIVE").json()["results"][0]["reference"] == loan.reference
    assert second.get("/api/v1/admin/loans/portfolio/").json()["loans"] == 1
    assert_books_balance()


def test_asks_for_other_terms_and_another_officer_gives_them(client):
    account = make_borrower(deposits="100000", kyc_tier="TIER_2")
    loan = make_loan(account, "60000", code="BUSINESS")
    first, second = Door(client, make_officer()), make_officer()
    path = f"{LOANS}{loan.public_id}/restructure/"
    for wrong in ({"why": "FIRST"}, {"why": "RESCHEDULED"}, {"why": "NEW_RATE", "rate": "-1"}, {"why": "NEW_RATE"}):
        assert first.post(path, wrong | {"reason": "Drought"}).status_code == 400
    assert (
        Door(client, account.owner).post(path, {"why": "RESCHEDULED", "periods": 3, "reason": "x"}).status_code == 403
    )
    assert first.post(path, {"why": "RESCHEDULED", "periods": 3, "reason": "Drought"}).status_code == 200
    approval = Approval.objects.get()
    assert Door(client, second).post(reverse("approval-approve", args=[approval.pk])).status_code == 200
    loan.refresh_from_db()
    assert (loan.version, loan.instalments.filter(is_current=True).count()) == (2, 15)
    assert_books_balance()


def test_two_people_stop_lending(client, mine):
    one, two = Door(client, make_staff("ADMIN")), make_staff("ADMIN")
    asked = one.post("/api/v1/admin/loans/switch/", {"on": False, "reason": "Model drift"})
    assert (asked.status_code, asked.json()["is_on"]) == (202, True)
    approval = Approval.objects.get(pk=asked.json()["approval"])
    answer = Door(client, two).post(reverse("approval-approve", args=[approval.pk]))
    assert answer.status_code == 200
    refused = mine.post(f"{LOANS}apply/", instant())
    assert (refused.status_code, refused.json()["code"]) == (503, "lending_stopped")
    assert not Loan.objects.exists()


def test_ranks_products_for_a_need_with_reasons(mine, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        answer = mine.post(f"{LOANS}match/", {"amount": money("5000.00"), "purpose": "EMERGENCY"})
    found = answer.json()
    assert found[0]["product"] in ("EMERGENCY", "INSTANT")
    assert all(one["reasons"] for one in found)
    assert [one["fit"] for one in found] == sorted((one["fit"] for one in found), reverse=True)


def test_lists_with_a_fixed_number_of_queries(mine, account, django_assert_num_queries):
    make_loan(account)
    mine.get(LOANS)
    with django_assert_num_queries(4):
        mine.get(LOANS)
