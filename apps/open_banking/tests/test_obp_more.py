"""The rest of the Open Bank Project's API: what the bank offers, views, the book of payees, the customer."""

import pytest
from django.test import Client

from apps.accounts.testing import balance_of, make_account
from apps.audit_trail.models import AuditLog
from apps.fx.testing import set_rates
from apps.notifications.testing import code_sent_to
from apps.open_banking.models import AccessLog
from apps.open_banking.obp.caller import VIEWS
from apps.open_banking.tests.paying import Pays, refusal
from apps.open_banking.tests.test_obp import BANK, Reader, V
from apps.payments.models import Payee
from apps.payments.testing import begin_payment, confirmed
from apps.payments.tests.people import save
from apps.users.models import Branch

pytestmark = pytest.mark.django_db


def test_anybody_learns_what_the_bank_offers():
    set_rates()
    Branch.objects.create(code="901", name="Market", town="Kisumu")

    def look(path):
        response = Client().get(path)
        assert response.status_code == 200, response.content
        return response.json()

    assert look(f"{V}/rate-limiting")["enabled"] is True
    assert look(f"{BANK}/currencies")["currencies"][0] == {"alphanumeric_code": "KES"}
    rate = look(f"{BANK}/fx/USD/KES")
    assert rate["conversion_value"] == pytest.approx(1 / rate["inverse_conversion_value"], rel=1e-4)
    assert refusal(Client().get(f"{BANK}/fx/USD/XXX")) == (400, "10003")
    assert look(f"{BANK}/atms") == {"atms": []}
    assert look(f"{BANK}/branches")["branches"][-1] == look(f"{BANK}/branches/901")
    assert refusal(Client().get(f"{BANK}/branches/nosuch")) == (404, "10404")
    found = look(f"{BANK}/products")["products"]
    assert look(f"{BANK}/products/{found[0]['product_code']}") == found[0]
    kinds = {row["value"] for one in found for row in one["attributes"] if row["name"] == "KIND"}
    assert {"CURRENT", "SAVINGS", "LOAN"} <= kinds
    assert refusal(Client().get(f"{BANK}/products/nosuch")) == (404, "10404")
    assert {one["id"] for one in look(f"{V}/system-views-ids")["views"]} == set(VIEWS)
    assert look(f"{V}/system-views/ReadBalances")["can_see_bank_account_balance"] is True
    assert look(f"{V}/users/current/logout-link")["link"].endswith("/oauth/logout")


def test_views_say_what_was_allowed_and_nobody_gives_them():
    reader = Reader(transactions=False)
    found = {one["id"]: one for one in reader.get(f"{reader.one}/views").json()["views"]}
    assert set(found) == {"owner", "ReadAccountsBasic", "ReadAccountsDetail", "ReadBalances"}
    owner = found["owner"]
    assert (owner["can_see_bank_account_balance"], owner["can_see_transaction_amount"]) == (True, False)
    assert all(isinstance(value, bool) for key, value in owner.items() if key.startswith(("can_see", "can_add")))
    asked = Client().post(f"{reader.one}/views/owner/account-access/grant", "{}", content_type="application/json",
                          headers={"Authorization": f"Bearer {reader.token}"})  # fmt: skip
    assert refusal(asked) == (400, "30022")


def test_a_consent_opens_no_book_and_changes_no_name():
    reader = Pays()
    for response in (reader.get(f"{reader.one}/owner/counterparties"), reader.post(reader.one, {"label": "x"})):
        assert refusal(response) == (403, "20017")
    assert not AccessLog.objects.filter(resource="PAYEES").exists()


def test_somebody_new_is_paid_once_the_customer_has_proven_them():
    one = Pays(consents=False)
    asked = {
        "name": "Mama Mboga", "other_account_routing_scheme": "AccountNumber", "is_beneficiary": True,
        "other_account_routing_address": one.payee.number, "other_bank_routing_scheme": "OBP",
        "other_bank_routing_address": "kitbank.ke",
    }  # fmt: skip
    book = f"{one.one}/owner/counterparties"
    made = one.post(book, asked)
    assert (made.status_code, made.json()["is_beneficiary"]) == (201, False)
    assert one.code
    name = made.json()["counterparty_id"]
    assert one.payee.number not in made.content.decode()  # masked, as the customer sees it
    body = one.body(to={"counterparty_id": name})
    assert refusal(one.pay("COUNTERPARTY", body)) == (400, "30013")
    assert refusal(one.post(book, asked)) == (400, "30014")
    assert refusal(one.post(book, asked | {"name": ""})) == (400, "10001")
    payee = save(one.account.owner, make_account(), nickname="Rent")
    listed = one.get(book).json()["counterparties"]
    assert [row["name"] for row in listed] == ["Mama Mboga", "Rent"]
    single = f"{book}/{payee.public_id}"
    assert one.get(single).json()["is_beneficiary"] is True
    paid = one.pay("COUNTERPARTY", one.body(to={"counterparty_id": str(payee.public_id)})).json()
    assert paid["details"]["to_counterparty"] == {"counterparty_id": str(payee.public_id)}
    assert one.answer(paid, one.code).json()["status"] == "COMPLETED"
    assert balance_of(payee.to_account) == "250.00"
    assert AccessLog.objects.filter(resource="PAYEES").count() == 3
    headers = {"Authorization": one.token}
    assert Client().delete(single, headers=headers).status_code == 200
    assert refusal(one.get(single)) == (400, "30017")
    assert Payee.objects.get(pk=payee.pk).removed_at is not None
    assert code_sent_to(str(one.account.owner.phone))


def test_a_stranger_finds_no_payee_of_others():
    one, other = Pays(consents=False), Pays(consents=False)
    payee = save(other.account.owner, make_account())
    assert refusal(one.get(f"{one.one}/owner/counterparties/{payee.public_id}")) == (400, "30017")
    assert refusal(one.pay("COUNTERPARTY", one.body(to={"counterparty_id": str(payee.public_id)}))) == (400, "30017")
    assert refusal(one.get(f"{other.one}/owner/counterparties")) == (404, "30018")


def test_the_other_sides_of_movements_stand_there_once():
    reader = Reader()
    payer = make_account(balance="500")
    for amount in ("100", "50"):
        confirmed(begin_payment(payer, reader.account.number, amount))
    sides = reader.get(f"{reader.one}/owner/other_accounts").json()["other_accounts"]
    assert [one["holder"]["name"] for one in sides] == [payer.owner.full_name]
    assert reader.get(f"{reader.one}/owner/other_accounts/{sides[0]['id']}").json() == sides[0]
    assert refusal(reader.get(f"{reader.one}/owner/other_accounts/nosuch")) == (400, "30004")


def test_tells_who_the_customer_is_as_far_as_scopes_say():
    mine = Pays(consents=False).get(f"{V}/users/current/customers").json()["customers"][0]
    assert mine["mobile_phone_number"].startswith("+254")
    reader = Reader(scope="openid profile accounts")
    told = reader.get(f"{V}/users/current/customers").json()["customers"][0]
    assert (told["legal_name"], told["mobile_phone_number"]) == (reader.account.owner.full_name, "")
    assert AccessLog.objects.latest("pk").fields == "sub,name"
    assert reader.get(f"{V}/users/current/customers/customer_ids").json()["customers"][0]["id"] == told["customer_id"]
    assert reader.get(f"{V}/my/entitlements").json() == {"list": []}


def test_the_customer_names_an_account():
    one = Pays(consents=False)
    assert one.post(one.one, {"label": "Rent"}).json() == {"success": "Success"}
    one.account.refresh_from_db()
    assert one.account.nickname == "Rent"
    assert AuditLog.objects.filter(action="accounts.account.renamed").exists()
    assert refusal(one.post(one.one, {"label": 5})) == (400, "10001")
