"""The Open Bank Project's API: what leaves, what does not, and how it says so."""

from datetime import timedelta
from itertools import islice

import pytest
from django.test import Client

from apps.accounts.models import Account, Transaction
from apps.accounts.testing import give as pay_in
from apps.accounts.testing import make_account
from apps.kernel.clock import local_date, now
from apps.kernel.testing import deliver_events, print_keys
from apps.open_banking import operations
from apps.open_banking.models import AccessLog, AccessToken, Consent, ThirdPartyApp
from apps.open_banking.names import account_name
from apps.open_banking.testing import give, lodge, make_app, make_token
from apps.users import operations as people
from apps.users.testing import PASSWORD

pytestmark = pytest.mark.django_db
V = "/obp/v5.1.0"
BANK = f"{V}/banks/kitbank.ke"


class Reader:
    """An app with a consent for one account, and how it asks."""

    def __init__(self, *, scope="openid accounts", **wish):
        self.made = make_app()
        self.account = make_account(balance="1500.50")
        self.consent = give(lodge(self.made.app, **wish), [self.account])
        self.token = make_token(self.made.app, self.consent, scope=scope)
        self.id = str(account_name(self.account.pk))
        self.one = f"{BANK}/accounts/{self.id}"

    def get(self, path, **headers):
        return Client().get(path, headers={"Authorization": f"Bearer {self.token}"} | headers)

    def look(self, path):
        """The same while the customer is there, which is not counted."""
        return self.get(path, **{"PSU-IP-Address": "41.80.1.9"}).json()


@pytest.fixture
def reader():
    return Reader()


def test_everybody_learns_which_bank_this_is():
    assert Client().get(V).json()["version"] == "v5.1.0"
    assert Client().get("/obp/v3.1.0/root/").json()["version"] == "v3.1.0"
    assert Client().get("/obp/v4.0.0/banks/").json()["banks"][0]["id"] == "kitbank.ke"
    assert Client().get(BANK).json()["bank_code"]
    assert Client().get(f"{V}/well-known").json()["well_known_uris"][0]["provider"] == "kitbank"


@pytest.mark.parametrize(
    ("method", "path", "status", "number"),
    [
        ("get", "/obp/v9.9.9/banks", 404, "10404"),
        ("get", f"{V}/nothing/here", 404, "10404"),
        ("post", "/obp/", 404, "10404"),
        ("delete", f"{V}/banks", 405, "10405"),
        ("get", f"{V}/banks/other", 404, "30001"),
        ("get", f"{V}/my/accounts", 401, "20001"),
        ("post", "/my/logins/direct", 400, "20082"),
    ],
)
def test_says_no_as_its_clients_read_it(method, path, status, number):
    response = getattr(Client(), method)(path)
    body = response.json()
    assert (response.status_code, set(body), body["code"]) == (status, {"code", "message"}, status)
    assert body["message"].startswith(f"OBP-{number}: ")
    assert response["Correlation-Id"]
    assert ("WWW-Authenticate" in response) == (status == 401)


@pytest.mark.parametrize(
    ("header", "status", "number"),
    [("Bearer made-up", 401, "20003"), ("Basic abc", 400, "20080"), ("DirectLogin token=nothing", 401, "20003"),
     ("Bearer eyJhbGciOiJub25lIn0.e30.", 401, "20003")],
)  # fmt: skip
def test_a_token_that_is_none_opens_nothing(header, status, number):
    body = Client().get(f"{V}/my/accounts", headers={"Authorization": header})
    assert (body.status_code, body.json()["message"][:9]) == (status, f"OBP-{number}")


def test_a_page_of_another_site_may_ask(reader):
    response = Client().options(f"{V}/my/accounts", headers={"Origin": "https://x.example",
                                                             "Access-Control-Request-Method": "GET"})  # fmt: skip
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response


def test_reads_the_account_its_balance_and_its_movements(reader):
    mine = reader.look(f"{V}/my/accounts")["accounts"]
    assert [one["id"] for one in mine] == [reader.id]
    assert reader.account.number in str(mine)
    one = reader.look(f"{V}/my/banks/kitbank.ke/accounts/{reader.id}/account")
    assert one["balance"] == {"currency": "KES", "amount": "1500.50"}
    assert reader.look(reader.one) == one
    for path in (f"{reader.one}/balances", f"{reader.one}/views/ReadBalances/balances"):
        assert {row["type"] for row in reader.look(path)["balances"]} == {"OpeningBooked", "InterimAvailable"}
    for path in (f"{BANK}/balances", f"{BANK}/views/owner/balances"):
        assert reader.look(path)["accounts"][0]["account_id"] == reader.id
    held = reader.look(f"{reader.one}/owner/account")
    assert held["owners"][0]["display_name"] == ""  # the customer did not let it know their name
    for path in ("accounts", "accounts/private", "accounts/account_ids/private", "accounts-held"):
        assert reader.look(f"{BANK}/{path}")["accounts"][0]["id"] == reader.id
    lines = reader.look(f"{reader.one}/owner/transactions")["transactions"]
    assert lines[0]["details"]["value"] == {"currency": "KES", "amount": "1500.50"}
    assert lines[0]["metadata"]["where"] is None
    path = f"{reader.one}/owner/transactions/{lines[0]['id']}"
    assert reader.look(f"{path}/transaction") == lines[0]
    assert reader.look(f"{path}/other_account") == lines[0]["other_account"]


def test_writes_down_everything_that_leaves(reader):
    named = "0d1f6a52-7c0e-4c7e-9d55-2b8a0e5c1f11"
    present = {"x-fapi-customer-ip-address": "41.80.1.9", "x-fapi-interaction-id": named}
    answer = reader.get(f"{reader.one}/balances", **present)
    assert answer["x-fapi-interaction-id"] == named
    row = AccessLog.objects.get()
    assert (row.consent, row.account, row.user) == (reader.consent, reader.account, reader.account.owner)
    assert (row.resource, row.fields, row.person_present) == ("BALANCES", "balance,available", True)
    assert str(row.interaction_id) == named


def test_an_account_keeps_its_name_when_the_key_of_blind_indexes_is_another(reader, settings):
    print_keys(settings, "new")
    answer = reader.get(f"{reader.one}/balances")
    assert (answer.status_code, str(account_name(reader.account.pk))) == (200, reader.id)


def test_an_account_outside_the_consent_is_not_there_and_nothing_is_said_of_it(reader):
    other = make_account(reader.account.owner, balance="9")
    named = str(account_name(other.pk))
    for name in (named, "nosuch"):
        body = reader.get(f"{BANK}/accounts/{name}/balances").json()
        assert (body["code"], body["message"]) == (404, body["message"].replace(named, name))
    assert reader.get(f"{BANK}/accounts/a%20b/balances").json()["message"].startswith("OBP-30110")
    assert not AccessLog.objects.exists()


def test_what_was_not_allowed_does_not_leave_by_another_door():
    reader = Reader(balances=False)
    body = reader.get(f"{reader.one}/balances")
    assert (body.status_code, "consent_required" in body.json()["message"]) == (403, True)
    assert reader.get(f"{BANK}/balances").status_code == 403
    assert reader.get(reader.one).json()["balance"]["amount"] == ""
    line = reader.get(f"{reader.one}/transactions").json()["transactions"][0]
    assert line["details"]["new_balance"]["amount"] == ""
    assert "1500.50" not in reader.get(f"{reader.one}/owner/account").content.decode()
    assert reader.get(f"{reader.one}/views/ReadBalances").status_code == 403
    assert reader.get(f"{reader.one}/views/firehose").status_code == 400
    assert not AccessLog.objects.filter(resource="BALANCES").exists()


def test_nothing_older_than_the_customer_allowed_is_shown():
    reader = Reader(transactions_from=local_date(now()) + timedelta(days=1))
    line = Transaction.objects.get(account=reader.account)
    assert reader.get(f"{reader.one}/transactions").json() == {"transactions": []}
    name = f"{reader.id[:23]}-{line.seq:012d}"
    assert reader.get(f"{reader.one}/owner/transactions/{name}/transaction").status_code == 404


def test_a_name_leaves_only_with_its_scope():
    reader = Reader(scope="openid profile accounts")
    assert reader.get(f"{V}/users/current").json()["username"] == reader.account.owner.full_name
    assert reader.get(f"{V}/users/current").json()["email"] == ""
    nameless = Reader()
    assert nameless.account.owner.full_name not in nameless.get(f"{V}/users/current").content.decode()
    assert nameless.get(f"{V}/users/current/user_id").json()["user_id"] == str(nameless.account.owner.public_id)


WRONG_FILTERS = {
    "limit=-1": "10025", "limit=0": "10025", "limit=1000000000": "10012", "limit=x": "10025", "obp_offset=-3": "10024",
    "sort_direction=UP": "10023", "from_date=yesterday": "10026", "limit=99999999999999999999999": "10025",
}  # fmt: skip


def test_says_which_filter_is_wrong(reader):
    for query, number in WRONG_FILTERS.items():
        body = reader.get(f"{reader.one}/transactions?{query}").json()
        assert body["code"] == 400
        assert body["message"].startswith("OBP-10016: Incorrect filter Parameters in URL.")
        assert f"OBP-{number}" in body["message"], query
    assert not AccessLog.objects.exists()


def test_turns_pages_and_sorts(reader):
    for amount in ("10", "20", "30"):
        pay_in(reader.account, amount)

    def amounts(query, **headers):
        response = reader.get(f"{reader.one}/transactions?{query}", **{"PSU-IP-Address": "41.80.1.9"} | headers)
        return [row["details"]["value"]["amount"] for row in response.json()["transactions"]], response

    found, response = amounts("limit=2&offset=1")
    assert (found, response["Range"]) == (["20.00", "10.00"], "items=1-2")
    assert amounts("sort_direction=asc&limit=2")[0] == ["1500.50", "10.00"]
    assert amounts("", obp_limit="1")[0] == ["30.00"]
    assert amounts("from_date=2099-01-01T00:00:00.000Z")[0] == []
    assert len(amounts("to_date=2099-01-01T00:00:00Z")[0]) == 4


def test_is_not_sent_again_what_has_not_changed(reader):
    first = reader.get(f"{V}/my/accounts")
    again = reader.get(f"{V}/my/accounts", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_reads_four_times_a_day_without_the_customer_and_as_often_as_they_like_with_them(reader):
    path = f"{reader.one}/balances"
    assert [reader.get(path).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert reader.get(path).json()["message"].startswith("OBP-10018")
    assert AccessLog.objects.count() == 4
    assert reader.get(path, **{"PSU-IP-Address": "41.80.1.9"}).status_code == 200
    assert reader.get(f"{reader.one}/transactions").status_code == 200  # another resource, another count
    for page in range(1, 6):
        assert (
            reader.get(f"{reader.one}/transactions?offset={page}").status_code == 200
        )  # further pages are not counted


def test_a_consent_that_ended_between_two_calls_opens_nothing(reader):
    assert reader.get(f"{V}/my/accounts").status_code == 200
    operations.revoke(consent=reader.consent, by=reader.account.owner, at=now())
    assert reader.get(f"{V}/my/accounts").status_code == 401


def test_a_consent_that_is_over_or_a_token_that_is_over_opens_nothing(reader):
    Consent.objects.update(valid_until=now(), valid_from=now() - timedelta(days=1))
    assert reader.get(f"{V}/my/accounts").json()["message"].startswith("OBP-35005")
    AccessToken.objects.update(expires=now())
    assert reader.get(f"{V}/my/accounts").json()["message"].startswith("OBP-20003")


@pytest.mark.parametrize("change", ["suspended", "inactive", "closed", "moved"])
def test_what_changed_since_counts_at_the_next_call(reader, change):
    if change == "suspended":
        ThirdPartyApp.objects.update(status="SUSPENDED")
    elif change == "inactive":
        type(reader.account.owner).objects.filter(pk=reader.account.owner_id).update(status="SUSPENDED")
    elif change == "closed":
        Account.objects.filter(pk=reader.account.pk).update(status="CLOSED", closed_at=now())
    else:
        Account.objects.filter(pk=reader.account.pk).update(owner=make_account().owner)
    assert reader.get(f"{reader.one}/balances").status_code in {400, 401, 404}
    assert not AccessLog.objects.exists()


def test_an_apps_own_token_reads_no_customer():
    token = make_token(make_app().app, scope="accounts")
    body = Client().get(f"{V}/my/accounts", headers={"Authorization": f"Bearer {token}"}).json()
    assert body["message"].startswith("OBP-20001")


def test_says_yes_or_no_and_never_how_much():
    wish = {"accounts": False, "balances": False, "transactions": False, "consent_type": "CBPII"}
    reader = Reader(**wish)
    path = f"{reader.one}/owner/funds-available"
    answers = [reader.get(f"{path}?amount={amount}&currency=KES").json()["answer"] for amount in ("1500.50", "1500.51")]
    assert answers == ["yes", "no"]
    assert reader.get(f"{path}?amount=1").json()["message"].startswith("OBP-20055")
    assert reader.get(f"{path}?amount=x&currency=KES").json()["message"].startswith("OBP-10002")
    assert reader.get(f"{reader.one}/balances").status_code == 403
    assert reader.get(reader.one).status_code == 403
    posted = Client().post(f"{reader.one}/funds-check", '{"amount": "5", "currency": "KES"}', content_type="text/plain",
                           headers={"Authorization": f"Bearer {reader.token}"})  # fmt: skip
    assert posted.json()["answer"] == "yes"
    assert {*AccessLog.objects.values_list("fields", flat=True)} == {"answer"}


def direct(app, password=PASSWORD, login=None, style="DirectLogin", **more):
    user = login or make_account(balance="7").owner
    given = f'username="{user.phone}", password="{password}",consumer_key={app.client_id}'
    headers = {"DirectLogin": given} if style == "DirectLogin" else {"Authorization": f"DirectLogin {given}"}
    return Client().post("/my/logins/direct", headers=headers | more)


@pytest.mark.parametrize("style", ["DirectLogin", "Authorization"])
def test_an_app_that_may_hands_over_a_password(style):
    app = make_app().app
    assert direct(app).json()["message"].startswith("OBP-20058")
    ThirdPartyApp.objects.update(allows_direct_login=True)
    person = make_account(balance="7").owner
    answer = direct(app, style=style, login=person)
    assert answer.status_code == 201
    with_token = {"DirectLogin": f"token={answer.json()['token']}"}
    held = Client().get(f"{V}/my/accounts", headers=with_token)
    assert len(held.json()["accounts"]) == 1
    people.change_password(user=person, current=PASSWORD, new="matatu-kitenge-mvua-99", at=now())
    deliver_events()
    assert Client().get(f"{V}/my/accounts", headers=with_token).status_code == 401, "it ends with the old password"
    assert direct(app, password="wrong-password-1").json()["message"].startswith("OBP-20004")
    assert direct(type(app)(client_id="nobody")).json()["message"].startswith("OBP-20008")


def test_the_check_costs_three_questions_beyond_the_data(reader, django_assert_num_queries):
    reader.get(f"{reader.one}/balances")
    with django_assert_num_queries(5):  # token with app, consent and customer; limits; account; balance; the gate
        reader.get(f"{reader.one}/balances")


def test_a_list_costs_the_same_however_long(django_assert_num_queries):
    reader = Reader()
    others = [make_account(reader.account.owner, balance="5") for _ in range(3)]
    app, at = make_app().app, now() + timedelta(minutes=2)
    many = give(lodge(app), [reader.account, *others], at=at)
    reader.token = make_token(app, many)
    reader.get(f"{BANK}/balances")
    for amount in islice("123456789", 9):
        pay_in(reader.account, amount)
    with django_assert_num_queries(5):
        assert len(reader.get(f"{BANK}/balances").json()["accounts"]) == 4
    with django_assert_num_queries(5):
        assert len(reader.get(f"{reader.one}/transactions").json()["transactions"]) == 10
