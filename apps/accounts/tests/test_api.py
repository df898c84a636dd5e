"""Accounts by API: one's own only, in constant queries, with refusals in plain words."""

from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote

import pytest

from apps.accounts import topups
from apps.accounts.testing import balance_of, give, make_account, make_teller, spend
from apps.kernel.clock import local_date, now
from apps.users.testing import bearer, make_customer, make_staff


def put(client, path, body, headers):
    return client.put(path, body, content_type="application/json", headers=headers)


def post(client, path, body, headers, **more):
    return client.post(path, body, content_type="application/json", headers={**headers, **more})


@pytest.fixture
def account(db):
    return make_account(balance="1500.50")


def test_lists_ones_own_with_balances_in_constant_queries(client, account, django_assert_num_queries):
    make_account(account.owner, product="SAVINGS", balance="20")
    make_account(balance="7")
    headers = bearer(account.owner)
    with django_assert_num_queries(5):  # counter, session, count, accounts, balances
        shown = client.get("/api/v1/accounts/", headers=headers).json()["results"]
    assert [one["balance"]["amount"] for one in shown] == ["1500.50", "20.00"]
    summary = client.get("/api/v1/currency/summary/", headers=headers).json()
    assert summary["total"] == {"amount": "1520.50", "currency": "KES"}


def test_the_main_account_has_a_word_of_its_own(client, account):
    assert client.get("/api/v1/accounts/me", headers=bearer(account.owner)).json()["number"] == account.number


@pytest.mark.parametrize("verb", ["get", "put", "delete"])
def test_another_persons_account_is_not_there(client, account, verb):
    headers = bearer(make_customer())
    path = f"/api/v1/accounts/{account.pk}/"
    answer = getattr(client, verb)(path, {"nickname": "Mine"}, content_type="application/json", headers=headers)
    if verb == "get":
        answer = client.get(path, headers=headers)
    assert answer.status_code == 404
    for word in ("freeze", "unfreeze"):
        assert post(client, f"{path}{word}/", {}, headers).status_code == 404
    assert client.get(f"{path}statement/", headers=headers).status_code == 404
    body = {"account": account.pk, "from_date": "2026-01-01", "to_date": "2026-01-31"}
    assert post(client, "/api/v1/export/csv/", body, headers).status_code == 404
    line = account.lines.get()
    assert client.get(f"/api/v1/transactions/{line.pk}/", headers=headers).status_code == 404
    assert client.get("/api/v1/transactions/", headers=headers).json()["results"] == []


def test_a_balance_cannot_be_written(client, account):
    answer = put(client, f"/api/v1/accounts/{account.pk}/", {"nickname": "x", "balance": "1"}, bearer(account.owner))
    assert answer.status_code == 400
    assert "balance" in answer.json()["errors"]


def test_names_freezes_and_closes(client, account):
    headers, path = bearer(account.owner), f"/api/v1/accounts/{account.pk}/"
    assert put(client, path, {"nickname": "Shule 🌻"}, headers).json()["name"] == "Shule 🌻"
    assert post(client, f"{path}freeze/", {}, headers).json()["status"] == "FROZEN"
    assert post(client, f"{path}freeze/", {}, headers).status_code == 409
    assert post(client, f"{path}unfreeze/", {}, headers).json()["status"] == "ACTIVE"
    refused = client.delete(path, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_not_empty")


def test_opens_a_further_account_once_per_key(client, account):
    headers = bearer(account.owner)
    body = {"product": "USD_CURRENT"}
    first = post(client, "/api/v1/accounts/", body, headers, **{"Idempotency-Key": "k"})
    again = post(client, "/api/v1/accounts/", body, headers, **{"Idempotency-Key": "k"})
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    assert post(client, "/api/v1/accounts/", {"product": "NONE"}, headers).status_code == 404


def test_filters_lines_and_pages_by_cursor(client, account, django_assert_num_queries):
    for nth in range(25):
        give(account, f"{nth + 1}")
    headers = bearer(account.owner)
    with django_assert_num_queries(3):
        first = client.get("/api/v1/transactions/", headers=headers).json()
    assert len(first["results"]) == 20
    second = client.get(first["next"], headers=headers).json()
    assert len(second["results"]) == 6
    seen = {line["id"] for line in first["results"]} | {line["id"] for line in second["results"]}
    assert len(seen) == 26
    large = client.get("/api/v1/transactions/?amount_min=20&amount_max=25&direction=in", headers=headers).json()
    assert len(large["results"]) == 6
    today = local_date(now())
    assert (
        client.get(f"/api/v1/transactions/?from_date={today + timedelta(days=1)}", headers=headers).json()["results"]
        == []
    )


@pytest.mark.parametrize(
    "query",
    [
        "from_date=x",
        "type=NO",
        "amount_min=abc",
        "account=abc",
        "cursor=zzz",
        "amount_min=1e400",
        "direction=up",
    ],
)
def test_refuses_filters_it_cannot_read(client, account, query):
    answer = client.get(f"/api/v1/transactions/?{query}", headers=bearer(account.owner))
    assert answer.status_code in {400, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("place", ["", "zzz", "p=abc", "p=1.5", "o=-1&p=1", "p=1&r=x", "p=%00", f"p={10**30}"])
def test_a_cursor_that_somebody_made_is_refused_in_words(client, account, place):
    cursor = quote(b64encode(place.encode()) if "=" in place else place)
    answer = client.get(f"/api/v1/transactions/?cursor={cursor}", headers=bearer(account.owner))
    assert answer.status_code == (200 if place in {"", f"p={10**30}"} else 400)


def test_states_and_exports_a_period(client, account):
    headers, today = bearer(account.owner), local_date(now())
    stated = client.get(f"/api/v1/accounts/{account.pk}/statement/", headers=headers).json()
    assert (stated["opening"]["amount"], stated["closing"]["amount"]) == ("0.00", "1500.50")
    body = {"account": account.pk, "from_date": f"{today}", "to_date": f"{today}"}
    sheet = post(client, "/api/v1/export/csv/", body, headers)
    assert sheet.status_code == 200
    assert b"1500.50" in sheet.content
    swahili = post(client, "/api/v1/export/csv/", body, headers | {"Accept-Language": "sw"}).content.decode()
    heads, opening, *_lines = swahili.splitlines()
    assert heads == "date,description,reference,amount,balance,currency"  # programs read by them
    assert "Opening balance" in opening
    backwards = {**body, "from_date": f"{today + timedelta(days=1)}"}
    assert post(client, "/api/v1/export/csv/", backwards, headers).status_code == 400


def test_topping_up_is_honest_about_not_being_connected(client, account, monkeypatch):
    monkeypatch.setattr(topups, "_connected", [])
    body = {"amount": {"amount": "5.00", "currency": "KES"}}
    answer = post(client, "/api/v1/accounts/deposit/", body, bearer(account.owner))
    assert (answer.status_code, answer.json()["code"]) == (422, "top_up_not_connected")


def test_a_teller_takes_cash_by_api_with_a_key(client, account):
    teller, _till = make_teller()
    body = {"account": account.number, "amount": {"amount": "200.00", "currency": "KES"}, "by_name": "Achieng"}
    headers = bearer(teller)
    assert post(client, "/api/v1/cash/deposits/", body, headers).json()["code"] == "idempotency_key_needed"
    for _time in range(2):
        answer = post(client, "/api/v1/cash/deposits/", body, headers, **{"Idempotency-Key": "c1"})
        assert (answer.status_code, answer.json()["status"]) == (201, "DONE")
    assert balance_of(account) == "1700.50"
    taken = post(client, "/api/v1/cash/withdrawals/", body, headers, **{"Idempotency-Key": "c2"})
    assert taken.json()["kind"] == "WITHDRAWAL"
    assert balance_of(account) == "1470.50"


@pytest.mark.parametrize("path", ["/api/v1/admin/transactions/", "/api/v1/admin/users/", "/api/v1/admin/staff/"])
def test_customers_do_not_come_through_staff_doors(client, account, path):
    assert client.get(path, headers=bearer(account.owner)).status_code == 403
    assert client.get(path).status_code == 401


def test_staff_see_the_last_ten_lines_and_their_look_is_kept(client, account):
    from apps.users.models import CustomerView

    for _nth in range(12):
        give(account, "1")
    agent = make_staff("SUPPORT_AGENT")
    shown = client.get(f"/api/v1/admin/users/{account.owner_id}/statement/", headers=bearer(agent)).json()
    assert len(shown["results"]) == 10
    assert CustomerView.objects.get().viewer == agent


def test_exports_what_the_filters_find_and_nobody_elses(client, account):
    give(account, "10", description="Rent")
    give(account, "20", description="Food")
    other = make_account(balance="5")
    headers = bearer(account.owner)
    answer = client.get("/api/v1/transactions/export/?search=rent", headers=headers)
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.content.decode().splitlines()
    assert (len(lines), "Rent" in lines[1], account.number in lines[1]) == (2, True, True)
    for language in ("en", "sw"):
        answer = client.get("/api/v1/transactions/export/?search=rent", headers=headers | {"Accept-Language": language})
        head, line = answer.content.decode().splitlines()
        assert head == "date,account,type,description,counterparty,reference,amount,balance,currency"
        assert ",DEPOSIT," in line
    everything = client.get("/api/v1/transactions/export/", headers=headers).content.decode()
    assert ("Food" in everything, other.number in everything) == (True, False)
    assert client.get("/api/v1/transactions/export/?kind=pdf&amount_min=15", headers=headers).content[:4] == b"%PDF"
    assert client.get("/api/v1/transactions/export/?kind=exe", headers=headers).status_code == 400
    assert client.get("/api/v1/transactions/export/").status_code == 401


def test_narrows_by_amounts_of_each_lines_own_currency(db, client):
    shillings = make_account(balance="1500")
    uganda = make_account(shillings.owner, product="UGX_CURRENT", balance="40000")
    hand = bearer(shillings.owner)

    def found(**asked):
        rows = client.get("/api/v1/transactions/", asked, headers=hand).json()["results"]
        return sorted(row["account"] for row in rows)

    assert found(amount_min="1000") == [shillings.pk, uganda.pk]
    assert found(amount_min="39999.50", amount_max="40000") == [uganda.pk]
    assert found(amount_max="1500") == [shillings.pk]


def test_a_profile_with_money_on_an_account_is_not_closed_for_good(client, account):
    address, officer = f"/api/v1/admin/users/{account.owner_id}/status/", bearer(make_staff("ADMIN"))
    asked = {"status": "CLOSED", "reason": "They asked for it"}
    refused = put(client, address, asked, officer)
    assert (refused.status_code, refused.json()["code"]) == (409, "accounts_open")
    account.owner.refresh_from_db()
    assert account.owner.status == "ACTIVE"
    spend(account, balance_of(account))
    assert put(client, address, asked, officer).status_code == 200
