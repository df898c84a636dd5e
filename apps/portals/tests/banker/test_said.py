"""What the bank says at the desk: figures by day, channel and text, and each text in both languages."""

from datetime import timedelta

import pytest

from apps.kernel.clock import local_date, now
from apps.notifications import messages as catalogue
from apps.notifications.models import Message, Unwanted
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
