"""Who texts STOP gets no more offers by SMS; news of their money and their safety still comes."""

import pytest
from django.test import Client

from apps.compliance.models import ConsentRecord
from apps.kernel import consents
from apps.kernel.clock import now
from apps.notifications import operations as notifications
from apps.notifications import queries
from apps.notifications.operations.choose import Wish
from apps.users.rules import shown_phone
from apps.users.testing import make_customer
from simulators import callbacks
from simulators.testing import client_of, running

PATH, TOKEN = "/webhooks/africastalking/opt-out", "simulated-callback"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def person(db):
    """Somebody who agreed to offers by SMS and by e-mail."""
    somebody = make_customer()
    wishes = [Wish(way, "MARKETING", is_allowed=True) for way in ("SMS", "EMAIL")]
    notifications.choose(user=somebody, wishes=wishes, at=now())
    return somebody


def told(phone: str, path: str = f"{PATH}?token={TOKEN}"):
    return Client(enforce_csrf_checks=True).post(path, f"senderId=KITBANK&phoneNumber={phone}", content_type=FORM)


def hears(person) -> set[tuple[str, str]]:
    return {(one.channel, one.topic) for one in queries.choices_of(person) if one.is_allowed}


@pytest.mark.parametrize("plus", ["%2B", "+", ""])
def test_offers_by_sms_end_and_nothing_else(person, plus):
    before = hears(person)
    for _nth in range(2):
        assert told(plus + str(person.phone).lstrip("+")).status_code == 200
    assert before - hears(person) == {("SMS", "MARKETING")}


def test_a_number_as_it_is_dialled_at_home_is_known(person):
    assert told(shown_phone(str(person.phone))).status_code == 200
    assert ("SMS", "MARKETING") not in hears(person)


def test_where_no_other_way_is_left_the_consent_is_withdrawn(person):
    notifications.choose(user=person, wishes=[Wish("EMAIL", "MARKETING", is_allowed=False)], at=now())
    told(f"%2B{str(person.phone).lstrip('+')}")
    assert not consents.holds(person.pk, consents.MARKETING)
    assert ConsentRecord.objects.filter(user=person).latest("pk").channel == "SMS"


def test_strangers_nonsense_and_floods_are_answered_calmly(person):
    before = hears(person)
    for phone in ("%2B254799999999", "", "x", "%00", "9" * 200):
        assert told(phone).status_code == 200
    assert told("x" * 9000).status_code == 413
    assert hears(person) == before


@pytest.mark.parametrize("path", [PATH, f"{PATH}?token=wrong", f"{PATH}/wrong"])
def test_turns_away_who_does_not_know_the_word(person, path):
    before = hears(person)
    assert told(f"%2B{str(person.phone).lstrip('+')}", path).status_code == 403
    assert hears(person) == before


@pytest.mark.django_db(transaction=True)
def test_the_word_stop_in_an_sms_reaches_the_bank(tmp_path, live_server, person):
    with running(tmp_path / "simulators") as server:
        server.house.store.set("africastalking.opt_out_url", f"{live_server.url}{PATH}?token={TOKEN}")
        for text in ("Habari", " stop "):
            written = {"phone": shown_phone(str(person.phone)), "text": text, "to": "KITBANK"}
            assert client_of(server).post("/control/incoming/", json=written).status_code == 200
            callbacks.post_due(server.house)
            assert (("SMS", "MARKETING") in hears(person)) == (text == "Habari")
