"""What was typed when a stay ended is there again after signing in: once, for that person, without a secret."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.payments.models import Payment
from apps.portals.customer import typed
from apps.portals.customer.kept import keep
from apps.portals.testing import faults_of, sign_in
from apps.users import idle
from apps.users.testing import PASSWORD, make_customer

pytestmark = pytest.mark.django_db
SENT = {"to": "0712345908", "amount": "1,290.50", "note": "Karo ya <shule>"}
PAGE = "/pay/send"


@pytest.fixture
def user():
    return make_account(make_customer(), balance="5000").owner


@pytest.fixture
def sealed(monkeypatch):
    """What was written into the session, as it was before it was sealed."""
    written = []

    def note(request, flow, **facts):
        written.append(facts)
        keep(request, flow, **facts)

    monkeypatch.setattr(typed, "keep", note)
    return written


def ended(user, monkeypatch, sent=SENT, page=PAGE):
    """A browser in which the form was sent 20 minutes after the last sign of life."""
    client, began = sign_in(user), now()
    with monkeypatch.context() as later:
        later.setattr(idle, "now", lambda: began + timedelta(minutes=20))
        answer = client.post(page.partition("?")[0], sent, headers={"Referer": f"http://testserver{page}"})
    assert answer.headers["Location"].startswith("/login?next=")
    return client


def enter(client, user, page=PAGE):
    answer = client.post("/login", {"login": str(user.phone), "password": PASSWORD, "next": page})
    assert answer.headers["Location"] == page


def shown(client, page=PAGE):
    text = client.get(page).content.decode()
    assert faults_of(text) == []
    return dict(re.findall(r'name="(to|amount|note)"[^>]*? value="([^"]*)"', text))


def test_the_form_is_there_again_once_and_nothing_was_done(user, monkeypatch):
    client = ended(user, monkeypatch)
    enter(client, user)
    client.get("/money")  # they may look around before
    assert shown(client) == {"to": "0712345908", "amount": "1,290.50", "note": "Karo ya &lt;shule&gt;"}
    assert shown(client).get("note", "") == ""
    assert not Payment.objects.exists()


def test_somebody_else_in_the_same_browser_sees_nothing_of_it_nor_does_the_first_afterwards(user, monkeypatch):
    client, other = ended(user, monkeypatch), make_account(make_customer(), balance="5000").owner
    enter(client, other)
    assert "note" not in {name for name, value in shown(client).items() if value}
    client.post("/logout")
    enter(client, user)
    assert not shown(client).get("note")


def test_after_ten_minutes_it_is_gone(user, monkeypatch):
    client = ended(user, monkeypatch)
    enter(client, user)
    late = now() + timedelta(minutes=11)
    monkeypatch.setattr(typed, "now", lambda: late)
    assert not shown(client).get("note")


def test_no_secret_is_kept_whatever_else_was_sent(user, monkeypatch, sealed):
    secrets = {
        "password": "hunter2-hunter2", "current": "hunter3-hunter3", "pin": "4821", "again": "4821", "code": "418203",
        "credential": "{}", "challenge": "9", "idempotency_key": "0" * 20, "csrfmiddlewaretoken": "x" * 20,
    }  # fmt: skip
    ended(user, monkeypatch, SENT | secrets)
    assert sealed[0]["fields"] == SENT
    row = Session.objects.latest("expire_date")
    assert not any(word in json.dumps(row.get_decoded()) for word in SENT.values())  # sealed, for they are personal


@pytest.mark.parametrize("page", ["/settings/password", "/settings/ussd"])
def test_nothing_is_kept_of_a_form_that_asks_for_secrets_alone(user, monkeypatch, sealed, page):
    ended(
        user, monkeypatch, {"current": PASSWORD, "password": "another-one-7431", "pin": "4821", "again": "4821"}, page
    )
    assert sealed == []


def test_another_form_on_that_page_is_left_as_it_was(user, monkeypatch):
    client = ended(user, monkeypatch, {"to": "0712345908", "reason": "x"})
    enter(client, user)
    assert not shown(client).get("to")


def test_more_than_a_form_holds_is_not_kept(user, monkeypatch, sealed):
    ended(user, monkeypatch, SENT | {"note": "x" * typed.LONGEST})
    assert sealed == []
