"""The bank's own API: apps lodge consents, customers give and stop them, developers and staff mind apps."""

import pytest
from django.test import Client

from apps.accounts.testing import make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.open_banking.models import Consent, ThirdPartyApp
from apps.open_banking.testing import RETURNS_TO, give, lodge, make_app, make_token
from apps.open_banking.tests.browser import answer_of, browser_of
from apps.open_banking.tests.test_provider import ask, exchange
from apps.users.models import StepUpChallenge
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]
API = "/api/v1"
PAYS = {"amount": {"amount": "5.00", "currency": "KES"}, "creditor": {"account": "001000000001"}}


class Door:
    """One caller of the API."""

    def __init__(self, user=None, token=""):
        self.headers = bearer(user) if user else {"Authorization": f"Bearer {token}"}

    def __getattr__(self, method):
        def call(path, body=None, **more):
            facts = {"content_type": "application/json"} if body is not None else {}
            return getattr(Client(), method)(f"{API}{path}", body, headers=self.headers | more, **facts)

        return call


def test_an_app_lodges_and_its_customer_gives_sees_and_stops():
    made, account = make_app(), make_account()
    app, customer = Door(token=make_token(made.app, scope="accounts")), Door(account.owner)
    lodged = app.post("/consents", {"consent_type": "AIS", "balances_access": True, "purpose": "Your budget"})
    assert (lodged.status_code, lodged.json()["status"]) == (201, "PENDING")
    one = f"/consents/{lodged.json()['id']}"
    asked = customer.put(f"{one}/authorize", {"accounts": [account.pk]})
    assert asked.status_code == 202
    StepUpChallenge.objects.update(answered_at=now())
    body = {"accounts": [account.pk], "challenge": asked.json()["id"]}
    given = customer.put(f"{one}/authorize/", body)
    assert (given.status_code, given.json()["status"]) == (200, "AUTHORISED")
    assert given.json()["selected_accounts"] == [account.pk]
    assert app.get(one).json()["selected_accounts"] == []  # numbers of accounts are not the app's business
    path = ask(made.app, scope=f"openid accounts consent:{lodged.json()['id']}")
    back = answer_of(browser_of(account.owner).post(path, {"do": "allow"}))
    assert exchange(made, back["code"]).status_code == 200
    assert "error" in answer_of(browser_of(account.owner).get(path))  # fetched once
    assert [row["id"] for row in customer.get("/consents").json()["results"]] == [lodged.json()["id"]]
    assert customer.delete(one).status_code == 204
    assert app.get(one).json()["detail"] == "REVOKED_BY_PSU"
    assert customer.put(f"{one}/authorize", {"accounts": [account.pk]}).status_code == 409


def test_another_app_and_another_customer_find_nothing():
    app, account = make_app().app, make_account()
    row = give(lodge(app), [account])
    for stranger in (Door(token=make_token(make_app().app, scope="accounts")), Door(make_customer())):
        assert stranger.get(f"/consents/{row.public_id}").status_code == 404
        assert stranger.delete(f"/consents/{row.public_id}").status_code == 404
        assert stranger.get("/consents").json()["results"] == []
    assert Consent.objects.get().status == "VALID"


def test_an_app_gives_back_what_it_was_given():
    app = make_app().app
    row = give(lodge(app), [make_account()])
    assert Door(token=make_token(app, scope="accounts")).delete(f"/consents/{row.public_id}").status_code == 204
    assert Consent.objects.get().status == "TERMINATED_BY_TPP"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "access_not_possible"),
        ({"balances_access": True, "valid_until": "2020-01-01T00:00:00Z"}, 400, "validity_not_readable"),
        ({"balances_access": True, "valid_until": "2099-01-01T00:00:00Z"}, 422, "validity_too_long"),
        ({"consent_type": "PIS", "payment_initiation": True}, 400, "invalid"),
        ({"consent_type": "PIS", "amount": {"amount": "5", "currency": "KES"}}, 422, "access_not_possible"),
        ({"consent_type": "PIS"} | PAYS | {"creditor": {"account": "000000000000"}}, 404, "payee_not_found"),
        ({"consent_type": "PIS"} | PAYS | {"creditor": {"account": "+254722000114"}}, 404, "payee_not_found"),
        (
            {"consent_type": "PIS"} | PAYS | {"creditor": {"phone": "0722000114", "till": "1"}},
            422,
            "access_not_possible",
        ),
        ({"consent_type": "PIS"} | PAYS | {"amount": {"amount": "-5", "currency": "KES"}}, 400, "invalid"),
        ({"balances_access": True, "frequency_per_day": 0}, 400, "invalid"),
        ({"balances_access": True, "surprise": 1}, 400, "invalid"),
    ],
)
def test_refuses_to_lodge_what_makes_no_sense(body, status, code):
    answer = Door(token=make_token(make_app().app, scope="accounts")).post("/consents", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Consent.objects.exists()


def test_people_lodge_nothing_and_apps_give_nothing():
    app, account = make_app().app, make_account()
    row = lodge(app)
    assert Door(account.owner).post("/consents", {"balances_access": True}).status_code == 403
    by_itself = Door(token=make_token(app, scope="accounts"))
    assert by_itself.put(f"/consents/{row.public_id}/authorize", {"accounts": [account.pk]}).status_code == 403
    customers = Door(token=make_token(app, give(lodge(app), [account])))
    assert customers.get("/consents").status_code == 401
    assert Door(token="made-up").get("/consents").status_code == 401
    assert Client().get(f"{API}/consents").status_code == 401


def test_a_developer_registers_an_app_and_rotates_its_secret():
    door = Door(make_customer())
    terms = {"name": "Bajeti", "redirect_uris": [RETURNS_TO], "scopes": ["accounts"]}
    assert door.post("/developers/apps", terms).json()["code"] == "not_a_developer"
    assert door.post("/developers/register", {"organisation": "Bajeti Ltd"}).status_code == 201
    assert door.post("/developers/register", {"organisation": "Bajeti Ltd"}).status_code == 409
    made = door.post("/developers/apps", terms)
    assert made.status_code == 201
    secret, one = made.json()["client_secret"], f"/developers/apps/{made.json()['id']}"
    assert len(secret) >= 43
    assert "client_secret" not in door.get(one).json()
    assert secret not in door.get("/developers/apps").content.decode()
    second = door.post(f"{one}/credentials")
    assert (second.status_code, second.json()["client_secret"] == secret) == (201, False)
    bad = {"redirect_uris": ["http://evil.example"], "logo_url": "https://x.example/a.svg"}
    wrong = door.put(one, terms | bad | {"post_logout_redirect_uris": ["javascript:alert(1)"]})
    fields = {"redirect_uris", "post_logout_redirect_uris", "logo_url"}
    assert (wrong.status_code, set(wrong.json()["errors"])) == (400, fields)
    back = {"post_logout_redirect_uris": ["https://bajeti.example/bye"]}
    assert door.put(one, terms | back).json()["post_logout_redirect_uris"] == back["post_logout_redirect_uris"]
    assert door.put(one, terms | {"description": "Plans"}).json()["description"] == "Plans"
    assert Door(make_customer()).get(one).status_code == 404


def test_staff_approve_with_a_colleague_and_suspend_alone():
    app, officer = make_app(live=False).app, Door(make_staff("ADMIN"))
    assert officer.get("/admin/apps").json()["results"][0]["id"] == str(app.public_id)
    asked = officer.post(f"/admin/apps/{app.public_id}/approve", {"reason": "Seen"})
    assert asked.status_code == 202
    approvals.approve(
        approval=Approval.objects.get(pk=asked.json()["approval"]), by=make_staff("SUPER_ADMIN"), at=now()
    )
    assert ThirdPartyApp.objects.get().is_live
    assert officer.post(f"/admin/apps/{app.public_id}/suspend", {"reason": "Fraud"}).json()["status"] == "SUSPENDED"
    for stranger in (make_staff("TELLER"), make_customer()):
        assert Door(stranger).get("/admin/apps").status_code == 403
        assert Door(stranger).post(f"/admin/apps/{app.public_id}/approve", {"reason": "x"}).status_code == 403


def test_lists_cost_the_same_however_long(django_assert_max_num_queries):
    app, account = make_app().app, make_account()
    door = Door(token=make_token(app, scope="accounts"))
    for _ in range(4):
        lodge(app)
    give(lodge(app), [account])
    with django_assert_max_num_queries(5):
        assert len(door.get("/consents").json()["results"]) == 5
