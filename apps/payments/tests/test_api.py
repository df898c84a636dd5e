"""Payments by API: named before proven, moved once, refused in plain words, and nobody else's."""

import json
import re
from contextlib import nullcontext

import pytest
from rest_framework.serializers import ModelSerializer
from rest_framework.utils.encoders import JSONEncoder

from apps.accounts.testing import balance_of, kes, make_account, spend
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments.api.serializers import PaymentShown
from apps.payments.models import Payment
from apps.users.models import StepUpChallenge
from apps.users.testing import bearer

P2P, MOVE = "/api/v1/transactions/p2p/", "/api/v1/transactions/internal/"


def post(client, path, body, headers, **more):
    return client.post(path, body, content_type="application/json", headers={**headers, **more})


def money(amount, currency="KES"):
    return {"amount": amount, "currency": currency}


@pytest.fixture
def payer(db):
    return make_account(balance="5000")


@pytest.fixture
def payee(db):
    return make_account()


def begin(client, payer, payee, amount="350.00", key="key-1"):
    body = {"to": payee.owner.phone, "amount": money(amount), "note": "Lunch"}
    return post(client, P2P, body, bearer(payer.owner), **{"Idempotency-Key": key})


def confirm(client, payer, begun, code):
    return post(
        client,
        f"/api/v1/payments/{begun['id']}/confirm/",
        {"challenge": begun["challenge"]["id"], "code": code},
        bearer(payer.owner),
    )


def test_the_whole_way_from_name_to_receipt(client, payer, payee):
    begun = begin(client, payer, payee)
    assert begun.status_code == 201
    assert begun.json()["payee_name"].startswith("Achieng O.")
    assert balance_of(payee) == "0.00"
    done = confirm(client, payer, begun.json(), code_sent_to(payer.owner.phone))
    assert (done.status_code, done.json()["status"]) == (200, "COMPLETED")
    assert balance_of(payee) == "350.00"
    again = confirm(client, payer, begun.json(), "")
    assert (again.status_code, again.json()["reference"]) == (200, done.json()["reference"])
    assert balance_of(payee) == "350.00"


def test_the_same_key_gives_the_first_answer_and_another_body_is_refused(client, payer, payee):
    first, again = begin(client, payer, payee), begin(client, payer, payee)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotent-Replay"] == "true"
    other = begin(client, payer, payee, amount="351.00")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "amount",
    [
        money("-5"), money("0"), money("0.001"), money("1e30"), money("NaN"), money("abc"), money("1,500"),
        money("٣٤٥"), money(""), money("9" * 30), money("5\u0000"), {"amount": 5, "currency": "KES"},
        {"amount": 5.5, "currency": "KES"},
        {"amount": "5"}, {"amount": "5", "currency": "XXX"}, {"amount": None, "currency": "KES"}, "5", 5, None, [], {},
        {"amount": "5", "currency": "KES", "more": 1},
    ],
)  # fmt: skip
def test_refuses_what_is_no_amount_and_names_the_field(client, payer, payee, amount):
    answer = post(client, P2P, {"to": payee.owner.phone, "amount": amount}, bearer(payer.owner))
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "amount" in answer.json()["errors"]
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": "0799 999 999"}, 404, "payee_not_found"),
        ({"to": "self"}, 422, "payment_to_self"),
        ({"amount": money("1", "USD")}, 422, "currency_mismatch"),
        ({"from_account": 2**61}, 404, "not_found"),
        ({"from_account": 2**70}, 400, "invalid"),
        ({"from_account": "other"}, 404, "not_found"),
        ({"unknown": 1}, 400, "invalid"),
    ],
)
def test_refusals_say_what_happened_and_move_nothing(client, payer, payee, change, status, code):
    body = {"to": payee.owner.phone, "amount": money("1.00"), **change}
    body = {**body, "to": payer.owner.phone if body["to"] == "self" else body["to"]}
    if body.get("from_account") == "other":
        body["from_account"] = payee.pk
    answer = post(client, P2P, body, bearer(payer.owner))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert balance_of(payer) == "5000.00"


def test_too_little_money_is_said_with_figures_and_may_be_tried_again(client, payer, payee):
    asked = begin(client, payer, payee, amount="6000.00")
    assert (asked.status_code, asked.json()["code"], asked.json()["available"]) == (
        422,
        "insufficient_funds",
        money("5000.00"),
    )
    assert not Payment.objects.exists()
    assert not StepUpChallenge.objects.exists()
    begun = begin(client, payer, payee, amount="5000.00").json()
    code = code_sent_to(payer.owner.phone)
    spend(payer, "1000")
    answer = confirm(client, payer, begun, code)
    assert (answer.status_code, answer.json()["code"]) == (422, "insufficient_funds")
    assert answer.json()["available"] == money("4000.00")
    assert re.search(r"[Nn]o money", answer.json()["detail"])
    assert balance_of(payer) == "4000.00"


def test_without_a_key_too_little_money_begins_nothing_either(client, payer, payee):
    body = {"to": payee.owner.phone, "amount": money("6000.00")}
    assert post(client, P2P, body, bearer(payer.owner)).status_code == 422
    assert not Payment.objects.exists()


def test_a_wrong_code_says_how_many_tries_are_left(client, payer, payee):
    begun = begin(client, payer, payee).json()
    code = code_sent_to(payer.owner.phone)
    wrong = "000000" if code != "000000" else "111111"
    lefts = [confirm(client, payer, begun, wrong) for _try in range(3)]
    assert [answer.json()["tries_left"] for answer in lefts] == [2, 1, 0]
    spent = confirm(client, payer, begun, code)
    assert spent.status_code == 429
    assert balance_of(payee) == "0.00"


def test_another_persons_payment_is_not_there(client, payer, payee):
    begun = begin(client, payer, payee).json()
    headers = bearer(payee.owner)
    for verb in ("confirm", "cancel", "challenge"):
        body = {"challenge": begun["challenge"]["id"], "code": "1"} if verb == "confirm" else {}
        assert post(client, f"/api/v1/payments/{begun['id']}/{verb}/", body, headers).status_code == 404
    assert client.get(f"/api/v1/payments/{begun['id']}/", headers=headers).status_code == 404
    assert client.get("/api/v1/payments/", headers=headers).json()["results"] == []


def test_paths_answer_with_and_without_their_last_slash(client, payer):
    for path in ("/api/v1/payments", "/api/v1/payments/", "/api/v1/accounts/me", "/api/v1/accounts/me/"):
        assert client.get(path, headers=bearer(payer.owner)).status_code == 200
    answer = post(client, P2P.rstrip("/"), {"to": "0799 999 999", "amount": money("1")}, bearer(payer.owner))
    assert answer.status_code == 404
    assert answer.json()["code"] == "payee_not_found"


def test_a_qr_code_is_asked_for_read_and_paid(client, payer, payee):
    asked = post(
        client, "/api/v1/qr-codes/", {"account": payee.pk, "amount": money("40.00")}, bearer(payee.owner)
    ).json()
    quote = post(client, "/api/v1/transactions/quote/", {"to": asked["payload"]}, bearer(payer.owner)).json()
    assert quote["amount"] == money("40.00")
    begun = post(client, "/api/v1/transactions/qr-payment/", {"qr": asked["payload"]}, bearer(payer.owner)).json()
    assert confirm(client, payer, begun, code_sent_to(payer.owner.phone)).json()["status"] == "COMPLETED"
    assert balance_of(payee) == "40.00"


def test_moving_between_own_accounts_is_done_at_once_and_once(client, payer):
    savings = make_account(payer.owner, product="SAVINGS")
    body = {"from_account": payer.pk, "to_account": savings.pk, "amount": money("10.00")}
    for _time in range(2):
        answer = post(client, MOVE, body, bearer(payer.owner), **{"Idempotency-Key": "m"})
        assert answer.status_code == 201
    assert balance_of(savings) == "10.00"


def test_long_keys_that_begin_alike_move_twice(client, payer):
    savings = make_account(payer.owner, product="SAVINGS")
    body = {"from_account": payer.pk, "to_account": savings.pk, "amount": money("100.00")}
    for key in ("k" * 120 + "-1", "k" * 120 + "-2", "k" * 120 + "-2"):
        answer = post(client, MOVE, body, bearer(payer.owner), **{"Idempotency-Key": key})
        assert answer.status_code == 201
    assert (balance_of(payer), balance_of(savings)) == ("4800.00", "200.00")


def test_the_list_costs_the_same_for_one_payment_and_for_five(client, payer, payee, django_assert_num_queries):
    begin(client, payer, payee, key="first")
    Payment.objects.update(challenge=None)
    headers = bearer(payer.owner)
    for nth in range(5):
        first = Payment.objects.first()
        first.payee_address = str(first.payee_address)  # opened, for it is bound to the row
        first.pk, first.key, first.reference = None, f"k{nth}", f"KX{nth}"
        first.public_id = f"00000000-0000-4000-8000-00000000000{nth}"
        first.save()
    with django_assert_num_queries(3):  # rate counter, session with its person, payments
        assert len(client.get("/api/v1/payments/", headers=headers).json()["results"]) == 6


def test_confirming_asks_the_database_fourteen_times(client, payer, payee, django_assert_num_queries):
    for key in ("first", "second"):  # the first one writes the statements
        begun = begin(client, payer, payee, key=key).json()
        StepUpChallenge.objects.filter(pk=begun["challenge"]["id"]).update(answered_at=now())
        path, body = f"/api/v1/payments/{begun['id']}/confirm/", {"challenge": begun["challenge"]["id"]}
        headers = bearer(payer.owner)
        with django_assert_num_queries(15) if key == "second" else nullcontext():
            # stay, rate, savepoint of the test's transaction and its release, payment with its people, proof, screen
            # twice, accounts, books, limits, lines, payment, audit, outbox
            assert post(client, path, body, headers).json()["status"] == "COMPLETED"
        StepUpChallenge.objects.all().delete()
    assert balance_of(payee) == "700.00"
    assert_books_balance()


def test_shows_the_same_members_by_hand_as_the_published_fields_would(client, payer, payee):
    begun = begin(client, payer, payee).json()
    done = confirm(client, payer, begun, code_sent_to(payer.owner.phone)).json()
    payment = Payment.objects.select_related("quote").get()
    by_fields = ModelSerializer.to_representation(PaymentShown(payment), payment)
    assert json.loads(json.dumps(by_fields, cls=JSONEncoder)) == done


@pytest.mark.django_db(transaction=True)
def test_ten_identical_requests_at_once_are_one_payment():
    from django.test import Client

    payer, payee = make_account(balance="5000"), make_account()
    headers = {**bearer(payer.owner), "Idempotency-Key": "same"}
    body = {"to": payee.owner.phone, "amount": money("10.00")}
    answers = at_once(*[lambda: post(Client(), P2P, body, headers)] * 10)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Payment.objects.count() == 1
    assert kes("5000") == kes(balance_of(payer))
