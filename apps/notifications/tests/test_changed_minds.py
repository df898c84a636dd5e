"""What was written and waits, when its person changes their mind or the provider answers in odd signs."""

from datetime import UTC, datetime, timedelta

from apps.kernel import consents
from apps.notifications import operations as notifications
from apps.notifications.models import Message
from apps.notifications.operations.choose import Wish
from apps.notifications.ports import Outcome, Result

NIGHT = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)  # 22:00 in Nairobi
MORNING = NIGHT + timedelta(hours=9, minutes=1)


def silence(person, *channels, topic="SERVICE"):
    notifications.choose(user=person, wishes=[Wish(one, topic, is_allowed=False) for one in channels], at=NIGHT)


def news(person):
    return notifications.send("test.service", to=person, context={"account": "***4021"}, at=NIGHT, key="k")


def test_who_said_no_in_the_night_hears_nothing_in_the_morning(person, pockets):
    sms, mail = pockets
    waits = news(person)
    silence(person, "SMS", "EMAIL")
    ended = notifications.deliver(message_id=waits.pk, at=MORNING)
    assert (sms.sent, mail.sent, ended.status, ended.error) == ([], [], "FAILED", "They chose not to hear it.")
    assert Message.objects.count() == 1


def test_who_said_no_to_sms_alone_has_the_mail(person, pockets):
    sms, _mail = pockets
    waits = news(person)
    silence(person, "SMS")
    notifications.deliver(message_id=waits.pk, at=MORNING)
    assert sms.sent == []
    assert Message.objects.get(instead_of=waits).channel == "EMAIL"


def test_no_mail_follows_a_failed_sms_for_who_wants_none_any_more(person, pockets):
    sms, _mail = pockets
    sms.answers = [Outcome(Result.REFUSED, error="403 InvalidPhoneNumber")]
    waits = news(person)
    silence(person, "EMAIL")
    assert notifications.deliver(message_id=waits.pk, at=MORNING).status == "FAILED"
    assert len(sms.sent) == 1
    assert Message.objects.count() == 1


def test_an_offer_is_not_sent_to_who_withdrew_their_consent_meanwhile(person, pockets):
    sms, _mail = pockets
    consents.change(user=person, purpose=consents.MARKETING, is_given=True, channel="API", at=NIGHT)
    waits = notifications.send("test.offer", to=person, context={}, at=NIGHT, key="k")
    consents.change(user=person, purpose=consents.MARKETING, is_given=False, channel="API", at=NIGHT)
    assert notifications.deliver(message_id=waits.pk, at=MORNING).status == "FAILED"
    assert sms.sent == []


def test_money_and_security_reach_who_silenced_all_else(person, pockets):
    sms, _mail = pockets
    silence(person, "SMS", "EMAIL")
    sent = notifications.send("test.money", to=person, context={"amount": "KES 5.00"}, at=NIGHT, key="m")
    assert notifications.deliver(message_id=sent.pk, at=NIGHT).status == "SENT"
    assert len(sms.sent) == 1


def test_a_second_try_waits_for_the_end_of_the_quiet_hours(person, pockets):
    sms, _mail = pockets
    sms.answers = [Outcome(Result.AGAIN, error="HTTP 503: not now")]
    evening = NIGHT - timedelta(minutes=60, seconds=10)  # 20:59:50
    message = notifications.send("test.service", to=person, context={"account": "***4021"}, at=evening, key="k")
    assert notifications.deliver(message_id=message.pk, at=evening).attempts == 1
    late = notifications.deliver(message_id=message.pk, at=evening + timedelta(seconds=40))
    assert (late.status, late.attempts, late.next_attempt_at) == ("QUEUED", 1, MORNING - timedelta(minutes=1))
    assert len(sms.sent) == 1
    assert notifications.deliver(message_id=message.pk, at=MORNING).status == "SENT"
