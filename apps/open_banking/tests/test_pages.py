"""The pages: what a customer reads before they let an app in, what left afterwards, and where staff decide."""

import re
import uuid
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.accounts.testing import kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.open_banking.models import AccessToken, Consent, ThirdPartyApp
from apps.open_banking.testing import give, lodge, lodge_payment, make_app
from apps.open_banking.tests.browser import browser_of
from apps.open_banking.tests.paying import Pays
from apps.open_banking.tests.test_obp import Reader
from apps.open_banking.tests.test_provider import ask
from apps.users.models import StepUpChallenge
from apps.users.testing import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def request_of(app, account, **wish):
    consent = lodge(app, purpose="Bajeti <b>yako</b>", **wish)
    return consent, ask(app, scope=f"openid {'payments' if wish else 'accounts'} consent:{consent.public_id}")


def test_reads_who_asks_what_for_and_until_when_before_anything_else():
    app, account = make_app().app, make_account()
    consent, path = request_of(app, account)
    response = browser_of(account.owner).get(path)
    page = words(response)
    for said in (app.name, "Bajeti Ltd", "Approved by KitBank", "How much is on them", "It cannot move money",
                 account.masked_number, "Refuse"):  # fmt: skip
        assert said in page
    assert "<b>yako" not in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "form-action 'self' https://bajeti.example" in policy
    assert "'unsafe" not in policy
    assert "onclick" not in response.content.decode()
    assert Consent.objects.get(pk=consent.pk).status == "RECEIVED"


def test_comes_back_to_the_request_after_signing_in():
    _consent, path = request_of(make_app().app, make_account())
    answer = Client().get(path)
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == "/login"
    assert "consent%253A" in answer["Location"]


def test_signs_in_anew_when_the_app_asks_for_it():
    app, account = make_app().app, make_account()
    browser = browser_of(account.owner)
    assert urlsplit(browser.get(ask(app, prompt="login"))["Location"]).path == "/login"
    assert "_auth_user_id" not in browser.session
    assert browser_of(account.owner).get(ask(app, max_age="3600")).status_code == 200


def test_says_a_wrong_step_on_the_page_and_shares_nothing():
    account = make_account()
    consent, path = request_of(make_app().app, account)
    browser, other = browser_of(account.owner), make_account()
    for form in ({"do": "choose"}, {"do": "choose", "account": other.pk}, {"do": "choose", "account": "x"},
                 {"code": "123456"}, {"way": "SMS"}):  # fmt: skip
        assert browser.post(path, form).status_code == 422
    browser.post(path, {"do": "choose", "account": account.pk})
    browser.post(path, {"way": "SMS"})
    wrong = browser.post(path, {"code": "000000"})
    assert (wrong.status_code, "2 more times" in words(wrong)) == (422, True)
    browser.post(path, {"do": "again"})
    assert browser.post(path, {"code": "000000"}).status_code == 422
    assert Consent.objects.get(pk=consent.pk).status == "RECEIVED"
    assert StepUpChallenge.objects.filter(used_at=None).exists()


def test_a_payment_shows_its_amount_and_payee_and_takes_a_code_for_them():
    app, account = make_app().app, make_account(balance="1000")
    payee = make_account()
    consent = lodge_payment(app, payee, "250", note="Invoice 7")
    path = ask(app, scope=f"openid payments consent:{consent.public_id}")
    browser = browser_of(account.owner)
    page = words(browser.get(path))
    for said in ("250.00", payee.owner.public_name, "Invoice 7", "to nobody else"):
        assert said in page
    assert "It cannot move money" not in page
    browser.post(path, {"do": "choose", "account": account.pk})
    browser.post(path, {"way": "SMS"})
    assert 'id="id_code"' in browser.get(path).content.decode()


def test_a_customer_sees_what_an_app_paid():
    one = Pays()
    made = one.pay().json()
    assert made["status"] == "COMPLETED"
    page = words(browser_of(one.account.owner).get(f"/settings/consent/{one.consent.public_id}"))
    for said in ("What it paid", "250.00", one.payee.owner.public_name, "Used"):
        assert said in page
    assert "Stop it now" not in page


def test_recurring_payments_show_their_limits():
    app, account = make_app().app, make_account(balance="5000")
    limits = {"is_recurring": True, "monthly": kes("20000"), "monthly_count": 5}
    consent = lodge_payment(app, make_account(), "5000", **limits)
    browser, path = browser_of(account.owner), ask(app, scope=f"openid payments consent:{consent.public_id}")
    assert browser.post(path, {"do": "choose", "account": account.pk}).status_code == 303
    page = words(browser.get(path))
    for said in ("20,000", "5,000", "Payments in a month at most 5", "by itself", "in one tap"):
        assert said in page


def test_shows_every_app_what_left_and_stops_one_in_one_tap(django_assert_max_num_queries):
    reader = Reader()
    reader.get(f"{reader.one}/balances")
    reader.get(f"{reader.one}/transactions", **{"PSU-IP-Address": "41.80.1.9"})
    browser = browser_of(reader.account.owner)
    for _ in range(3):
        give(lodge(make_app().app), [reader.account])
    with django_assert_max_num_queries(14):
        page = words(browser.get("/settings/access"))
    assert reader.made.app.name in page
    one = words(browser.get(f"/settings/consent/{reader.consent.public_id}"))
    for said in ("balance, what can be spent", "amounts, days, descriptions", "by itself", "while you were there"):
        assert said in one
    answer = browser.post(f"/settings/consent/{reader.consent.public_id}/stop")
    assert (answer.status_code, answer["Location"]) == (303, "/settings/access")
    assert reader.get(f"{reader.one}/balances").status_code == 401
    assert browser_of(make_account().owner).get(f"/settings/consent/{reader.consent.public_id}").status_code == 404
    assert browser.get(f"/settings/consent/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("language", ["en", "sw"])
def test_speaks_both_languages_and_is_strict(language):
    reader = Reader()
    browser = browser_of(reader.account.owner)
    browser.cookies["kitbank_language"] = language
    _consent, path = request_of(make_app().app, reader.account)
    told = {}
    for address in ("/settings/access", f"/settings/consent/{reader.consent.public_id}", path, "/oauth/device"):
        response = browser.get(address)
        source = response.content.decode()
        assert response.status_code == 200
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script>", source), address
        assert len(re.findall(r"<h1", source)) == 1
        told[address] = words(response)
    assert ("Programu zenye ruhusa" in told["/settings/access"]) == (language == "sw")
    assert ("Kiasi kilichomo" in told[path]) == (language == "sw")


def test_staff_look_ask_a_colleague_and_stop():
    app = make_app(live=False).app
    desk = browser_of_staff(make_staff("ADMIN"))
    assert app.name in words(desk.get("/workbench/queues/apps/"))
    address = f"/workbench/queues/apps/{app.public_id}/"
    assert "https://bajeti.example/callback" in words(desk.get(address))
    assert desk.post(address, {"act": "approve", "reason": ""}).status_code == 422
    answer = desk.post(address, {"act": "approve", "reason": "Papers seen"})
    assert answer["Location"] == f"/workbench/approvals/{Approval.objects.get().pk}/"
    assert desk.post(address, {"act": "approve", "reason": "Again"}).status_code == 409
    live = make_app().app
    stopped = desk.post(f"/workbench/queues/apps/{live.public_id}/", {"act": "suspend", "reason": "Sold data"})
    assert stopped.status_code == 303
    assert ThirdPartyApp.objects.get(pk=live.pk).status == "SUSPENDED"


def test_the_windows_on_third_parties_open_for_staff():
    reader = Reader()
    desk = browser_of_staff(make_staff("SUPER_ADMIN"))
    app = reader.consent.app
    for row in (app, app.developer, reader.consent, *AccessToken.objects.filter(application=app)):
        address = f"/workbench/open_banking/{row._meta.model_name}/{row.pk}/change/"
        assert desk.get(address).status_code == 200, address
    looked = AuditLog.objects.filter(action="kernel.row.viewed", customer=app.developer.user)
    assert looked.count() == 2, "an app is looked at with its developer's name, as the developer's own row is"


def test_staff_without_the_right_see_no_apps():
    assert browser_of_staff(make_staff("TELLER")).get("/workbench/queues/apps/").status_code == 403
    assert Client().get("/workbench/queues/apps/").status_code == 302


def browser_of_staff(user):
    """Signed in past the second factor, which the portals' own tests ask for."""
    browser = Client()
    browser.force_login(user, backend="apps.users.backends.PhoneOrEmail")
    return browser


def test_an_app_that_still_sees_something_is_never_hidden_by_what_came_after_it():
    account = make_account()
    reads = give(lodge(make_app(name="Bajeti ya Zamani").app), [account])
    one = Consent.objects.get(pk=reads.pk)
    over = [
        Consent(app=one.app, user=account.owner, consent_type="CBPII", status="REJECTED", created_at=now(),
                authorise_before=now(), valid_from=now(), valid_until=one.valid_until, ended_at=now(),
                is_recurring=True, frequency_per_day=4)
        for _nth in range(101)
    ]  # fmt: skip
    Consent.objects.bulk_create(over)
    page = browser_of(account.owner).get("/settings/access")
    assert f'action="/settings/consent/{reads.public_id}/stop' in page.content.decode()
