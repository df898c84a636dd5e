"""Guarantees by API: asked by phone, given with proof, declined; walls between people."""

import pytest

from apps.accounts.testing import make_account
from apps.ledger.testing import assert_books_balance
from apps.lending.models import Guarantee
from apps.lending.testing import ask, make_borrower
from apps.lending.tests.test_api import Door, money
from apps.notifications.testing import code_sent_to
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


class Circle:
    """A borrower's app and a friend's."""

    def __init__(self, client):
        account = make_borrower(full_name="Achieng Otieno")
        make_account(account.owner, balance="3000", product="SAVINGS")
        self.friend = make_customer(full_name="Baraka Mwangi", phone="+254722000114")
        self.savings = make_account(self.friend, balance="9000", product="SAVINGS")
        self.loan = ask(account, "10000", code="SAVINGS_BACKED")
        self.mine, self.theirs = Door(client, account.owner), Door(client, self.friend)
        self.path = f"/api/v1/loans/{self.loan.public_id}/guarantees/"

    def ask(self, amount="7500.00", phone="0722 000 114"):
        return self.mine.post(self.path, {"phone": phone, "amount": money(amount)})


@pytest.fixture
def circle(client):
    return Circle(client)


def test_is_asked_once_and_seen_by_both(circle):
    first, second = circle.ask(), circle.ask()
    assert (first.status_code, first.json()) == (201, second.json())
    shown = first.json()
    assert (shown["guarantor"], shown["borrower"], shown["status"]) == ("Baraka M.", "Achieng O.", "ASKED")
    assert circle.mine.get(circle.path).json() == [shown]
    assert circle.theirs.get("/api/v1/guarantees/").json()["results"] == [shown]
    assert circle.mine.get("/api/v1/guarantees/").json()["results"] == []


@pytest.mark.parametrize(
    ("amount", "phone", "status", "code"),
    [
        ("7500.00", "0799 999 999", 404, "not_found"),
        ("7500.00", "nobody", 404, "not_found"),
        ("10000.01", "0722 000 114", 400, "bad_amount"),
        ("0.00", "0722 000 114", 400, None),
    ],
)
def test_refuses_and_asks_nobody(circle, amount, phone, status, code):
    answer = circle.ask(amount, phone)
    assert answer.status_code == status, answer.json()
    assert code is None or answer.json()["code"] == code
    assert not Guarantee.objects.exists()


def test_is_given_with_its_code_and_holds_savings(circle):
    one = f"/api/v1/guarantees/{circle.ask().json()['id']}/"
    asked = circle.theirs.post(f"{one}challenge/")
    assert asked.status_code == 201
    code = code_sent_to(str(circle.friend.phone))
    body = {"challenge": asked.json()["id"], "code": code, "account": circle.savings.pk}
    assert circle.theirs.post(f"{one}accept/", body | {"code": "000000"}).status_code in (400, 422)
    assert circle.theirs.post(f"{one}accept/", body | {"account": circle.loan.account_id}).status_code == 404
    given = circle.theirs.post(f"{one}accept/", body)
    assert (given.status_code, given.json()["status"], given.json()["held"]) == (200, "GIVEN", money("7500.00"))
    assert circle.theirs.post(f"{one}accept/", body).json() == given.json()
    assert circle.theirs.post(f"{one}decline/").status_code == 409
    assert_books_balance()


def test_is_declined_and_is_nobody_elses(circle, client):
    one = f"/api/v1/guarantees/{circle.ask().json()['id']}/"
    for other in (circle.mine, Door(client, make_customer())):
        assert other.get(one).status_code == 404
        assert other.post(f"{one}decline/").status_code == 404
    assert Door(client, make_customer()).get(circle.path).status_code == 404
    assert circle.theirs.post(f"{one}decline/").json()["status"] == "DECLINED"


def test_lists_with_a_fixed_number_of_queries(circle, django_assert_num_queries):
    circle.ask()
    circle.theirs.get("/api/v1/guarantees/")
    with django_assert_num_queries(4):
        circle.theirs.get("/api/v1/guarantees/")
