"""Apps as OBP's consumers, by the bank's own token alone: for who made them and for staff; early refusals."""

import json

import pytest
from django.test import Client

from apps.kernel.models import Approval
from apps.open_banking.models import AppSecret, ThirdPartyApp
from apps.open_banking.testing import make_app, make_token
from apps.open_banking.tests.paying import refusal
from apps.open_banking.tests.test_obp import BANK, Reader, V
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
GOOD = {"app_name": "Budget", "app_type": "Confidential", "company": "Acme", "redirect_url": "https://tpp.example/cb"}


def call(user, method, path, body=None):
    text = None if body is None else json.dumps(body)
    return getattr(Client(), method)(f"{V}{path}", text, content_type="application/json", headers=bearer(user))


def test_a_person_registers_an_app_and_reads_its_secret_once():
    user = make_customer()
    made = call(user, "post", "/my/consumers", GOOD)
    assert (made.status_code, made.json()["enabled"]) == (201, False)
    assert made.json()["secret"] == made.json()["consumer_secret"] != ""
    assert AppSecret.objects.get().app.client_id == made.json()["key"]
    listed = call(user, "get", "/management/users/current/consumers").json()["consumers"]
    assert [row["consumer_id"] for row in listed] == [made.json()["key"]]
    assert "secret" not in listed[0]
    one = f"/management/consumers/{made.json()['key']}"
    moved = call(user, "put", f"{one}/consumer/redirect_url", {"redirect_url": "https://tpp.example/other"})
    assert moved.json()["redirect_url"] == "https://tpp.example/other"
    bad = call(user, "put", f"{one}/consumer/redirect_url", {"redirect_url": "http://evil.example"})
    assert refusal(bad) == (400, "10001")
    assert call(make_customer(), "get", "/management/users/current/consumers").json() == {"consumers": []}
    assert refusal(call(make_customer(), "put", f"{one}/consumer/redirect_url", {"redirect_url": "x"}))[1] == "20024"
    for path in ("/management/consumers", one, f"{one}/consumer/call-limits"):
        assert refusal(call(user, "get", path)) == (403, "20006")


def test_staff_see_stop_and_limit_apps_and_let_none_in_alone():
    app, officer = make_app().app, make_staff("ADMIN")
    one = f"/management/consumers/{app.client_id}"
    assert call(officer, "get", "/management/consumers").json()["consumers"][0]["consumer_id"] == app.client_id
    assert call(officer, "get", one).json()["enabled"] is True
    limits = {"per_minute_call_limit": "5", "per_day_call_limit": "100"}
    assert call(officer, "put", f"{one}/consumer/call-limits", limits).json()["per_minute_call_limit"] == "5"
    for wrong in (
        limits | {"per_day_call_limit": "4"},
        limits | {"per_day_call_limit": "99999999999"},
        limits | {"per_hour_call_limit": "7"},
        {},
    ):
        assert refusal(call(officer, "put", f"{one}/consumer/call-limits", wrong))[0] == 400
    state = call(officer, "get", f"{one}/consumer/call-limits").json()
    assert (state["per_day_call_limit"], state["current_state"]["per_minute"]["calls_made"]) == ("100", 0)
    assert call(officer, "put", one, {"enabled": False}).json() == {"enabled": False}
    again = call(officer, "put", one, {"enabled": True})
    assert (again.status_code, again.json()) == (202, {"enabled": False})
    assert Approval.objects.get().status == "PENDING"
    assert ThirdPartyApp.objects.get().status == "SUSPENDED"


def test_no_apps_token_acts_as_a_person():
    for token in (make_token(make_app().app, scope="accounts"), Reader().token):
        answer = Client().get(f"{V}/management/users/current/consumers", headers={"Authorization": f"Bearer {token}"})
        assert refusal(answer) == (401, "20001")
    forged = Client().get(f"{V}/management/consumers", headers={"Authorization": "Bearer a.b.c"})
    assert refusal(forged) == (401, "20003")


def test_what_is_refused_before_any_view_is_said_in_the_same_words(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    large = Client().post(f"{BANK}/accounts/x/funds-check", "x" * 11, content_type="application/json")
    assert refusal(large) == (413, "10001")
    assert large["Access-Control-Allow-Origin"] == "*"
    assert large["Correlation-Id"]
    assert refusal(Client().get(f"{BANK}?x=%00")) == (400, "10001")
    named = "0d1f6a52-7c0e-4c7e-9d55-2b8a0e5c1f11"
    missing = Client().get("/obp", headers={"x-fapi-interaction-id": named})
    assert (refusal(missing), missing["x-fapi-interaction-id"]) == ((404, "10404"), named)
    other = Client().get("/api/v1/consents")
    assert "message" not in other.json()  # everywhere else the bank speaks problem+json
