"""Payees, standing orders and requests by API: the same operations, proofs and walls as on the pages."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, give, kes, make_account
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import Payee, Payment, PaymentRequest, StandingOrder
from apps.payments.schedule import Schedule
from apps.payments.tests.people import on_day, save, standing, working_day
from apps.users.testing import bearer, make_customer

pytestmark = pytest.mark.django_db
PAYEES, ORDERS, ASKS = "/api/v1/payees/", "/api/v1/standing-orders/", "/api/v1/payment-requests/"


class Door:
    """A customer's app."""

    def __init__(self, client, account):
        self.client, self.account, self.headers = client, account, bearer(account.owner)

    def send(self, method, path, body=None, key=""):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return getattr(self.client, method)(path, body or {}, content_type="application/json", headers=headers)

    def get(self, path):
        return self.client.get(path, headers=self.headers)

    def confirm(self, path, begun):
        code = code_sent_to(str(self.account.owner.phone))
        return self.send("post", f"{path}{begun['id']}/confirm/", {"challenge": begun["challenge"]["id"], "code": code})


@pytest.fixture
def mine(client):
    return Door(client, make_account(balance="5000"))


@pytest.fixture
def theirs(client):
    return Door(client, make_account(make_customer(phone="+254722000114", full_name="Otieno Ouma"), balance="5000"))


def money(amount):
    return {"amount": amount, "currency": "KES"}


def test_a_payee_is_named_proven_listed_renamed_and_removed(mine, theirs):
    begun = mine.send("post", PAYEES, {"nickname": "Otis", "to": "0722 000 114"}, key="k1")
    assert (begun.status_code, begun.json()["payee_name"], begun.json()["saved_at"]) == (201, "Otieno O.", None)
    assert mine.get(PAYEES).json()["results"] == []
    assert mine.get(f"{PAYEES}{begun.json()['id']}/").status_code == 404
    wrong = mine.send(
        "post",
        f"{PAYEES}{begun.json()['id']}/confirm/",
        {"challenge": begun.json()["challenge"]["id"], "code": "000000"},
    )
    assert wrong.status_code == 422
    kept = mine.confirm(PAYEES, begun.json())
    assert kept.status_code == 200
    assert [one["nickname"] for one in mine.get(PAYEES).json()["results"]] == ["Otis"]
    again = mine.send("post", PAYEES, {"nickname": "Twice", "to": theirs.account.number})
    assert (again.status_code, again.json()["code"]) == (409, "payee_saved_already")
    path = f"{PAYEES}{begun.json()['id']}"
    assert mine.send("patch", f"{path}/", {"nickname": "Otieno"}).json()["nickname"] == "Otieno"
    assert mine.send("put", path, {"nickname": "Otie"}).status_code == 200
    for method in ("get", "put", "patch", "delete"):
        asked = theirs.get(path) if method == "get" else theirs.send(method, path, {"nickname": "Mine"})
        assert asked.status_code == 404, method
    assert mine.send("delete", path).status_code == 204
    assert mine.get(PAYEES).json()["results"] == []
    assert Payee.objects.get().removed_at is not None


@pytest.mark.parametrize(
    "body",
    [
        {"nickname": "x"},
        {"nickname": "x", "to": "0722000114", "till": "300584"},
        {"nickname": "x", "paybill": "888880"},
        {"nickname": "x", "to": "0722000114", "colour": "red"},
        {"to": "0722000114"},
    ],
)
def test_a_place_that_is_none_or_two_is_a_bad_request(mine, body):
    answer = mine.send("post", PAYEES, body)
    assert answer.status_code == 400
    assert not Payee.objects.exists()


def test_a_standing_order_is_set_up_shown_paused_skipped_and_ended(mine, theirs):
    start = working_day(8)
    payee = save(mine.account.owner, theirs.account)
    body = {"payee": str(payee.public_id), "amount": money("500.00"), "cadence": "MONTHLY", "starts_on": str(start)}
    begun = mine.send("post", ORDERS, body, key="o1")
    assert begun.status_code == 201, begun.json()
    assert mine.send("post", ORDERS, body, key="o1").json()["id"] == begun.json()["id"]
    assert mine.send("post", ORDERS, body | {"amount": money("1")}, key="o1").status_code == 409
    active = mine.confirm(ORDERS, begun.json()).json()
    assert (active["status"], active["coming"][0]["due_on"], len(active["coming"])) == ("ACTIVE", str(start), 3)
    path = f"{ORDERS}{active['id']}"
    assert theirs.get(path).status_code == 404
    for verb in ("skip", "pause", "resume", "challenge"):
        assert theirs.send("post", f"{path}/{verb}/").status_code == 404, verb
    assert mine.send("post", f"{path}/pause/").json()["status"] == "PAUSED"
    assert mine.send("post", f"{path}/pause/").status_code == 409
    assert mine.send("post", f"{path}/resume/").json()["status"] == "ACTIVE"
    for _twice in range(2):
        skipped = mine.send("post", f"{path}/skip/", {"due_on": str(start)})
    assert [(run["due_on"], run["status"]) for run in skipped.json()["runs"]] == [(str(start), "SKIPPED")]
    assert mine.send("patch", path, {"note": "Rent"}).json()["note"] == "Rent"
    assert mine.send("delete", path).status_code == 204
    assert mine.get(path).json()["status"] == "CANCELLED"
    assert mine.send("post", f"{path}/skip/").status_code == 409


def test_refuses_schedules_that_make_none(mine, theirs):
    start = working_day(8)
    body = {"to": theirs.account.number, "amount": money("500.00"), "cadence": "MONTHLY", "starts_on": str(start)}
    for wrong, status in [
        ({"day": 32}, 400),
        ({"cadence": "HOURLY"}, 400),
        ({"times": 2, "until": str(start + timedelta(days=90))}, 422),
        ({"starts_on": "2020-01-01"}, 422),
        ({"cadence": "DAILY", "day_off": "NEXT"}, 422),
        ({"amount": money("0")}, 400),
        ({"payee": "6f1c2c8e-0000-4000-8000-000000000000", "to": None}, 400),
    ]:
        assert mine.send("post", ORDERS, body | wrong).status_code == status, wrong
    del body["to"]
    stranger = save(theirs.account.owner, mine.account)
    assert mine.send("post", ORDERS, body | {"payee": str(stranger.public_id)}).status_code == 404
    assert not StandingOrder.objects.exists()


def test_shows_what_became_of_each_date(mine, theirs):
    start = working_day()
    order = standing(mine.account, theirs.account, Schedule("WEEKLY", start))
    operations.pay_order(order_id=order.pk, at=on_day(start))
    [run] = mine.get(f"{ORDERS}{order.public_id}/").json()["runs"]
    assert (run["status"], run["payment"]) == ("PAID", str(Payment.objects.get().public_id))


def test_a_request_is_paid_by_whom_it_asks_and_nobody_else(mine, theirs, client):
    made = mine.send("post", ASKS, {"phone": "0722000114", "amount": money("350.00"), "note": "Lunch"}, key="r")
    assert made.status_code == 201
    shown = {name: made.json()[name] for name in ("is_mine", "phone", "status")}
    assert shown == {"is_mine": True, "phone": "0722 000 114", "status": "OPEN"}
    path = f"{ASKS}{made.json()['id']}"
    stranger = Door(client, make_account(balance="900"))
    assert stranger.get(path).status_code == 404
    for verb in ("pay", "decline", "cancel", "remind", "block"):
        assert stranger.send("post", f"{path}/{verb}/").status_code == 404, verb
    assert mine.send("post", f"{path}/pay/").status_code == 404
    assert theirs.get(path).json()["phone"] == ""
    begun = theirs.send("post", f"{path}/pay/", key="p")
    assert begun.status_code == 201
    done = theirs.confirm("/api/v1/payments/", begun.json())
    assert (done.json()["status"], mine.get(path).json()["status"]) == ("COMPLETED", "PAID")
    assert theirs.send("post", f"{path}/pay/").status_code == 409
    assert balance_of(mine.account) == "5350.00"
    assert_books_balance()


def test_the_answer_does_not_tell_who_banks_here(mine, theirs):
    known = mine.send("post", ASKS, {"phone": "0722000114", "amount": money("1")}).json()
    unknown = mine.send("post", ASKS, {"phone": "0799000114", "amount": money("1")}).json()
    differ = {name for name in known if known[name] != unknown[name]}
    assert differ == {"id", "phone", "created_at", "expires_at"}


def test_a_bill_is_split_in_equal_or_given_shares(mine, theirs):
    body = {"total": money("1000.00"), "note": "Dinner", "phones": ["0722000114", "0799000111"]}
    bill = mine.send("post", f"{ASKS}split/", body, key="s")
    assert bill.status_code == 201
    assert [share["amount"]["amount"] for share in bill.json()["shares"]] == ["333.34", "333.33"]
    assert bill.json()["own_part"]["amount"] == "333.33"
    assert theirs.get(f"{ASKS}split/{bill.json()['id']}/").status_code == 404
    assert mine.get(f"{ASKS}split/{bill.json()['id']}/").json()["paid"]["amount"] == "0.00"
    del body["phones"]
    for wrong in ({}, {"phones": ["0722000114"], "shares": [{"phone": "0722000114", "amount": money("1")}]}):
        assert mine.send("post", f"{ASKS}split/", body | wrong).status_code == 400
    more = {"shares": [{"phone": "0722000114", "amount": money("1000.01")}]}
    assert mine.send("post", f"{ASKS}split/", body | more).status_code == 422
    assert PaymentRequest.objects.count() == 2


def test_keys_that_look_alike_split_and_ask_apart(mine):
    one = {"phone": "0722000114", "amount": money("1")}
    bill = {"total": money("10"), "note": "Dinner", "shares": [one]}
    assert mine.send("post", ASKS, one, key="k/1").status_code == 201
    assert [mine.send("post", f"{ASKS}split/", bill, key="k").status_code for _twice in range(2)] == [201, 201]
    assert PaymentRequest.objects.count() == 2


def test_lists_ask_the_database_no_more_with_more_rows(mine, theirs, django_assert_max_num_queries):
    start = working_day()
    give(mine.account, "100")
    for nth in range(6):
        other = make_account(make_customer())
        Payee.objects.create(
            owner=mine.account.owner, nickname=f"N{nth}", created_at=on_day(start), saved_at=on_day(start),
            **operations.place_here(to=other.number, owner=mine.account.owner, at=on_day(start)),
        )  # fmt: skip
        standing(
            mine.account, other, Schedule("WEEKLY", start), key=f"o{nth}", at=on_day(start - timedelta(days=1), nth)
        )
        operations.ask_for_payment(
            by=mine.account.owner, phone=f"079900020{nth}", amount=kes("5"), into_account=mine.account,
            key=f"r{nth}", at=on_day(start),
        )  # fmt: skip
    for path, most in ((PAYEES, 5), (ORDERS, 6), (ASKS, 4)):
        with django_assert_max_num_queries(most):
            answer = mine.get(path)
        assert len(answer.json()["results"]) == 6
