"""The developers' portal: what is open to all, one's apps, trying calls out."""

import json
import re
import shlex

import pytest
from django.test import Client

from apps.open_banking.models import DeveloperAccount, ThirdPartyApp
from apps.open_banking.pages.developers import inside, operations
from apps.open_banking.pages.developers.samples import samples
from apps.open_banking.testing import make_app, make_developer, make_token
from apps.open_banking.tests.browser import browser_of
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
PUBLIC = ["", "start", "docs", "docs/consents", "docs/webhooks", "docs/api", "reference", "errors", "errors/OBP-35005",
          "errors/consent_required", "changelog", "errors?q=consent", "errors?q=nothing-at-all"]  # fmt: skip
NEW = {
    "name": "Bajeti Yangu", "redirect_uris": "https://bajeti.example/callback", "scopes": ["accounts"],
    "website_url": "https://bajeti.example",
}  # fmt: skip


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("language", ["en", "sw"])
def test_what_is_open_to_all_is_strict_and_in_both_languages(language):
    browser = Client(headers={"Accept-Language": language})
    for path in [*PUBLIC, *(f"reference/{name}" for name in operations.resources())]:
        response = browser.get(f"/developers/{path}")
        source = response.content.decode()
        assert response.status_code == 200, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script>", source), path
        assert len(re.findall(r"<h1", source)) == 1, path
    assert ("Wasanidi" in words(browser.get("/developers/"))) == (language == "sw")


@pytest.mark.parametrize("path", ["docs/secrets", "docs/../../README", "reference/nothing", "errors/no_such_code"])
def test_what_is_not_there_is_not_there(client, path):
    assert client.get(f"/developers/{path}").status_code == 404


def test_documents_are_pages_with_tables_and_code_and_no_html_of_their_own(client):
    page = client.get("/developers/docs/webhooks").content.decode()
    assert '<h2 id="check-the-signature">' in page
    assert "<table" in page
    assert "hmac.compare_digest" in page
    assert page.count("<h1") == 1
    assert "WEBHOOKS_TO_LOOPBACK" not in page


def test_the_reference_holds_every_address_an_app_can_call():
    rows = operations.everything()
    paths = {one.path for one in rows.values()}
    assert {"/obp/v5.1.0/my/accounts", "/obp/v5.1.0/banks/{bank_id}/accounts/{account_id}/balances",
            "/api/v1/consents/", "/api/v1/api-gateway/webhook-endpoints/"} <= paths  # fmt: skip
    assert all(one.words for one in rows.values())
    lodge = rows["post-api-v1-consents"]
    assert {"balances_access", "valid_until", "purpose"} <= {one.name for one in lodge.members}
    assert json.loads(lodge.example)["consent_type"] == "AIS"


def test_samples_can_be_pasted():
    for one in operations.everything().values():
        curl, python, javascript = samples(one, "http://127.0.0.1:8000", "my-client")
        said = shlex.split(curl.code.replace("\\\n", " "))
        assert said[0] == "curl"
        assert f"http://127.0.0.1:8000{one.path}" in said
        compile(python.code, one.slug, "exec")
        assert javascript.code.count("{") == javascript.code.count("}")


def test_a_customer_becomes_a_developer_and_registers_an_app_whose_secret_is_shown_once():
    user = make_customer()
    browser = browser_of(user)
    assert "Become a developer" in words(browser.get("/developers/apps"))
    assert browser.post("/developers/apps", {"organisation": ""}).status_code == 422
    assert browser.get("/developers/apps/new").status_code == 403
    assert browser.post("/developers/apps", {"organisation": "Bajeti Ltd"})["Location"] == "/developers/apps/new"
    assert DeveloperAccount.objects.get(user=user).organisation == "Bajeti Ltd"
    wrong = browser.post("/developers/apps/new", NEW | {"redirect_uris": "http://bajeti.example/\nhttps://10.0.0.1/"})
    assert wrong.status_code == 422
    assert "Use an address that begins with https://" in words(wrong)
    assert not ThirdPartyApp.objects.exists()
    made = browser.post("/developers/apps/new", NEW)
    app = ThirdPartyApp.objects.get()
    secret = re.search(r'class="once">([\w-]{43})<', made.content.decode())[1]
    assert (app.status, app.is_sandbox, app.allowed_scopes) == ("PENDING", True, ["accounts"])
    page = browser.get(f"/developers/apps/{app.public_id}").content.decode()
    assert secret not in page
    assert app.client_id in page
    for path in ("start", "reference/sign-in"):
        assert app.client_id in browser.get(f"/developers/{path}").content.decode()
    rotated = browser.post(f"/developers/apps/{app.public_id}/secret")
    assert secret not in rotated.content.decode()
    assert app.secrets.count() == 2


def test_says_what_a_change_of_a_live_app_costs_and_makes_it():
    developer = make_developer()
    app = make_app(developer=developer).app
    browser = browser_of(developer.user)
    path = f"/developers/apps/{app.public_id}/change"
    assert "takes the app back to waiting" in words(browser.get(path))
    answer = browser.post(path, NEW | {"redirect_uris": "https://elsewhere.example/callback"})
    assert answer.status_code == 303
    app.refresh_from_db()
    assert (app.status, app.is_sandbox, app.redirect_uris) == ("PENDING", True, "https://elsewhere.example/callback")


def test_another_developers_app_is_not_there():
    app = make_app().app
    browser = browser_of(make_developer().user)
    assert browser.get(f"/developers/apps/{app.public_id}").status_code == 404
    assert browser.get(f"/developers/apps/{app.public_id}/change").status_code == 404
    assert browser.post(f"/developers/apps/{app.public_id}/secret").status_code == 404
    assert app.secrets.count() == 1


def test_tries_a_call_with_the_apps_own_token_and_says_why_it_failed():
    developer = make_developer()
    app = make_app(developer=developer).app
    token = make_token(app, scope="accounts")
    browser = browser_of(developer.user)
    page = browser.post("/developers/try/post-api-v1-consents", {"token": token, "body": '{"balances_access": true}'})
    assert "201" in words(page)
    assert token not in page.content.decode()
    assert "-d &#x27;{&quot;balances_access&quot;: true}&#x27;" in page.content.decode()
    refused = browser.post("/developers/try/post-api-v1-consents", {"token": token, "body": "{}"})
    assert "access_not_possible" in words(refused)
    nobody = browser.post("/developers/try/get-obp-v510-my-accounts", {"token": "nonsense"})
    assert "OBP-20003" in words(nobody)
    assert "Get a new access token" in words(nobody)
    assert "kitbank" in words(browser.post("/developers/try/get-obp-v510-banks", {}))
    for odd in ("{", "[" * 5000):
        assert browser.post("/developers/try/post-api-v1-consents", {"token": token, "body": odd}).status_code == 422


def test_trying_leads_nowhere_but_to_the_reference():
    browser = browser_of(make_developer().user)
    assert browser.get("/developers/try/post-api-v1-developers-apps").status_code == 404
    assert browser.get("/developers/try/https-elsewhere").status_code == 404
    slug = "get-obp-v510-banks-bank-id-balances"
    for value in ("../../../api/v1/admin/users", "a/b", "..", "x?y=1", "http://169.254.169.254/"):
        assert browser.post(f"/developers/try/{slug}", {"p_bank_id": value, "token": "t"}).status_code == 422
    one = operations.everything()[slug]
    with pytest.raises(inside.Unfit):
        inside.address(one, {"bank_id": "a%2Fb"})
    assert Client().get(f"/developers/try/{slug}")["Location"].startswith("/login")
