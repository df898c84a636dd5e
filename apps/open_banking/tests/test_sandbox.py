"""The sandbox: a whole journey as a developer makes it, and the wall between it and real money."""

import base64
import json
import re

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.kernel.testing import at_once
from apps.notifications.models import Message
from apps.open_banking import operations
from apps.open_banking.errors import AccountNotEligible, AppNotLive, BadAccess, FaucetRefused, WrongSandboxCode
from apps.open_banking.magic import MAGIC
from apps.open_banking.models import (
    AccessLog,
    AccessToken,
    Consent,
    ConsentAccount,
    SandboxAccount,
    SandboxLine,
    SandboxPayment,
    SandboxPersona,
    SandboxTerms,
    ThirdPartyApp,
)
from apps.open_banking.operations import sandbox
from apps.open_banking.operations.decide import _seen, run_approval
from apps.open_banking.testing import give, go_live, lodge, make_app, make_developer, make_token
from apps.open_banking.tests.browser import answer_of, browser_of
from apps.open_banking.tests.playing import BANK, PRESENT, Plays, V, direct
from apps.open_banking.tests.test_provider import ask, exchange
from apps.open_banking.tests.test_provider import post as send
from apps.users.queries import system_user
from apps.users.testing import bearer, make_customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]
MADE_UP = (SandboxPersona, SandboxAccount, SandboxLine, SandboxTerms, SandboxPayment)


@pytest.fixture
def plays():
    return Plays()


def api_of(user):
    return APIClient(headers=bearer(user))


def run(sql, *given):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, given)


def test_from_registering_to_a_first_read_without_a_message_to_anybody():
    user = make_customer()
    api = api_of(user)
    api.post("/api/v1/developers/register/", {"organisation": "Bajeti Ltd"}, format="json")
    terms = {"name": "Bajeti", "redirect_uris": ["https://bajeti.example/callback"], "scopes": ["accounts"]}
    app = api.post("/api/v1/developers/apps/", terms, format="json").json()
    found = api.get("/api/v1/developers/sandbox/").json()
    assert (len(found["personas"]), found["code"]) == (5, "123456")
    row = ThirdPartyApp.objects.get()
    made = operations.WithSecret(row, app["client_secret"])
    own = send("/oauth/token", made, grant_type="client_credentials", scope="accounts").json()["access_token"]
    wish = {"balances_access": True, "transactions_access": True}
    consent = Client().post("/api/v1/consents/", wish, content_type="application/json",
                            headers={"Authorization": f"Bearer {own}"}).json()  # fmt: skip
    assert consent["is_sandbox"] is True
    browser = browser_of(user)
    path = ask(row, scope=f"openid profile accounts consent:{consent['id']}")
    page = browser.get(path).content.decode()
    assert "SANDBOX" in page
    assert "123456" in page
    chosen = found["personas"][0]["accounts"][0]["id"]
    wrong = browser.post(path, {"do": "allow", "account": chosen, "code": "000000"})
    assert wrong.status_code == 422
    assert "In the sandbox the code is 123456" in wrong.content.decode()
    code = answer_of(browser.post(path, {"do": "allow", "account": chosen, "code": "123456"}))["code"]
    tokens = exchange(made, code).json()
    read = Client().get(f"{V}/my/accounts", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert [one["id"] for one in read["accounts"]] == [chosen]
    who = Client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (who["name"], who["sub"]) == ("Wanjiku Kamau", found["personas"][0]["id"])
    again = send("/oauth/token", made, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.status_code == 200
    assert api.delete(f"/api/v1/consents/{consent['id']}/").status_code == 204
    token = again.json()["access_token"]
    assert Client().get(f"{V}/my/accounts", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert not Message.objects.filter(code__startswith="open_banking").exists()


def test_reads_are_shaped_as_of_real_accounts_and_written_down(plays):
    assert len(plays.get(f"{V}/my/accounts").json()["accounts"]) == 2
    balance = plays.get(f"{plays.one}/balances").json()["balances"]
    assert {one["amount"] for one in balance} == {str(plays.accounts[0].balance.amount)}
    lines = plays.get(f"{plays.one}/owner/transactions?limit=2").json()["transactions"]
    assert lines[0]["details"]["new_balance"]["amount"] == str(plays.accounts[0].balance.amount)
    path = f"{plays.one}/owner/transactions/{lines[0]['id']}"
    assert plays.get(f"{path}/transaction").json() == lines[0]
    assert plays.get(f"{path}/other_account").json() == lines[0]["other_account"]
    assert plays.get(f"{plays.one}/owner/other_accounts").json()["other_accounts"]
    assert plays.get(f"{plays.one}/owner/account").json()["owners"][0]["id"] == str(plays.persona.public_id)
    assert plays.get(f"{V}/users/current").json()["user_id"] == str(plays.persona.public_id)
    left = AccessLog.objects.filter(consent=plays.consent)
    assert not left.exclude(account=None).exists()
    assert set(left.exclude(sandbox_account=None).values_list("sandbox_account_id", flat=True)) == {
        one.pk for one in plays.accounts
    }
    counts = [plays.get(f"{plays.one}/balances", **{"PSU-IP-Address": ""}).status_code for _ in range(5)]
    assert counts == [200] * 4 + [429]
    page = browser_of(plays.user).get(f"/settings/consent/{plays.consent.public_id}").content.decode()
    assert "SANDBOX" in page
    assert plays.accounts[0].name in page


def test_the_same_for_every_developer_and_apart_for_each():
    one, other = Plays(), Plays()

    def year(plays):
        rows = SandboxLine.objects.filter(account__persona__developer=plays.developer).order_by("account", "seq")
        return list(rows.values_list("account__which", "seq", "amount_minor", "description", "posted_at"))

    assert year(one) == year(other)
    assert len(year(one)) > 1500
    for account in SandboxAccount.objects.filter(persona__developer=one.developer):
        amounts = [line.amount_minor for line in account.lines.order_by("seq")]
        assert (sum(amounts), len(amounts)) == (account.balance_minor, account.last_seq)
        assert account.lines.get(seq=account.last_seq).running_balance_minor == account.balance_minor
    theirs = other.accounts[0].public_id
    assert one.get(f"{BANK}/accounts/{theirs}/balances").status_code == 404
    body = {"account": str(theirs), "amount": {"amount": "5.00", "currency": "KES"}}
    assert api_of(one.user).post("/api/v1/developers/sandbox/faucet/", body, format="json").status_code == 404
    with pytest.raises(AccountNotEligible):
        one.given(lodge(one.app), accounts=other.accounts)


def test_the_database_keeps_real_money_out_and_made_up_money_in(plays):
    real = make_account(owner=plays.user)
    live = give(lodge(make_app().app), [real])
    mine, other = plays.accounts[0].pk, Plays()
    insert = "INSERT INTO open_banking_consentaccount (consent_id, account_id, sandbox_account_id, permission) VALUES "
    wrong = [
        (plays.consent.pk, real.pk, None), (live.pk, None, mine), (plays.consent.pk, real.pk, mine),
        (plays.consent.pk, None, None), (plays.consent.pk, None, other.accounts[0].pk),
        (plays.consent.pk, None, plays.personas["amina"].accounts.first().pk),
    ]  # fmt: skip
    for values in wrong:
        with pytest.raises(Error):
            run(f"{insert} (%s, %s, %s, 'FUNDS')", *values)
    for changed in ("is_sandbox = NOT is_sandbox", f"app_id = {live.app_id}"):
        with pytest.raises(Error):
            run(f"UPDATE open_banking_consent SET {changed} WHERE id = %s", plays.consent.pk)
    with pytest.raises(Error, match="goes live without its sandbox"):
        go_live(plays.app)
    with pytest.raises(Error):
        Consent.objects.filter(pk=plays.consent.pk).update(consent_type="PIS", payment_initiation=True, amount_minor=1)
    with pytest.raises(BadAccess):
        lodge(plays.app, consent_type="PIS", accounts=False, balances=False, transactions=False)


def test_no_foreign_key_joins_made_up_money_with_the_books():
    ours = {model._meta.db_table for model in MADE_UP}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
            " AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))",
            [list(ours), list(ours)],
        )
        joined = {table for pair in cursor.fetchall() for table in pair}
    assert joined
    assert all(table.startswith("open_banking_") for table in joined)


def test_a_token_opens_only_the_side_it_was_given_on(plays):
    real = make_account(owner=plays.user)
    made = make_app(developer=plays.developer)
    token = make_token(made.app, give(lodge(made.app), [real]))
    headers = {"Authorization": f"Bearer {token}"} | PRESENT
    assert Client().get(f"{plays.one}/balances", headers=headers).status_code == 404
    ThirdPartyApp.objects.filter(pk=made.app.pk).update(status="PENDING", is_sandbox=True)  # changed: it waits again
    asleep = Client().get(f"{V}/my/accounts", headers=headers)
    assert (asleep.status_code, asleep.json()["message"][:9]) == (401, "OBP-35005")
    assert Client().get("/oauth/userinfo", headers=headers).status_code == 401
    payload = {"app": plays.app.pk, "direct_login": False, "seen": operations.decide._seen(plays.app)}
    run_approval(payload=payload, maker=system_user(), checker=system_user(), at=now())
    plays.consent.refresh_from_db()
    assert (plays.consent.status, AccessToken.objects.filter(application=plays.app).exists()) == (
        "REVOKED_BY_BANK", False)  # fmt: skip
    assert plays.get(f"{V}/my/accounts").status_code == 401
    assert ThirdPartyApp.objects.get(pk=plays.app.pk).is_live


def test_only_the_developer_is_let_in_and_with_the_code(plays):
    waits, stranger = lodge(plays.app), make_customer()
    with pytest.raises(AppNotLive):
        plays.given(waits, by=stranger)
    assert (
        browser_of(stranger).get(ask(plays.app, scope=f"openid accounts consent:{waits.public_id}")).status_code == 403
    )
    assert browser_of(stranger).get(ask(plays.app)).status_code == 403
    with pytest.raises(WrongSandboxCode):
        plays.given(waits, code="654321")
    path = f"/api/v1/consents/{waits.public_id}/authorize/"
    api, chosen = api_of(plays.user), [str(plays.accounts[0].public_id)]
    real = make_account(owner=plays.user)
    assert api.post(path, {"accounts": [real.pk]}, format="json").status_code == 422
    assert api.post(path, {"sandbox_accounts": chosen, "accounts": [real.pk]}, format="json").status_code == 400
    given = api.post(path, {"sandbox_accounts": chosen, "code": "123456"}, format="json").json()
    assert (given["status"], given["account_ids"], given["selected_accounts"]) == ("AUTHORISED", chosen, [])
    assert not ConsentAccount.objects.filter(account=real).exists()


@pytest.mark.parametrize(
    ("method", "path", "number"),
    [("get", "{one}/owner/counterparties", "20017"), ("post", "{one}", "20017")],
)  # fmt: skip
def test_what_the_sandbox_has_not_is_refused_in_words(method, path, number):
    plays = Plays()
    plays.token = direct(plays).json()["token"]
    answer = getattr(plays, method)(path.format(one=plays.one))
    assert answer.json()["message"][:9] == f"OBP-{number}"


def as_persona(plays, method, path, body=None, **headers):
    """By the persona's own word, or by what `headers` bring instead."""
    sent = headers or {"Authorization": f"Bearer {plays.token}"}
    return getattr(Client(), method)(path, body, content_type="application/json", headers=sent)


def test_a_persona_lets_an_app_in_by_header_as_a_customer_would():
    plays, messages = Plays(), Message.objects.count()
    plays.token = direct(plays).json()["token"]
    views = [{"bank_id": "kitbank.ke", "account_id": plays.id, "view_id": "ReadBalances"}]
    asked = {"everything": False, "views": views, "entitlements": []}

    def begin(**changes):
        return as_persona(plays, "post", f"{BANK}/my/consents/SMS", asked | changes)

    def answer(made, given):
        return as_persona(plays, "post", f"{BANK}/consents/{made['consent_id']}/challenge", {"answer": given})

    for other in (make_app(live=False).app, make_app().app):
        assert begin(consumer_id=other.client_id).json()["message"][:9] == "OBP-20024"
    made = begin().json()
    assert made["status"] == "INITIATED"
    by_word = {"Consent-JWT": made["jwt"], "Consumer-Key": plays.app.client_id}
    assert as_persona(plays, "get", f"{V}/my/accounts", **by_word).json()["message"][:9] == "OBP-35005"
    assert answer(made, "321").json()["message"][:9] == "OBP-40016"
    done = answer(made, "123").json()
    assert done["status"] == "ACCEPTED"
    claims = json.loads(base64.urlsafe_b64decode(done["jwt"].split(".")[1] + "=="))
    assert {one["account_id"] for one in claims["views"]} == {plays.id}
    assert claims["createdByUserId"] == str(plays.persona.public_id)
    by_word["Consent-JWT"] = done["jwt"]
    seen = as_persona(plays, "get", f"{V}/my/accounts", **by_word).json()["accounts"]
    assert [one["id"] for one in seen] == [plays.id]
    assert as_persona(plays, "get", f"{plays.one}/balances", **by_word).status_code == 200
    assert as_persona(plays, "get", f"{plays.one}/transactions", **by_word).json()["message"][:9] == "OBP-20017"
    spent = begin().json()
    for _nth in range(3):
        assert answer(spent, "321").status_code == 400
    assert answer(spent, "123").json()["status"] == "REJECTED"
    listed = as_persona(plays, "get", f"{V}/my/consents").json()["consents"]
    assert {one["status"] for one in listed} >= {"ACCEPTED", "REJECTED"}
    plays.persona = plays.personas["otieno"]
    plays.token = direct(plays).json()["token"]
    assert as_persona(plays, "get", f"{V}/my/consents").json()["consents"] == []
    assert answer(made, "123").json()["message"][:9] == "OBP-35001"
    assert Message.objects.count() == messages
    ThirdPartyApp.objects.filter(pk=plays.app.pk).update(client_type="public")
    assert as_persona(plays, "get", f"{V}/my/accounts", **by_word).json()["message"][:9] == "OBP-35007"
    ThirdPartyApp.objects.filter(pk=plays.app.pk).update(client_type="confidential")
    payload = {"app": plays.app.pk, "direct_login": True, "seen": _seen(plays.app)}
    run_approval(payload=payload, maker=system_user(), checker=system_user(), at=now())
    assert as_persona(plays, "get", f"{V}/my/accounts", **by_word).json()["message"][:9] == "OBP-35005"


def test_direct_login_is_for_ones_own_personas(plays):
    other = Plays()
    assert direct(plays, consumer_key=other.app.client_id).json()["message"][:9] == "OBP-20004"
    assert direct(plays, password="wrong").json()["message"][:9] == "OBP-20004"
    plays.token = direct(plays).json()["token"]
    assert {one["id"] for one in plays.get(f"{V}/my/accounts").json()["accounts"]} == {
        str(one.public_id) for one in plays.accounts
    }
    frozen = Plays("njeri", consent_type="CBPII", accounts=False, balances=False, transactions=False)
    answer = frozen.get(f"{frozen.one}/owner/funds-available?amount=1.00&currency=KES").json()
    assert answer["answer"] == "no"


def test_the_faucet_adds_up_to_its_limits(plays):
    account, user = plays.accounts[0], plays.user
    before = account.balance_minor

    def tap(amount, which=account, currency="KES"):
        return sandbox.faucet(account=which.public_id, amount=Money.of(amount, currency), by=user, at=now())

    for amount in ("100000.01", "0"):
        with pytest.raises(FaucetRefused):
            tap(amount)
    with pytest.raises(FaucetRefused):
        tap("5", currency="USD")
    with pytest.raises(FaucetRefused):
        tap("5", which=plays.personas["njeri"].accounts.get())
    for _ in range(5):
        tap("100000")
    with pytest.raises(FaucetRefused, match="a day at most"):
        tap("0.01")
    account.refresh_from_db()
    assert account.balance_minor == before + 50_000_000


def test_a_reset_leaves_ids_and_words_and_nothing_else(plays):
    before = {one.pk: one.balance_minor for one in SandboxAccount.objects.all()}
    sandbox.faucet(account=plays.accounts[0].public_id, amount=Money.of("500", "KES"), by=plays.user, at=now())
    held, direct_token = api_of(plays.user), direct(plays).json()["token"]
    found = held.post("/api/v1/developers/sandbox/reset/").json()
    assert {one.pk: one.balance_minor for one in SandboxAccount.objects.all()} == before
    assert found["personas"][0]["accounts"][0]["id"] == plays.id
    assert plays.get(f"{V}/my/accounts").status_code == 401
    plays.token = direct_token
    assert plays.get(f"{V}/my/accounts").status_code == 401
    plays.consent.refresh_from_db()
    assert plays.consent.status == "REVOKED_BY_BANK"


@pytest.mark.django_db(transaction=True)
def test_resets_and_taps_at_once_leave_whole_years():
    plays = Plays()
    account = plays.accounts[0].public_id

    def again():
        return sandbox.reset(by=plays.user, at=now())

    def tap():
        return sandbox.faucet(account=account, amount=Money.of("10", "KES"), by=plays.user, at=now())

    found = at_once(again, tap, again, tap)
    assert not [one for one in found if isinstance(one, Exception)], found
    for row in SandboxAccount.objects.all():
        lines = list(row.lines.order_by("seq").values_list("seq", "amount_minor"))
        assert [seq for seq, _amount in lines] == list(range(1, row.last_seq + 1))
        assert sum(amount for _seq, amount in lines) == row.balance_minor


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_pages_are_strict_and_in_both_languages(language):
    developer = make_developer(make_customer(language=language))
    browser = browser_of(developer.user)
    source = browser.get("/developers/sandbox").content.decode()
    confirm = browser.get("/developers/sandbox/reset").content.decode()
    for page in (source, confirm):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script>", page)
        assert len(re.findall(r"<h1", page)) == 1
    assert sandbox.password_of(developer, "otieno") in source
    assert ("Made-up" in source or "made-up" in source) == (language == "en")
    assert all(f"…{one.cents}" in source and str(one.words) in source for one in MAGIC) or language == "sw"
    assert re.search(r"(challenge is|uthibitisho ni) 123\.", source)
    account = SandboxAccount.objects.get(persona__developer=developer, which="boda")
    over = browser.post("/developers/sandbox/faucet", {"account": account.public_id, "amount": "100000.5"})
    assert over.status_code == 422
    added = browser.post("/developers/sandbox/faucet", {"account": account.public_id, "amount": "250"})
    assert added["Location"] == "/developers/sandbox"
    before = account.balance_minor
    account.refresh_from_db()
    assert account.balance_minor == before + 25_000
    assert browser.post("/developers/sandbox/reset")["Location"] == "/developers/sandbox"
    account.refresh_from_db()
    assert account.balance_minor == before
    assert browser_of(make_customer()).get("/developers/sandbox")["Location"] == "/developers/apps"
