"""What a customer sets by their own word: limits of payees, views of their own, standing orders, payments that recur;
and what this bank does otherwise than OBP's clients ask.
"""

from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts.testing import make_account
from apps.kernel.clock import local_date, now
from apps.ledger.testing import assert_books_balance
from apps.open_banking.models import AccessLog, Consent, CounterpartyLimit, CustomView, ThirdPartyApp
from apps.open_banking.names import account_name
from apps.open_banking.testing import give, lodge, make_app, make_token
from apps.open_banking.tests.paying import Pays, refusal
from apps.open_banking.tests.test_consumers import call
from apps.open_banking.tests.test_obp import BANK, V
from apps.payments.models import StandingOrder
from apps.payments.tests.people import save
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
MOST = {
    "currency": "KES", "max_single_amount": "400", "max_monthly_amount": "500",
    "max_number_of_monthly_transactions": 2, "max_yearly_amount": "900", "max_number_of_yearly_transactions": 9,
    "max_total_amount": "900", "max_number_of_transactions": 9,
}  # fmt: skip
SEES = ["can_see_bank_account_label", "can_see_bank_account_number", "can_see_bank_account_type"]


@pytest.fixture
def one():
    return Pays(consents=False)


def send(one, method, path, body=None):
    headers = {"Authorization": one.token}
    return getattr(Client(), method)(path, body, content_type="application/json", headers=headers)


def test_apps_pay_somebody_no_more_than_their_customer_set(one):
    payee = save(one.account.owner, one.payee)
    place = f"{one.one}/views/owner/counterparties/{payee.public_id}/limits"
    assert refusal(send(one, "get", place)) == (404, "30076")
    assert refusal(send(one, "put", place, MOST)) == (404, "30076")
    made = send(one, "post", place, {**MOST, "max_single_amount": 400})  # older clients write whole numbers
    assert made.status_code == 201
    row = CounterpartyLimit.objects.get()
    there = {"bank_id": "kitbank.ke", "account_id": one.id, "view_id": "owner", "counterparty_id": str(payee.public_id)}
    amounts = {name: f"{value}.00" for name, value in MOST.items() if name.endswith("amount")}
    assert made.json() == MOST | amounts | there | {"counterparty_limit_id": str(row.pk)}
    assert refusal(send(one, "post", place, MOST))[0] == 400
    for name, wrong, number in (
        ("max_single_amount", "-1", "10002"), ("max_single_amount", 1.5, "10002"),
        ("max_number_of_monthly_transactions", "9", "10002"), ("currency", "USD", "40003"),
    ):  # fmt: skip
        assert refusal(send(one, "put", place, MOST | {name: wrong})) == (400, number)
    to = one.body(to={"counterparty_id": str(payee.public_id)})

    def pay(amount, kind="COUNTERPARTY"):
        body = (to if kind == "COUNTERPARTY" else one.body()) | {"value": {"currency": "KES", "amount": amount}}
        return one.pay(kind, body)

    assert "max_single_amount" in pay("401").json()["message"]
    assert one.answer(pay("300").json(), one.code).json()["status"] == "COMPLETED"
    assert "max_monthly_amount" in pay("201", "ACCOUNT").json()["message"]  # by whatever kind they are paid
    assert pay("200").json()["status"] == "INITIATED"
    assert "max_number_of_monthly_transactions" in pay("1").json()["message"]
    assert send(one, "put", place, MOST | {"max_number_of_monthly_transactions": 9}).status_code == 200
    assert "max_monthly_amount" in pay("1").json()["message"]
    assert send(one, "delete", place).status_code == 204
    assert pay("401").status_code == 201
    assert_books_balance()


def test_a_view_of_ones_own_shows_what_it_names_and_nothing_else(one):
    place = f"{one.one}/views/owner/target-views"
    asked = {
        "name": "_budget", "description": "for the budget app", "metadata_view": "_budget", "is_public": False,
        "which_alias_to_use": "", "hide_metadata_if_alias_used": True,
        "allowed_permissions": [*SEES, "can_see_bank_account_balance", "can_add_url", "see_transaction_amount"],
    }  # fmt: skip
    made = send(one, "post", place, asked)
    assert (made.status_code, made.json()["id"]) == (201, "_budget")
    assert made.json()["allowed_permissions"] == sorted([*SEES, "can_see_bank_account_balance"])
    assert refusal(send(one, "post", place, asked))[0] == 400
    for change, number in (
        ({"name": "budget"}, "10001"), ({"is_public": True}, "00005"),
        ({"allowed_permissions": ["can_add_url"]}, "10001"),
    ):  # fmt: skip
        assert refusal(send(one, "post", place, asked | change)) == (400, number)
    assert one.get(f"{one.one}/views/_budget/balances").json()["balances"][0]["amount"] == "1000.00"
    assert refusal(one.get(f"{one.one}/_budget/transactions")) == (403, "20017")
    assert refusal(one.get(f"{one.one}/_nosuch/transactions")) == (400, "30005")
    assert "_budget" in [row["id"] for row in one.get(f"{one.one}/views").json()["views"]]
    views = [{"bank_id": "kitbank.ke", "account_id": one.id, "view_id": "_budget"}]
    lets_in = {"everything": False, "views": views, "entitlements": []}
    made = one.post(f"{BANK}/my/consents/SMS", lets_in).json()
    assert one.post(f"{BANK}/consents/{made['consent_id']}/challenge", {"answer": one.code}).json()["status"] == (
        "ACCEPTED")  # fmt: skip
    row = Consent.objects.get(public_id=made["consent_id"])
    assert set(row.chosen.values_list("permission", flat=True)) == {"ACCOUNTS", "BALANCES"}
    single = f"{place}/_budget"
    assert send(one, "put", single, asked | {"allowed_permissions": SEES}).json()["allowed_permissions"] == sorted(SEES)
    assert refusal(one.get(f"{one.one}/views/_budget/balances")) == (403, "20017")
    assert one.get(single).json()["hide_metadata_if_alias_used"] is True
    assert send(one, "delete", single).status_code == 204
    assert refusal(one.get(single)) == (400, "30005")
    token = make_token(one.made.app, give(lodge(one.made.app), [one.account]))
    one.token = f"Bearer {token}"
    assert refusal(send(one, "post", place, asked)) == (403, "20017")


ACCOUNT, BALANCE, LINE = "account", "balances", "line"
SHOWS = {
    "see_bank_account_label": {(ACCOUNT, "label")},
    "see_bank_account_number": {(ACCOUNT, "number")},
    "see_bank_account_type": {(ACCOUNT, "product_code")},
    "see_bank_account_currency": {(ACCOUNT, "balance.currency")},
    "see_bank_account_routing_scheme": {(ACCOUNT, "account_routings.scheme")},
    "see_bank_account_routing_address": {(ACCOUNT, "account_routings.address")},
    "see_bank_routing_scheme": set(),  # stands in movements alone
    "see_bank_routing_address": set(),
    "see_bank_account_owners": {(ACCOUNT, "owners.id"), (ACCOUNT, "owners.provider"), (ACCOUNT, "owners.display_name")},
    "see_bank_account_balance": {(BALANCE, "amount"), (BALANCE, "balance_amount")},
    "see_transaction_balance": set(),  # stands in movements alone
    "see_transaction_start_date": {(LINE, "details.posted")},
    "see_transaction_finish_date": {(LINE, "details.completed")},
    "see_transaction_amount": {(LINE, "details.value.amount")},
    "see_transaction_currency": {(LINE, "details.value.currency"), (LINE, "details.new_balance.currency")},
    "see_transaction_type": {(LINE, "details.type")},
    "see_transaction_description": {(LINE, "details.description")},
    "see_transaction_this_bank_account": {(LINE, "this_account.id")},
    "see_transaction_other_bank_account": {(LINE, "other_account.id"), (LINE, "other_account.holder.name")},
    "query_available_funds": set(),
}


def told(shape, path=""):
    """The names of everything in an answer that says something."""
    if isinstance(shape, dict):
        return {name for key, value in shape.items() for name in told(value, f"{path}.{key}".lstrip("."))}
    if isinstance(shape, list):
        return {name for value in shape for name in told(value, path)}
    return {path} if shape not in ("", None, False) else set()


def seen_through(one, words):
    """What a view of these words alone shows, place by place; a place that refuses shows nothing."""
    CustomView.objects.update(permissions=[f"can_{word}" for word in words])
    places = {ACCOUNT: "_x/account", BALANCE: "views/_x/balances", LINE: "_x/transactions"}
    found = set()
    for name, place in places.items():
        answer = one.get(f"{one.one}/{place}")
        if answer.status_code == 200:
            shape = answer.json()
            rows = shape.get("balances") or shape.get("transactions") or [shape]
            always = {"id", "bank_id", "account_id", "type", "balance_id", "balance_type"}
            rows = [{key: value for key, value in row.items() if key != "views_available"} for row in rows]
            found |= {(name, path) for path in told(rows) - always}
        else:
            assert refusal(answer)[1] in ("20017", "30022")
    return found


def test_each_word_of_a_view_of_ones_own_shows_its_field_and_no_other(one):
    ThirdPartyApp.objects.update(rate_limit_per_minute=1000)
    assert one.answer(one.pay().json(), one.code).json()["status"] == "COMPLETED"
    CustomView.objects.create(
        account=one.account, view_id="_x", name="_x", permissions=["can_see_bank_account_label"], created_at=now()
    )
    for word, shown in SHOWS.items():
        assert seen_through(one, [word]) == shown, word
        named = one.get(f"{one.one}/views").json()["views"][-1]
        assert {key for key in named if key[:4] == "can_" and named[key] is True} == {f"can_{word}"}
    everything = seen_through(one, SHOWS)
    assert everything > set().union(*SHOWS.values())
    assert {path for place, path in everything if place == LINE} >= {
        "details.new_balance.amount", "this_account.holders.name", "this_account.bank_routing.address",
        "this_account.account_routings.address",
    }  # fmt: skip
    assert seen_through(one, ["see_transaction_balance", "see_transaction_type"]) == {
        (LINE, "details.type"), (LINE, "details.new_balance.amount")
    }  # fmt: skip
    assert refusal(one.get(f"{one.one}/_x/transactions?from_date=2026-01-01T00:00:00Z")) == (400, "30022")
    assert refusal(one.get(f"{one.one}/_x/other_accounts")) == (400, "30022")
    assert refusal(one.get(f"{one.one}/_x/funds-available?amount=1&currency=KES")) == (403, "20017")
    left = AccessLog.objects.filter(resource="TRANSACTIONS").latest("pk")
    assert left.fields == "running_balance"


def test_a_view_of_ones_own_pays_only_whom_it_names(one):
    place = f"{one.one}/_x/transaction-request-types"
    own = make_account(one.account.owner)
    view = CustomView.objects.create(
        account=one.account, view_id="_x", name="_x", permissions=["can_see_bank_account_label"], created_at=now()
    )

    def pay(to, kind="ACCOUNT"):
        return one.post(f"{place}/{kind}/transaction-requests", one.body(to=to))

    there, mine = ({"bank_id": "kitbank.ke", "account_id": name} for name in (one.to, str(account_name(own.pk))))
    known = {"counterparty_id": str(save(one.account.owner, one.payee).public_id)}
    assert refusal(pay(there)) == (400, "40002")
    for word, allowed in (("own_account", mine), ("beneficiary", known)):
        view.permissions = [f"can_add_transaction_request_to_{word}"]
        view.save()
        for to, kind in ((there, "ACCOUNT"), (mine, "ACCOUNT"), (known, "COUNTERPARTY")):
            answer = pay(to, kind)
            if to is allowed:
                assert answer.status_code == 201, word
            else:
                assert refusal(answer) == (400, "30022"), (word, kind)
    assert_books_balance()


def test_a_standing_order_waits_until_the_customer_has_proven_it(one):
    payee, me = save(one.account.owner, one.payee), str(one.account.owner.public_id)
    too_late = local_date(now()) + timedelta(days=3 * 366)
    asked = {
        "customer_id": me, "user_id": me, "counterparty_id": str(payee.public_id), "date_starts": str(too_late),
        "amount": {"currency": "KES", "amount": "100.00"}, "when": {"frequency": "MONTHLY", "detail": "31"},
    }  # fmt: skip
    place = f"{one.one}/owner/standing-order"
    assert refusal(one.post(place, asked))[0] == 400  # later than two years from now
    soon = local_date(now()) + timedelta(days=30)
    asked |= {"date_starts": f"{soon}T00:00:00Z"}
    for change, number in (
        ({"user_id": "x"}, "10001"), ({"when": {"frequency": "YEARLY", "detail": ""}}, "10001"),
        ({"date_starts": "soon"}, "10005"), ({"amount": {"currency": "KES", "amount": "x"}}, "10002"),
        ({"counterparty_id": "nosuch"}, "30017"),
    ):  # fmt: skip
        assert refusal(one.post(place, asked | change)) == (400, number)
    key = {"x-idempotency-key": "order-1"}
    made, again = one.post(place, asked, **key), one.post(place, asked, **key)
    assert (made.status_code, made.json()["active"], again.json()) == (201, False, made.json())
    row = StandingOrder.objects.get()
    assert (str(row.public_id), row.confirmed_at) == (made.json()["standing_order_id"], None)
    assert one.code


def recurring(one, **limit):
    limits = {
        "currency": "KES", "max_single_amount": "100", "max_monthly_amount": "150", "max_yearly_amount": "1000",
        "max_number_of_monthly_transactions": 5, "max_number_of_yearly_transactions": 9,
    } | limit  # fmt: skip
    bank = {"scheme": "OBP", "address": "kitbank.ke"}
    to = {"counterparty_name": "Sacco", "bank_routing": bank, "limit": limits,
          "account_routing": {"scheme": "OBP", "address": one.to}}  # fmt: skip
    source = {"bank_routing": bank, "account_routing": {"scheme": "OBP", "address": one.id}}
    return {"from_account": source, "to_account": to, "time_to_live": 3600}


def test_payments_recur_within_limits_that_an_app_asked_for_first(one):
    own = {"Authorization": f"Bearer {make_token(one.made.app, scope='payments')}"}
    ask = f"{V}/consumer/vrp-consent-requests"

    def lodge_it(body):
        return Client().post(ask, body, content_type="application/json", headers=own)

    for limit in ({"max_single_amount": "x"}, {"max_number_of_yearly_transactions": 0}, {"currency": "???"}):
        assert refusal(lodge_it(recurring(one, **limit))) == (400, "10002")
    asked = lodge_it(recurring(one, max_yearly_amount="120")).json()
    assert asked["payload"]["to_account"]["counterparty_name"] == "Sacco"
    made = one.post(f"{V}/consumer/consent-requests/{asked['consent_request_id']}/SMS/consents", {}).json()
    done = one.post(f"{BANK}/consents/{made['consent_id']}/challenge", {"answer": one.code}).json()
    assert done["status"] == "ACCEPTED"
    row = Consent.objects.get(public_id=made["consent_id"])
    assert (row.consent_type, row.is_recurring, str(row.amount.amount)) == ("PIS", True, "100.00")
    by_word = {"Consent-JWT": done["jwt"], "Consumer-Key": one.made.app.client_id}
    assert refusal(Client().get(f"{V}/my/accounts", headers=by_word)) == (401, "35005")  # a word never pays
    one.token = f"Bearer {make_token(one.made.app, row, scope='openid payments')}"
    assert one.pay(body=one.body("100")).json()["status"] == "COMPLETED"
    assert "max_yearly_amount" in one.pay(body=one.body("21")).json()["message"]
    assert "max_monthly_amount" in one.pay(body=one.body("51")).json()["message"]
    assert "max_single_amount" in one.pay(body=one.body("101")).json()["message"]
    assert_books_balance()


def test_a_wanted_status_is_done_where_it_needs_no_proof(one):
    views = [{"bank_id": "kitbank.ke", "account_id": one.id, "view_id": "ReadBalances"}]
    made = one.post(f"{BANK}/my/consents/SMS", {"everything": False, "views": views}).json()
    place = f"{BANK}/consents/{made['consent_id']}"
    for status, code, became in (("ACCEPTED", 202, "INITIATED"), ("REJECTED", 200, "REJECTED")):
        answer = send(one, "put", place, {"status": status})
        assert (answer.status_code, answer.json()["status"]) == (code, became)
    assert refusal(send(one, "put", place, {"status": "odd"})) == (400, "10001")
    given = give(lodge(make_app().app), [one.account])
    place = f"/banks/kitbank.ke/consents/{given.public_id}"
    assert refusal(call(make_customer(), "delete", place)) == (403, "20006")
    assert call(make_staff("ADMIN"), "delete", place).json()["status"] == "REVOKED"
    given.refresh_from_db()
    assert given.status == "REVOKED_BY_BANK"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", f"{V}/users"), ("post", f"{V}/dynamic-registration/consumers"),
        ("post", f"{BANK}/account-web-hooks"), ("get", f"{V}/management/banks/kitbank.ke/account-web-hooks"),
        ("post", f"{BANK}/accounts/x/owner/direct-debit"),
    ],
)  # fmt: skip
def test_what_this_bank_does_otherwise_says_where(method, path):
    answer = Client().generic(method.upper(), path, "{}", content_type="application/json")
    assert refusal(answer) == (400, "10010")
    assert ThirdPartyApp.objects.count() == 0
    assert len(answer.json()["message"]) > 60
