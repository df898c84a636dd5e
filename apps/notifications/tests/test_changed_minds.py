"""What was written and waits, when its person changes their mind or the provider answers in odd signs."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from apps.kernel import consents
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications.adapters import africastalking
from apps.notifications.models import Message, Unwanted
from apps.notifications.operations import Wish
from apps.notifications.ports import Outcome, Result

NIGHT = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)  # 22:00 in Nairobi
MORNING = NIGHT + timedelta(hours=9, minutes=1)


def test_who_said_no_in_the_night_hears_nothing_in_the_morning(person, pockets):
    sms, mail = pockets
    waits = notifications.send("test.service", to=person, context={"account": "***4021"}, at=NIGHT, key="k")
    notifications.choose(user=person, wishes=[Wish("SMS", "SERVICE", is_allowed=False)], at=NIGHT)
    notifications.deliver(message_id=waits.pk, at=MORNING)
    waits.refresh_from_db()
    assert (sms.sent, waits.status, waits.attempts) == ([], "FAILED", 0)
    assert Unwanted.objects.get().key == "k"
