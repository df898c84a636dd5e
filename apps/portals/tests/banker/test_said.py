"""What the bank says at the desk: figures by day, channel and text, and each text in both languages."""

from datetime import timedelta

import pytest
from django.utils.html import escape

from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.notifications import messages as catalogue
from apps.notifications import operations as notifications
from apps.notifications import texts
from apps.notifications.models import Message, NotificationTemplate, Unwanted
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
HOME = "/workbench/messages/"


def tell(code, status, *, channel="SMS", ago=0, nth=0):
    at = now() - timedelta(days=ago)
    sent = at if status in {"SENT", "DELIVERED"} else None
    Message.objects.create(
        code=code, topic="MONEY", channel=channel, language="en", user=make_customer(), key=f"{code}{status}{ago}{nth}",
        status=status, due_at=at, next_attempt_at=at, created_at=at, sent_at=sent,
    )  # fmt: skip


@pytest.fixture
def client():
    entered = enter(make_staff("ADMIN"))
    Message.objects.all().delete()
    for nth in range(3):
        tell("payments.sent", "DELIVERED", nth=nth)
    tell("payments.sent", "FAILED", ago=1)
    tell("payments.received", "SENT", channel="EMAIL")
    tell("payments.sent", "DELIVERED", ago=60)
    Unwanted.objects.create(key="u", code="test.offer", channel="EMAIL", at=now())
    return entered


def test_adds_up_by_day_and_channel_and_by_text(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        answer = client.get(HOME)
    page = answer.content.decode()
    assert faults_of(page) == []
    today = local_date(now())
    days = {(one.name, one.channel): one for one in answer.context["by_day"]}
    assert set(days) == {(today, "SMS"), (today, "EMAIL"), (today - timedelta(days=1), "SMS")}
    mail = days[today, "EMAIL"]
    assert (mail.written, mail.sent, mail.delivered, mail.failed, mail.opted_out) == (1, 1, 0, 0, 1)
    texts = {(one.name, one.channel): one for one in answer.context["by_text"]}
    sms = texts["payments.sent", "SMS"]
    assert (sms.written, sms.sent, sms.delivered, sms.failed) == (4, 3, 3, 1)
    one = client.get(f"{HOME}?code=payments.sent&first={today}&last={today}")
    assert [(row.channel, row.written) for row in one.context["by_day"]] == [("SMS", 3)]
    assert client.get(f"{HOME}?first={today}&last=2026-01-01").status_code == 422
    assert client.get(f"{HOME}?first=9999-12-30&last=9999-12-31").status_code == 200
    assert client.get(f"{HOME}?first=0001-01-01&last=0001-01-02").status_code == 200


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_text_reads_in_both_languages_without_faults(client, language):
    client.cookies["kitbank_language"] = language
    for said in catalogue.everything():
        answer = client.get(f"{HOME}texts/{said.code}/")
        assert answer.status_code == 200, said.code
        readings = answer.context["readings"]
        assert len(readings) == 2 * len(said.channels)
        assert not any("{" in one.body for one in readings), said.code
    assert faults_of(answer.content.decode()) == []
    assert client.get(f"{HOME}texts/no.such/").status_code == 404


def test_only_those_who_look_after_content(client):
    other = enter(make_staff("TELLER"))
    assert other.get(HOME).status_code == 403
    assert other.get(f"{HOME}texts/payments.sent/").status_code == 403


SENT = {"code": "payments.sent", "channel": "SMS"}


def ask(maker, *, language="en", body="Sent {amount} to {payee}."):
    texts.bring_in_texts()
    row = NotificationTemplate.objects.get(**SENT, language=language)
    return notifications.ask_text_change(template=row, body=body, reason="Shorter words", by=maker, at=now())


def spoken(language="en"):
    return texts.text_for(*SENT.values(), language)[0].body


class TestByTwo:
    """A change of a text waits, says who asked, and is shown as people will read it."""

    @pytest.mark.parametrize("language", ["en", "sw"])
    def test_what_waits_is_shown_with_who_asked_and_how_it_will_read(self, client, language):
        maker = make_staff("ADMIN")
        asked, other = ask(maker), ask(maker, language="sw", body="Umetuma {amount} kwa {payee}.")
        client.cookies["kitbank_language"] = language
        link = f"/workbench/approvals/{asked.pk}/"
        for address in (HOME, f"{HOME}texts/payments.sent/"):
            page = client.get(address).content.decode()
            assert faults_of(page) == []
            assert link in page
            assert maker.full_name in page
            assert "Shorter words" in page
        assert link not in client.get(f"{HOME}texts/payments.received/").content.decode()
        answer = client.get(link)
        page = answer.content.decode()
        assert faults_of(page) == []
        text = answer.context["text"]
        assert [name for name, _before, _after in text["reads"]] == ["English", "Kiswahili"]
        (_name, before, after), (_name, kiswahili, still) = text["reads"]
        assert before["body"] != after["body"]
        assert kiswahili == still
        for words in ("Sent {amount} to {payee}.", before["body"], after["body"], kiswahili["body"]):
            assert escape(words) in page
        assert f"/workbench/approvals/{other.pk}/" in page
        assert ("As people read it: Kiswahili" in page) is (language == "en")

    def test_a_second_person_allows_it_and_the_first_cannot(self, client):
        maker, was = make_staff("ADMIN"), spoken()
        link = f"/workbench/approvals/{ask(maker).pk}/"
        own = enter(maker)
        assert 'value="approve"' not in own.get(link).content.decode()
        assert own.post(link, {"decision": "approve"}).status_code == 422
        assert spoken() == was
        assert client.post(link, {"decision": "approve"}).status_code == 303
        assert spoken() == "Sent {amount} to {payee}."
        done = client.get(link)
        assert faults_of(done.content.decode()) == []
        assert done.context["text"]["reads"][0][1]["body"] != done.context["text"]["reads"][0][2]["body"]
        assert link not in client.get(HOME).content.decode()

    def test_its_maker_takes_it_back_and_another_can_be_asked(self, client):
        maker, was = make_staff("ADMIN"), spoken()
        link = f"/workbench/approvals/{ask(maker).pk}/"
        assert enter(maker).post(link, {"decision": "withdraw"}).status_code == 303
        assert spoken() == was
        assert ask(maker).status == "PENDING"

    def test_a_request_made_stale_is_refused_in_words(self, client):
        link = f"/workbench/approvals/{ask(make_staff('ADMIN')).pk}/"
        NotificationTemplate.objects.filter(**SENT, language="en").update(version=9)
        answer = client.post(link, {"decision": "approve"})
        assert answer.status_code == 409
        assert "This text was changed after the request" in answer.content.decode()
        assert Approval.objects.get().status == "PENDING"

    def test_a_stop_shows_what_speaks_instead(self, client):
        maker, was = make_staff("ADMIN"), spoken()
        client.post(f"/workbench/approvals/{ask(maker).pk}/", {"decision": "approve"})
        row = NotificationTemplate.objects.get(**SENT, language="en")
        asked = notifications.ask_text_stop(template=row, reason="Back", by=maker, at=now())
        answer = client.get(f"/workbench/approvals/{asked.pk}/")
        assert faults_of(answer.content.decode()) == []
        assert "not in use afterwards" in answer.content.decode()
        client.post(f"/workbench/approvals/{asked.pk}/", {"decision": "approve"})
        assert spoken() == was

    def test_whoever_may_not_look_after_content_finds_no_request(self, client):
        link = f"/workbench/approvals/{ask(make_staff('ADMIN')).pk}/"
        teller = enter(make_staff("TELLER"))
        assert [teller.get(link).status_code, teller.post(link, {"decision": "approve"}).status_code] == [404, 404]


EMAIL = f"{HOME}texts/payments.sent/EMAIL/sw/"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_other_words_are_looked_at_then_asked_for(client, language):
    texts.bring_in_texts()
    client.cookies["kitbank_language"] = language
    shown = client.get(EMAIL)
    assert faults_of(shown.content.decode()) == []
    assert EMAIL in client.get(f"{HOME}texts/payments.sent/").content.decode()
    words = {"subject": "Umetuma {amount}", "body": "Kwa {payee}.\r\n\r\nAsante.", "version": "1"}
    looked = client.post(EMAIL, words | {"act": "look"})
    assert looked.status_code == 200
    assert looked.context["reads"]["subject"].startswith("Umetuma KES")
    assert looked.context["form"]["body"].value() == words["body"]
    assert not Approval.objects.exists()
    asked = client.post(EMAIL, words | {"act": "ask", "reason": "Warmer"})
    approval = Approval.objects.get()
    assert asked["Location"] == f"/workbench/approvals/{approval.pk}/"
    assert approval.after["body"] == "Kwa {payee}.\n\nAsante."
    page = client.get(EMAIL).content.decode()
    assert faults_of(page) == []
    assert asked["Location"] in page
    assert asked["Location"] not in client.get(EMAIL.replace("/sw/", "/en/")).content.decode()
    assert client.post(EMAIL, words | {"act": "ask", "reason": "Twice"}).status_code == 409
    enter(make_staff("ADMIN")).post(asked["Location"], {"decision": "approve"})
    assert texts.text_for("payments.sent", "EMAIL", "sw")[0].subject == "Umetuma {amount}"
    stale = client.post(EMAIL, words | {"body": "Kwa {payee}", "act": "ask", "reason": "Late"})
    assert stale.status_code == 409
    again = client.post(EMAIL, words | {"version": "2", "act": "ask", "reason": "Again"})
    assert again.status_code == 422, "it says that already"
    assert Approval.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"body": "Sent {money}"}, "body"), ({"body": ""}, "body"), ({"reason": ""}, "reason"),
     ({"version": "x"}, "version"), ({"body": "x" * 5001}, "body"), ({"body": "a\0b"}, "body")],
)  # fmt: skip
def test_wrong_words_are_refused_at_their_field(client, wrong, field):
    texts.bring_in_texts()
    place = f"{HOME}texts/payments.sent/SMS/en/"
    answer = client.post(place, {"body": "Sent {amount}", "version": "1", "reason": "Shorter", "act": "ask"} | wrong)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert faults_of(answer.content.decode()) == []
    assert not Approval.objects.exists()


def test_a_place_without_a_text_of_its_own_gets_one_by_two(client):
    texts.bring_in_texts()
    NotificationTemplate.objects.filter(**SENT, language="sw").update(code="payments.gone")
    place = f"{HOME}texts/payments.sent/SMS/sw/"
    assert client.get(place).context["form"].initial["version"] == 0
    sent = {"body": "Umetuma {amount}.", "version": "0", "reason": "Was missing", "act": "ask"}
    enter(make_staff("ADMIN")).post(client.post(place, sent)["Location"], {"decision": "approve"})
    assert spoken("sw") == "Umetuma {amount}."


def test_the_words_of_the_file_come_back_by_two(client):
    was, place = spoken(), f"{HOME}texts/payments.sent/SMS/en/"
    maker = make_staff("ADMIN")
    assert 'value="stop"' not in client.get(place).content.decode()
    client.post(f"/workbench/approvals/{ask(maker).pk}/", {"decision": "approve"})
    page = client.get(place).content.decode()
    assert 'value="stop"' in page
    stopped = client.post(place, {"body": "x", "version": "2", "reason": "Better before", "act": "stop"})
    enter(make_staff("ADMIN")).post(stopped["Location"], {"decision": "approve"})
    assert spoken() == was


@pytest.mark.parametrize("place", ["payments.sent/PIGEON/en/", "payments.sent/SMS/de/", "no.such/SMS/en/"])
def test_there_is_no_text_elsewhere(client, place):
    assert client.get(f"{HOME}texts/{place}").status_code == 404
