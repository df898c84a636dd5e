"""The daily digest."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.notifications import operations as notifications
from apps.notifications.models import Alert, Message
from apps.notifications.operations.choose import Wish
from apps.notifications.testing import reachable
from apps.notifications.tests.people import recipient

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


@pytest.fixture
def alerts(person):
    """Two to look at, one read, one dismissed, one deleted, one old."""
    rows = [
        Alert.objects.create(user=person, type="LOW_BALANCE", code="x.y", message="Low", created_at=AT - age)
        for age in [*[timedelta(hours=1)] * 5, timedelta(hours=25)]
    ]
    notifications.mark_read(rows[2])
    notifications.dismiss(rows[3], at=AT)
    notifications.delete_alert(rows[4], at=AT)
    return rows


def test_is_one_mail_a_day_about_what_was_not_looked_at(alerts):
    assert notifications.send_digests(at=AT) == 1
    message = Message.objects.get()
    assert (message.channel, message.topic) == ("EMAIL", "REMINDER")
    assert "not looked at: 2." in message.body
    notifications.send_digests(at=AT + timedelta(hours=2))
    assert Message.objects.count() == 1


def test_can_be_turned_off(alerts, person):
    notifications.choose(user=person, at=AT, wishes=[Wish("EMAIL", "REMINDER", is_allowed=False)])
    assert notifications.send_digests(at=AT) == 0
    assert not Message.objects.exists()


def test_is_not_written_without_a_reason(person):
    assert notifications.send_digests(at=AT) == 0


def test_is_not_written_to_those_without_a_mailbox(alerts, person):
    with reachable(recipient(person, email=None)):
        assert notifications.send_digests(at=AT) == 0
    assert not Message.objects.exists()
