"""Payments of the sandbox: as live ones to whoever asks, on made-up accounts and never in the books."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts.models import Transaction
from apps.kernel import events, third_parties
from apps.kernel.clock import now
from apps.kernel.models import OutboxEvent
from apps.kernel.money import Money
from apps.kernel.testing import at_once
from apps.open_banking import magic, operations
from apps.open_banking.models import AccessLog, Consent, SandboxAccount, SandboxPayment
from apps.open_banking.operations import Wish, sandbox
from apps.open_banking.testing import make_token
from apps.open_banking.tests.browser import answer_of, browser_of
from apps.open_banking.tests.playing import BANK, Plays, V, direct
from apps.open_banking.tests.test_provider import ask, exchange
from apps.open_banking.tests.test_sandbox import api_of
from apps.payments.models import Payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]


class Pays(Plays):
    """A sandbox app that may pay Otieno from Wanjiku's everyday account."""

    def __init__(self, amount="250", *, consents=True, **wish):
        super().__init__()
        self.payee = self.personas["otieno"].accounts.get()
        self.account = self.accounts[0]
        if consents:
            self.consent = self.given(self.lodged(amount, **wish), accounts=[self.account])
            self.token = make_token(self.app, self.consent, scope="openid payments")
        else:
            self.token = direct(self).json()["token"]

    def lodged(self, amount, **wish):
        creditor = sandbox.payee_here(developer=self.developer, to=self.payee.number)
        asked = {"is_recurring": False, "amount": Money.of(amount, "KES"), "creditor": creditor} | wish
        return operations.lodge(app=self.app, wish=Wish(consent_type="PIS", **asked), at=now())

    def body(self, amount="250.00", to="", **changes):
        value, to = {"currency": "KES", "amount": amount}, to or str(self.payee.public_id)
        return {"to": {"bank_id": "kitbank.ke", "account_id": to}, "value": value, "description": ""} | changes

    def send(self, path, body, **headers):
        headers = {"Authorization": f"Bearer {self.token}"} | headers
        return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)

    def pay(self, amount="250.00", kind="ACCOUNT", body=None, **headers):
        path = f"{self.one}/owner/transaction-request-types/{kind}/transaction-requests"
        return self.send(path, body or self.body(amount), **headers)

    def answer(self, made, given, **headers):
        path = f"{self.one}/owner/transaction-request-types/{made['type']}/transaction-requests/{made['id']}/challenge"
        return self.send(path, {"id": made["challenge"]["id"], "answer": given}, **headers)

    def money(self):
        """What each of the two accounts has."""
        rows = SandboxAccount.objects.filter(pk__in=[self.account.pk, self.payee.pk]).order_by("persona_id")
        return dict(rows.values_list("which", "balance_minor"))

    def moved(self, before):
        return {which: minor - before[which] for which, minor in self.money().items()}


def refusal(response):
    body = response.json()
    assert set(body) == {"code", "message"}, body
    return response.status_code, body["message"][4:9]


def told(kind=""):
    """What apps' servers were told of payments."""
    rows = OutboxEvent.objects.filter(name="open_banking.sandbox.payment").order_by("pk")
    found = [events.read(row.name, row.payload) for row in rows]
    return [third_parties.offer_of(event).notice(event).facts["status"] for event in found]


def test_from_lodging_to_a_payment_that_is_made_and_told_and_is_nowhere_in_the_books():
    one = Pays(consents=False)
    own = {"Authorization": f"Bearer {make_token(one.app, scope='payments')}"}
    wish = {
        "consent_type": "PIS", "amount": {"amount": "250.00", "currency": "KES"}, "reference": "Invoice 7",
        "creditor": {"account": one.payee.number},
    }  # fmt: skip
    lodged = Client().post("/api/v1/consents/", wish, content_type="application/json", headers=own).json()
    assert (lodged["is_sandbox"], lodged["reference"], lodged["payee"]) == (
        True, "Invoice 7", f"Otieno Ouma, {one.payee.masked_number}")  # fmt: skip
    browser = browser_of(one.user)
    path = ask(one.app, scope=f"openid payments consent:{lodged['id']}")
    page = browser.get(path).content.decode()
    assert all(words in page for words in ("250.00", "Otieno Ouma", "Invoice 7", "to nobody else")), page
    both = {"do": "allow", "account": [one.id, str(one.accounts[1].public_id)], "code": "123456"}
    assert browser.post(path, both).status_code == 422
    code = answer_of(browser.post(path, both | {"account": one.id}))["code"]
    one.token = exchange(one.made, code).json()["access_token"]
    before, posted = one.money(), Transaction.objects.count()
    made = one.send(f"{one.one}/transactions", one.body()).json()
    assert (made["status"], made["challenge"], made["details"]["description"]) == ("COMPLETED", None, "Invoice 7")
    assert one.moved(before) == {"everyday": -25_000, "boda": 25_000}
    assert Consent.objects.get(public_id=lodged["id"]).status == "CONSUMED"
    assert AccessLog.objects.filter(resource="PAYMENT", sandbox_account=one.account, account=None).count() == 1
    assert (Transaction.objects.count(), Payment.objects.count(), told()) == (posted, 0, ["COMPLETED"])
    itself = make_token(one.app, scope="payments")
    for token in (one.token, itself):
        one.token = token
        assert one.get(f"{BANK}/payments/{made['id']}").json() == made
        assert one.get(f"{one.one}/owner/transaction-requests/{made['id']}").json() == made
        listed = one.get(f"{one.one}/owner/transaction-requests").json()
        assert listed == {"transaction_requests_with_charges": [made]}
    page = browser.get(f"/settings/consent/{lodged['id']}").content.decode()
    assert "250.00" in page
    one.token = direct(one).json()["token"]
    lines = one.get(f"{one.one}/transactions?limit=1").json()["transactions"]
    assert made["transaction_ids"] == [lines[0]["id"]]
    assert (lines[0]["details"]["value"]["amount"], lines[0]["other_account"]["holder"]["name"]) == (
        "-250.00", "Otieno Ouma")  # fmt: skip
    assert Plays().get(f"{BANK}/payments/{made['id']}").status_code == 400


def test_one_key_pays_once_and_a_sandbox_that_began_anew_forgets_it():
    one = Pays(consents=False)
    one.answer(one.pay().json(), "123")
    before, key = one.money(), {"x-idempotency-key": "k-1"}
    own = one.body(to=str(one.accounts[1].public_id))
    first, again = (one.pay(body=own, **key) for _nth in range(2))
    assert (first.json(), again["Idempotent-Replay"]) == (again.json(), "true")
    assert one.moved(before) == {"everyday": -25_000, "boda": 0}
    assert refusal(one.pay(body=own | {"description": "other"}, **key)) == (400, "10001")
    api_of(one.user).post("/api/v1/developers/sandbox/reset/")
    one.token = direct(one).json()["token"]
    assert one.pay(body=own, **key).json()["id"] != first.json()["id"]
    assert SandboxPayment.objects.count() == 1


@pytest.mark.parametrize("cents", magic.MAGIC, ids=lambda one: one.code or one.will_be)
def test_the_cents_of_an_amount_say_what_happens(cents):
    amount = f"1500.{cents.cents:02d}"
    one = Pays(amount)
    before = one.money()
    response = one.pay(amount)
    after = one.get(f"{one.one}/balances").status_code
    if cents.will_be:
        made = response.json()
        assert (response.status_code, made["status"], made["transaction_ids"]) == (201, "PENDING", [""])
        assert one.moved(before) == {"everyday": 0, "boda": 0}
        assert sandbox.settle_due(at=now()) == 0
        assert sandbox.settle_due(at=now() + timedelta(minutes=2)) == 1
        assert one.get(f"{BANK}/payments/{made['id']}").json()["status"] == cents.will_be
        moved = 150_000 + cents.cents if cents.will_be == "COMPLETED" else 0
        assert one.moved(before) == {"everyday": -moved, "boda": moved}
        assert told() == [cents.will_be]
        return
    assert refusal(response)[1] == "50200"
    assert cents.code in response.json()["message"]
    assert one.moved(before) == {"everyday": 0, "boda": 0}
    is_kept = cents.code == "payment_blocked"
    one.consent.refresh_from_db()
    assert (one.consent.status, told()) == (("CONSUMED", ["FAILED"]) if is_kept else ("VALID", []))
    assert after == 401 if is_kept else 403


def test_what_is_on_its_way_cannot_be_spent_twice():
    one = Pays(consents=False)
    whole = SandboxAccount.objects.get(pk=one.account.pk).balance
    odd = Money(whole.minor - whole.minor % 100 - 100 + 41, "KES")
    made = one.answer(one.pay(f"{odd.amount}").json(), "123").json()
    assert made["status"] == "PENDING"
    entries = one.get(f"{one.one}/balances").json()["balances"]
    assert [row["amount"] for row in entries] == [f"{whole.amount}", f"{(whole - odd).amount}"]
    assert "insufficient_funds" in one.pay("500.00").json()["message"]


def test_without_a_consent_the_answer_is_123_three_times_at_most():
    one = Pays(consents=False)
    before, made = one.money(), one.pay().json()
    assert (made["status"], made["challenge"]["allowed_attempts"]) == ("INITIATED", 3)
    assert refusal(one.answer(made, "124")) == (400, "40016")
    assert one.answer(made, "123").json()["status"] == "COMPLETED"
    assert refusal(one.answer(made, "123")) == (400, "40020")
    assert one.moved(before) == {"everyday": -25_000, "boda": 25_000}
    spent = one.pay().json()
    assert [refusal(one.answer(spent, "124"))[1] for _nth in range(4)] == ["40016"] * 3 + ["40014"]
    assert refusal(one.answer(spent, "123")) == (400, "40014")
    assert one.get(f"{BANK}/payments/{spent['id']}").json()["status"] == "FAILED"
    assert one.moved(before) == {"everyday": -25_000, "boda": 25_000}
    late = one.pay().json()
    SandboxPayment.objects.filter(public_id=late["id"]).update(expires_at=now())
    assert refusal(one.answer(late, "123")) == (400, "40020")


def test_sends_back_what_came_and_no_more():
    one = Pays(consents=False)
    one.answer(one.pay().json(), "123")
    other = Pays.__new__(Pays)
    other.__dict__ |= one.__dict__
    other.persona, other.one = one.personas["otieno"], f"{BANK}/accounts/{one.payee.public_id}"
    other.token = direct(other).json()["token"]
    line = other.get(f"{other.one}/transactions?limit=1").json()["transactions"][0]["id"]
    body = one.body("300.00", refund={"transaction_id": line, "reason_code": "CUST"})
    assert "refund_too_large" in other.pay(kind="REFUND", body=body).json()["message"]
    made = other.pay(kind="REFUND", body=body | {"value": {"currency": "KES", "amount": "250.00"}}).json()
    assert other.answer(made, "REJECT").json()["status"] == "REJECTED"
    late = other.pay(kind="REFUND", body=body | {"value": {"currency": "KES", "amount": "250.00"}}).json()
    assert late["status"] == "INITIATED"
    SandboxPayment.objects.filter(public_id=late["id"]).update(expires_at=now())  # nobody answered in time
    again = other.pay(kind="REFUND", body=body | {"value": {"currency": "KES", "amount": "250.00"}}).json()
    before = one.money()
    assert other.answer(again, "123").json()["status"] == "COMPLETED"
    assert one.moved(before) == {"everyday": 25_000, "boda": -25_000}


def _of(**changes):
    return lambda one: one.pay(body=one.body(**changes))


@pytest.mark.parametrize(
    ("act", "status", "says"),
    [
        (_of(amount="251.00"), 400, "40002"),
        (lambda one: one.pay(body=one.body(to=str(one.personas["amina"].accounts.first().public_id))), 400, "40002"),
        (_of(to="0d1f6a52-7c0e-4c7e-9d55-2b8a0e5c1f11"), 404, "30018"),
        (_of(to="001000000114"), 404, "30018"),
        (_of(value={"currency": "USD", "amount": "250.00"}), 400, "40003"),
        (_of(charge_policy="NOBODY"), 400, "40013"),
        (_of(amount="-5"), 400, "40008"),
        (lambda one: one.pay(kind="NONE"), 400, "40001"),
        (lambda one: one.pay(kind="COUNTERPARTY", body=one.body() | {"to": {"counterparty_id": "x"}}), 400, "30017"),
    ],
    ids=["amount", "payee", "nobody", "an account of the bank", "currency", "policy", "negative", "type", "book"],
)  # fmt: skip
def test_is_refused_as_live_and_moves_nothing(act, status, says):
    one = Pays()
    before = one.money()
    assert refusal(act(one)) == (status, says)
    assert one.moved(before) == {"everyday": 0, "boda": 0}
    assert not SandboxPayment.objects.exists()


def test_leaves_the_sandbox_by_any_address_without_asking_anybody():
    one = Pays(consents=False)
    before = one.money()
    to = {"name": "Otieno", "other_account_routing_scheme": "MSISDN", "other_account_routing_address": "0712345678"}
    made = one.pay(kind="SIMPLE", body=one.body() | {"to": to}).json()
    assert one.answer(made, "123").json()["status"] == "COMPLETED"
    assert one.moved(before) == {"everyday": -25_000, "boda": 0}
    assert one.get(f"{one.one}/transactions?limit=1").json()["transactions"][0]["details"]["type"] == "MOBILE_MONEY"


def test_recurring_payments_stay_within_the_month():
    one = Pays("100", is_recurring=True, monthly=Money.of("250", "KES"), monthly_count=5)
    assert [one.pay("100.00").status_code for _nth in range(3)] == [201, 201, 400]
    assert "max_monthly_amount" in one.pay("100.00").json()["message"]


def test_a_frozen_account_neither_pays_nor_is_paid():
    one = Pays(consents=False)
    frozen = one.personas["njeri"].accounts.get()
    assert "payee_cannot_receive" in one.pay(body=one.body(to=str(frozen.public_id))).json()["message"]
    SandboxAccount.objects.filter(pk=one.account.pk).update(status="FROZEN")
    assert "account_not_active" in one.pay().json()["message"]


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_is_paid():
    one = Pays()
    before = one.money()
    found = at_once(*[one.pay] * 4)
    assert sorted(row.status_code for row in found) == [201, 401, 401, 401]
    assert one.moved(before) == {"everyday": -25_000, "boda": 25_000}
    assert one.get(f"{V}/banks").status_code == 200


def test_recurring_payments_by_api_say_what_a_month_and_a_year_may_come_to():
    one = Pays(consents=False)
    own = {"Authorization": f"Bearer {make_token(one.app, scope='payments')}"}

    def lodged(yearly):
        month = {"amount": {"amount": "250.00", "currency": "KES"}, "payments": 5}
        wish = {
            "consent_type": "PIS", "is_recurring": True, "amount": {"amount": "100.00", "currency": "KES"},
            "creditor": {"phone": "0712345678"}, "monthly": month, "yearly": yearly,
        }  # fmt: skip
        return Client().post("/api/v1/consents/", wish, content_type="application/json", headers=own)

    year = {"amount": {"amount": "900.00", "currency": "KES"}, "payments": 9}
    made = lodged(year).json()
    assert (made["yearly"], made["monthly"]["payments"]) == (year, 5)
    page = browser_of(one.user).get(ask(one.app, scope=f"openid payments consent:{made['id']}")).content.decode()
    assert "900.00" in page
    assert lodged(year | {"amount": {"amount": "99.00", "currency": "KES"}}).status_code == 422
