"""Payments by apps: exactly what was allowed, once, by the bank's own ways; and told to whoever asked alone."""

from datetime import timedelta

import pytest

from apps.accounts.models import Account
from apps.accounts.testing import balance_of, kes, make_account
from apps.fraud.testing import switch_rule
from apps.kernel import events, third_parties
from apps.kernel.clock import now
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import deliver_events, on_disk
from apps.ledger.testing import assert_books_balance
from apps.open_banking import operations
from apps.open_banking.errors import BadAccess, ValidityTooLong
from apps.open_banking.models import AccessLog, Consent, PaymentTerms, ThirdPartyApp, TransactionRequest
from apps.open_banking.names import account_name, account_named
from apps.open_banking.obp.orders import KNOWN
from apps.open_banking.operations.creditor import Creditor
from apps.open_banking.testing import give, lodge, lodge_payment, make_app, make_token
from apps.open_banking.tests.paying import Pays, refusal
from apps.open_banking.tests.test_obp import BANK
from apps.payments.models import Payment
from apps.payments.testing import begin_payment, confirmed
from apps.users.models import StepUpChallenge

pytestmark = pytest.mark.django_db


def test_a_name_of_an_account_reads_back_and_a_made_up_one_does_not():
    assert {account_named(str(account_name(pk))) for pk in (1, 77, 2**40)} == {1, 77, 2**40}
    assert account_named("0d1f6a52-7c0e-4c7e-9d55-2b8a0e5c1f11") is None
    assert account_named("nosuch") is None


def test_pays_what_was_allowed_once_and_tells_who_asked():
    one = Pays(note="Invoice 7")
    response = one.post(f"{one.one}/transactions", one.body())
    made = response.json()
    assert (response.status_code, made["status"], made["challenge"], made["challenges"]) == (201, "COMPLETED", None, [])
    assert made["details"]["value"] == {"currency": "KES", "amount": "250.00"}
    assert (made["details"]["description"], made["details"]["to_sandbox_tan"]["account_id"]) == ("Invoice 7", one.to)
    assert balance_of(one.payee) == "250.00"
    assert Consent.objects.get().status == "CONSUMED"
    row = AccessLog.objects.get(resource="PAYMENT")
    assert (row.app, row.user, row.account, row.fields) == (
        one.made.app,
        one.account.owner,
        one.account,
        "amount,payee",
    )
    assert OutboxEvent.objects.filter(name="open_banking.payment.initiated").count() == 1
    deliver_events()
    said = OutboxEvent.objects.get(name="open_banking.payment.status")
    event = events.read(said.name, said.payload)
    notice = third_parties.offer_of(event).notice(event)  # what the app's server is told
    assert notice.client == one.made.app.public_id
    assert notice.facts == {"transaction_request_id": made["id"], "status": "COMPLETED"}
    again = one.pay()
    assert refusal(again) == (401, "35005")
    assert refusal(one.get(one.one)) == (401, "35005")  # used up, it opens nothing
    itself = f"Bearer {make_token(one.made.app, scope='payments')}"
    for token in (one.token, itself):
        assert one.get(f"{BANK}/payments/{made['id']}", token).json() == made
        assert one.get(f"{one.one}/owner/transaction-requests/{made['id']}", token).json() == made
        listed = one.get(f"{one.one}/owner/transaction-requests", token).json()
        assert listed == {"transaction_requests_with_charges": [made]}
    other = f"Bearer {make_token(make_app().app, scope='payments')}"
    assert refusal(one.get(f"{BANK}/payments/{made['id']}", other)) == (400, "40004")
    assert refusal(one.get(f"{BANK}/payments/nosuch")) == (400, "40004")
    line = make_token(one.made.app, give(lodge(one.made.app), [one.account], at=now() + timedelta(minutes=2)))
    lines = one.get(f"{one.one}/transactions", f"Bearer {line}").json()["transactions"]
    assert made["transaction_ids"] == [row["id"] for row in lines if row["details"]["value"]["amount"] == "-250.00"]
    assert_books_balance()


def test_the_same_key_is_answered_the_same_and_other_words_are_refused():
    one = Pays()
    key = {"x-idempotency-key": "invoice-7"}
    first = one.pay(**key)
    again = one.pay(**key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again["Idempotent-Replay"] == "true"
    assert refusal(one.pay(body=one.body("251.00"), **key)) == (400, "10001")
    assert refusal(one.pay(**{"x-idempotency-key": "k" * 41})) == (400, "10001")
    assert balance_of(one.payee) == "250.00"
    assert TransactionRequest.objects.count() == 1


BEYOND = {
    "amount": {"value": {"currency": "KES", "amount": "250.01"}},
    "less": {"value": {"currency": "KES", "amount": "1"}},
    "reference": {"description": "Other"},
}


def test_refuses_anything_that_was_not_allowed_and_moves_nothing():
    one, stranger = Pays(note="Invoice 7"), make_account()
    to = {"to": {"bank_id": "kitbank.ke", "account_id": stranger.number}}
    for changes in (*BEYOND.values(), to):
        answer = one.pay(body=one.body(**changes))
        assert refusal(answer) == (400, "40002"), changes
        assert "beyond_consent" in answer.json()["message"]
    assert Consent.objects.get().status == "VALID"
    assert not Payment.objects.exists()
    assert not AccessLog.objects.exists()
    assert one.pay(body=one.body(description="Invoice 7")).status_code == 201


NO_BANK = {
    "other_bank_routing_scheme": "BIC", "other_bank_routing_address": "NOBANKXX",
    "other_account_routing_scheme": "AccountNumber", "other_account_routing_address": "1",
}  # fmt: skip
WRONG = [
    ("NOSUCH", {}, "40001"),
    ("ACCOUNT", {"value": None}, "10001"),
    ("ACCOUNT", {"description": 5}, "10001"),
    ("ACCOUNT", {"value": {"currency": "KES", "amount": "x"}}, "10002"),
    ("ACCOUNT", {"value": {"currency": "KES", "amount": True}}, "10002"),
    ("ACCOUNT", {"value": {"currency": "KES", "amount": "1e999"}}, "10002"),
    ("ACCOUNT", {"value": {"currency": "KES", "amount": "0.001"}}, "10002"),
    ("ACCOUNT", {"value": {"currency": "KES", "amount": -5}}, "40008"),
    ("ACCOUNT", {"value": {"currency": "ZZZ", "amount": "5"}}, "10003"),
    ("ACCOUNT", {"value": {"currency": "USD", "amount": "5"}}, "40003"),
    ("ACCOUNT", {"to": {"bank_id": "other", "account_id": "x"}}, "30001"),
    ("ACCOUNT", {"to": {"bank_id": "kitbank.ke", "account_id": "+254722000114"}}, "30018"),
    ("ACCOUNT", {"to": {}}, "10001"),
    ("ACCOUNT", {"charge_policy": "NOBODY"}, "40013"),
    ("COUNTERPARTY", {"to": {"counterparty_id": "nosuch"}}, "30017"),
    ("SEPA", {"to": {"iban": "DE89370400440532013000"}}, "30012"),
    ("SEPA", {"to": {"iban": "DE00"}}, "30012"),
    ("SIMPLE", {"to": NO_BANK}, "30001"),
    ("REFUND", {"refund": {"transaction_id": "nosuch"}}, "10404"),
    ("FREE_FORM", {}, "20006"),
]  # fmt: skip


def test_says_what_is_wrong_with_a_request():
    one = Pays()
    for kind, changes, number in WRONG:
        assert refusal(one.pay(kind, one.body(**changes)))[1] == number, (kind, changes)
    assert refusal(one.pay(body="{no json"))[1] == "10001"
    assert refusal(one.pay(body='{"value": {"currency": "KES", "amount": NaN}, "description": ""}'))[1] == "10002"
    assert not Payment.objects.exists()
    assert set(KNOWN) - {"SEPA"} == set(TransactionRequest.Type.values)


@pytest.mark.parametrize("because", ["frozen", "poor", "blocked", "closed", "reading"])
def test_is_refused_as_the_customer_would_be(because):
    one = Pays(balance="100" if because == "poor" else "1000")
    code = {"frozen": "account_not_active", "poor": "insufficient_funds", "blocked": "payment_blocked",
            "closed": "payee_cannot_receive", "reading": "consent_required"}[because]  # fmt: skip
    if because == "frozen":
        Account.objects.filter(pk=one.account.pk).update(status="FROZEN")
    if because == "closed":
        Account.objects.filter(pk=one.payee.pk).update(status="CLOSED", closed_at=now())
    if because == "blocked":
        switch_rule("LARGE_AMOUNT", "amount >= KES 0.01", "0.99", may_answer=False)
    if because == "reading":
        one.token = f"Bearer {make_token(one.made.app, give(lodge(one.made.app), [one.account]))}"
    answer = one.pay(**{"x-idempotency-key": "k"})
    assert refusal(answer) == (400, "40002" if because == "reading" else "50200"), answer.json()
    assert code in answer.json()["message"]
    assert not one.moved
    assert Consent.objects.filter(consent_type="PIS").get().status == ("CONSUMED" if because == "blocked" else "VALID")
    assert one.pay(**{"x-idempotency-key": "k"}).json() == answer.json()
    assert_books_balance()


def test_waits_as_any_first_large_payment_and_is_told_so():
    one = Pays("20000", balance="30000")
    made = one.pay(body=one.body("20000")).json()
    assert (made["status"], made["transaction_ids"]) == ("PENDING", [""])
    assert Consent.objects.get().status == "CONSUMED"
    assert not one.moved
    assert_books_balance()


def test_leaves_the_bank_by_a_rail_at_the_cost_that_was_told():
    there = operations.find_creditor(asked={"phone": "0722000114"}, amount=kes("250"), at=now())
    one = Pays(creditor=there)
    cost = operations.cost_told(one.consent, one.account, now())
    assert cost.minor > 0
    assert StepUpChallenge.objects.get(operation="open_banking.authorise").amount == kes("250") + cost
    to = {"other_bank_routing_scheme": "", "other_account_routing_scheme": "MSISDN", "name": "Achieng",
          "other_account_routing_address": "+254722000114"}  # fmt: skip
    body = one.body(to=to)
    PaymentTerms.objects.update(cost_minor=cost.minor - 1)
    assert "costs_more_than_told" in one.pay("SIMPLE", body).json()["message"]
    assert not Payment.objects.exists()
    PaymentTerms.objects.update(cost_minor=cost.minor)
    made = one.pay("SIMPLE", body).json()
    assert (made["status"], made["charge"]["value"]["amount"]) == ("PENDING", f"{cost.amount:f}")
    assert made["details"]["to_simple"]["otherAccountRoutingScheme"] == "MSISDN"
    assert_books_balance()


def test_recurring_payments_stay_within_the_month():
    one = Pays("300", balance="5000", is_recurring=True, monthly=kes("500"), monthly_count=2)
    assert refusal(one.pay(body=one.body("301")))[1] == "40002"
    assert one.pay(body=one.body("300")).status_code == 201
    full = one.pay(body=one.body("201"))
    assert refusal(full)[1] == "40002"
    assert "max_monthly_amount" in full.json()["message"]
    assert one.pay(body=one.body("100")).status_code == 201
    often = one.pay(body=one.body("1"))
    assert "max_number_of_monthly_transactions" in often.json()["message"]
    assert balance_of(one.payee) == "400.00"
    assert Consent.objects.get().status == "VALID"
    operations.revoke(consent=one.consent, by=one.account.owner, at=now())
    assert refusal(one.pay(body=one.body("1"))) == (401, "20003")
    assert_books_balance()


@pytest.mark.parametrize(
    "wish",
    [{"is_recurring": True}, {"monthly": kes("500"), "monthly_count": 2}, {"amount": "0"},
     {"is_recurring": True, "monthly": kes("5"), "monthly_count": 2}, {"valid_until": now() + timedelta(days=9)}],
)  # fmt: skip
def test_refuses_a_wish_to_pay_that_makes_no_sense(wish):
    with pytest.raises((BadAccess, ValidityTooLong)):
        lodge_payment(make_app().app, make_account(), **wish)
    assert not Consent.objects.exists()


def test_whom_a_consent_pays_lies_sealed_and_is_shown():
    creditor = Creditor(
        kind="MOBILE_MONEY_TRANSFER", rail="mpesa", name="Amina Hassan", address="0733 000 114", key="k",
        destination={"phone": "254733000114"},
    )  # fmt: skip
    consent = lodge_payment(make_app().app, make_account(), creditor=creditor)
    assert Consent.objects.get(pk=consent.pk).payee == "Amina Hassan, 0733 000 114"
    lies_there = on_disk(Consent) + on_disk(PaymentTerms)
    assert not {word for word in ("0733 000 114", "733000114") if word in lies_there}
    assert "Amina" not in on_disk(Consent)


def test_without_a_consent_the_customer_proves_each_payment():
    one = Pays(consents=False)
    made = one.pay("SANDBOX_TAN").json()
    assert (made["status"], made["transaction_ids"], made["challenge"]["allowed_attempts"]) == ("INITIATED", [""], 3)
    assert made["challenges"][0]["id"] == made["challenge"]["id"]
    assert not one.moved
    assert refusal(one.answer(made, one.code, kind="ACCOUNT"))[1] == "40009"
    assert refusal(one.answer(made | {"challenge": {"id": "x"}}, one.code))[1] == "40010"
    assert refusal(one.answer(made, "000000"))[1] == "40016"
    done = one.answer(made, one.code, **{"x-idempotency-key": "k"})
    assert (done.status_code, done.json()["status"]) == (202, "COMPLETED")
    assert one.answer(made, one.code, **{"x-idempotency-key": "k"}).json() == done.json()
    assert refusal(one.answer(made, one.code))[1] == "40020"
    assert one.moved
    assert_books_balance()


def test_the_fourth_wrong_answer_ends_it():
    one = Pays(consents=False)
    made = one.pay().json()
    right = one.code
    wrong = str((int(right) + 1) % 1_000_000).zfill(6)
    assert [refusal(one.answer(made, wrong))[1] for _ in range(4)] == ["40016"] * 3 + ["40014"]
    assert refusal(one.answer(made, right))[1] == "40014"
    assert one.get(f"{BANK}/payments/{made['id']}").json()["status"] == "FAILED"
    assert not one.moved


def test_between_own_accounts_nothing_is_proven():
    one = Pays(consents=False)
    own = make_account(one.account.owner)
    made = one.pay(body=one.body(to={"bank_id": "kitbank.ke", "account_id": str(account_name(own.pk))})).json()
    assert (made["status"], balance_of(own)) == ("COMPLETED", "250.00")


def test_a_consent_to_pay_may_be_proven_once_more_and_is_used_up_by_it():
    one = Pays()
    made = one.pay("ACCOUNT_OTP").json()
    assert (made["status"], Consent.objects.get().status) == ("INITIATED", "VALID")
    assert one.answer(made, one.code).json()["status"] == "COMPLETED"
    assert (Consent.objects.get().status, one.moved) == ("CONSUMED", True)


def test_sends_back_what_came_and_no_more():
    one = Pays(consents=False)
    came = confirmed(begin_payment(make_account(balance="500"), one.account.number, "300"))
    lines = one.get(f"{one.one}/transactions").json()["transactions"]
    back = {"refund": {"transaction_id": lines[0]["id"], "reason_code": "CUST"}, "to": None}
    made = one.pay("REFUND", one.body("200", **back)).json()
    assert one.answer(made, "REJECT").json()["status"] == "REJECTED"
    late = one.pay("REFUND", one.body("200", **back)).json()
    asked = TransactionRequest.objects.get(public_id=late["id"])
    Payment.objects.filter(pk=asked.payment_id).update(expires_at=now())  # nobody answered in time
    made = one.pay("REFUND", one.body("200", **back)).json()
    assert one.answer(made, one.code).json()["status"] == "COMPLETED"
    assert balance_of(came.from_account) == "400.00"
    too_much = one.pay("REFUND", one.body("100.01", **back))
    assert "refund_too_large" in too_much.json()["message"]


def test_a_sandbox_app_or_an_app_by_itself_pays_nothing():
    one = Pays()
    one.token, kept = f"Bearer {make_token(one.made.app, scope='payments')}", one.token
    assert refusal(one.pay())[0] == 401
    ThirdPartyApp.objects.update(status="SUSPENDED")
    one.token = kept
    assert refusal(one.pay())[1] == "20058"
    assert not one.moved


def test_lists_the_kinds_of_payments():
    one = Pays()
    found = one.get(f"{one.one}/owner/transaction-request-types").json()["transaction_request_types"]
    assert {row["value"] for row in found} == set(TransactionRequest.Type.values)
    assert refusal(one.get(f"{one.one}/ReadBalances/transaction-request-types"))[0] == 403
