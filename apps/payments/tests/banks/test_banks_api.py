"""Other banks and abroad by API: named and priced before the proof, moved after it, refused with a code."""

import pytest

from apps.accounts.testing import balance_of
from apps.fx.testing import set_rates
from apps.kernel.clock import local_date, now
from apps.notifications.testing import code_sent_to
from apps.payments import operations, tasks
from apps.payments.models import Payee, Payment, RemittanceQuote
from apps.payments.tests.banks.desk import sound
from apps.users.models import User
from apps.users.testing import bearer


@pytest.fixture
def ask(client, payer):
    headers = bearer(payer.owner)

    def call(path, body=None, key=""):
        more = headers | ({"Idempotency-Key": key} if key else {})
        if body is None:
            return client.get(f"/api/v1/{path}/", headers=more)
        return client.post(f"/api/v1/{path}/", body, content_type="application/json", headers=more)

    return call


RENT = {"bank": "01", "account": "01109876543217", "amount": {"amount": "18000.00", "currency": "KES"}}
GERMANY = {"country": "DE", "currency": "EUR", "method": "IBAN", "amount": {"amount": "14300.00", "currency": "KES"}}
ZOE = {"name": "Zoe Mueller", "account": "DE89370400440532013000", "bic": "COBADEFF", "purpose": "FAMI"}


def confirm(ask, payer, shown):
    code = code_sent_to(str(payer.owner.phone))
    answer = ask(f"payments/{shown['id']}/confirm", {"challenge": shown["challenge"]["id"], "code": code})
    assert answer.status_code == 200, answer.content
    payment = Payment.objects.get(public_id=shown["id"])
    operations.let_go_on(payment=payment, at=payment.created_at)
    tasks.sweep_payments()
    payment.refresh_from_db()
    return payment


def test_lists_banks_and_corridors_with_one_query_each(ask, payer, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        banks = ask("banks").json()
    assert {"code": "01", "name": "KCB Bank", "bic": "KCBLKENX", "is_pesalink": True} in banks
    assert len(banks) == 24
    assert {"DE", "UG"} <= {row["country"] for row in ask("corridors").json()}


def test_pays_another_bank_once_a_key(ask, payer, others):
    first = ask("transactions/external", RENT, "k1")
    assert first.status_code == 201, first.content
    shown = first.json()
    assert (shown["rail"], shown["payee_address"]) == ("pesalink", "KCB Bank •••3217")
    assert ask("transactions/external", RENT, "k1").json()["id"] == shown["id"]
    assert confirm(ask, payer, shown).status == "COMPLETED"
    assert ask(
        "transactions/external", {**RENT, "amount": {"amount": "1.00", "currency": "KES"}}, "k1"
    ).status_code in {
        409,
        422,
    }
    sound()


def test_goes_by_file_where_pesalink_does_not(ask, payer, others):
    shown = ask("transactions/external", {**RENT, "bank": "16", "name": "Amina Hassan"}).json()
    assert shown["rail"] == "eft"


def test_quotes_and_sends_abroad(ask, payer, others):
    set_rates(EUR="143")
    quoted = ask("transactions/international/quote", GERMANY)
    assert quoted.status_code == 201, quoted.content
    told = quoted.json()
    assert (told["get"]["amount"], told["give"]["amount"]) == ("98.50", "14300.00")
    begun = ask("transactions/international", {"quote": told["id"], **ZOE})
    assert begun.status_code == 201, begun.content
    assert begun.json()["exchange"]["got"] == {"amount": "98.50", "currency": "EUR"}
    assert confirm(ask, payer, begun.json()).status == "COMPLETED"
    again = ask("transactions/international", {"quote": told["id"], **ZOE}, "another")
    assert (again.status_code, again.json()["code"]) == (409, "quote_used")
    sound()


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("external", {**RENT, "bank": "98"}, 404, "bank_not_found"),
        ("external", {**RENT, "account": "01100000000"}, 404, "payee_not_found"),
        ("international", {"quote": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", **ZOE}, 404, "not_found"),
        ("international/quote", {**GERMANY, "country": "SO"}, 404, "corridor_not_found"),
    ],
)
def test_refuses_with_a_code_and_moves_nothing(ask, payer, others, path, body, status, code):
    answer = ask(f"transactions/{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert balance_of(payer) == "500000.00"
    assert not Payment.objects.exists()


def test_unchecked_papers_are_told_what_is_missing(ask, payer, others):
    set_rates()
    User.objects.filter(pk=payer.owner_id).update(kyc_tier="TIER_1")
    answer = ask("transactions/international/quote", GERMANY)
    assert (answer.status_code, answer.json()["code"]) == (403, "tier_too_low")
    assert not RemittanceQuote.objects.exists()


BANK = {"bank": "01", "account": "01109876543217"}


def test_a_payee_at_another_bank_is_named_by_it_proven_and_paid_by_a_standing_order(ask, payer, others):
    shown = ask("payees", {**BANK, "nickname": "Landlord"})
    assert shown.status_code == 201, shown.content
    payee = shown.json()
    assert (payee["kind"], payee["rail"], payee["payee_address"]) == (
        "EXTERNAL_TRANSFER",
        "pesalink",
        "KCB Bank •••3217",
    )
    proof = {"challenge": payee["challenge"]["id"], "code": code_sent_to(str(payer.owner.phone))}
    assert ask(f"payees/{payee['id']}/confirm", proof).json()["saved_at"]
    plan = {"cadence": "MONTHLY", "starts_on": local_date(now()).isoformat(), "day": 28, "note": "Rent"}
    for where, amount, rail in (
        ({"payee": payee["id"]}, "1200.00", "pesalink"),
        ({"payee": payee["id"]}, "999999.50", "rtgs"),
        (BANK, "900.00", "pesalink"),
    ):
        order = ask("standing-orders", {**plan, **where, "amount": {"amount": amount, "currency": "KES"}})
        assert order.status_code == 201, order.content
        assert (order.json()["kind"], order.json()["rail"]) == ("EXTERNAL_TRANSFER", rail)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"bank": "01"}, 400),
        ({"bank": "99", "account": "01109876543217"}, 404),
        ({"bank": "01", "account": "1"}, 422),
        ({"bank": "01", "account": "01109876543217", "till": "300584"}, 400),
        ({"paybill": "888880", "account": "W-1", "name": "Water"}, 400),
    ],
)
def test_a_bank_account_that_cannot_be_is_refused_and_nothing_kept(ask, payer, others, body, status):
    assert ask("payees", {**body, "nickname": "Nobody"}).status_code == status
    assert not Payee.objects.exists()
