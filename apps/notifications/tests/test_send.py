"""Writing a message: to whom, by what, when, and once."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.kernel import consents
from apps.kernel.clock import now
from apps.notifications import operations as notifications
from apps.notifications.errors import CannotSilence, UnknownMessage
from apps.notifications.models import CommunicationPreference, Message, Unwanted
from apps.notifications.operations.choose import Wish
from apps.notifications.people import Recipient
from apps.notifications.testing import code_sent_to, messages_to, reachable
from apps.notifications.tests.people import make_person, recipient

NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # 12:00 in Nairobi
NIGHT = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)  # 22:30 in Nairobi
MORNING = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 07:00 in Nairobi


def code(person, **more):
    return notifications.send(
        "test.code", to=person, **{"context": {"code": "418203", "who": "Wanjiku"}, "at": NOON, "key": "k", **more}
    )


def service(person, **more):
    return notifications.send(
        "test.service", to=person, **{"context": {"account": "***4021"}, "at": NOON, "key": "k", **more}
    )


def test_writes_a_message_in_the_persons_language(db, said):
    person = make_person()
    with reachable(recipient(person, language="sw")):
        message = code(person)
    assert (message.status, message.channel, message.language) == ("QUEUED", "SMS", "sw")
    assert message.body == "Namba 418203 ya Wanjiku"
    assert message.to == person.phone
    assert message.to_masked == f"0{person.phone[4:7]}***{person.phone[-3:]}"
    assert message.expires_at == NOON + timedelta(minutes=5)
    assert message.user == person


def test_wakes_a_worker_only_after_the_commit(person, django_capture_on_commit_callbacks, monkeypatch):
    woken = []
    monkeypatch.setattr("apps.notifications.wake.deliver", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        message = code(person)
        assert woken == []
    assert woken == [message]


def test_is_undone_with_its_cause(person):
    @transaction.atomic
    def a_deed_that_fails() -> None:
        code(person)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        a_deed_that_fails()
    assert not Message.objects.exists()


def test_the_same_key_is_said_once(person):
    first = code(person)
    again = code(person, context={"code": "999999", "who": "Other"})
    assert again.pk == first.pk
    assert Message.objects.get().body == "Code 418203 for Wanjiku"


@pytest.mark.django_db(transaction=True)
def test_the_same_key_is_said_once_by_five_at_once(said):
    person, found = make_person(), []
    start = threading.Barrier(5)

    def say() -> None:
        try:
            start.wait(5)
            found.append(code(person).pk)
        finally:
            connection.close()

    with reachable(recipient(person)):
        threads = [threading.Thread(target=say) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(found) == 5
    assert len(set(found)) == 1
    assert Message.objects.count() == 1


def test_nothing_readable_lies_in_the_table(person):
    message = code(person)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text, t.body, t.to, t.fallback FROM notifications_message t WHERE id = %s", [message.pk]
        )
        row = cursor.fetchone()
    text = " ".join([row[0], *(bytes(part).decode("latin-1") for part in row[1:])])
    assert "418203" not in text
    assert person.phone not in text
    assert "example.com" not in text
    assert b"418203".hex() not in text


def test_prefers_the_phone_and_keeps_the_mail_for_later(person):
    message = notifications.send("test.money", to=person, context={"amount": "KES 5.00"}, at=NOON, key="k")
    assert (message.channel, message.body) == ("SMS", "Paid KES 5.00")
    assert '"You paid KES 5.00"' in message.fallback


def test_goes_by_mail_to_those_without_a_phone(db, said):
    person = make_person()
    with reachable(recipient(person, phone=None)):
        message = service(person)
    assert (message.channel, message.subject, message.fallback) == ("EMAIL", "News", None)
    assert message.to == f"n{person.pk}@example.com"


def test_a_named_channel_is_kept_to(person):
    message = service(person, channel="EMAIL")
    assert message.channel == "EMAIL"
    assert service(person, channel="SMS", key="k2").fallback is None


def test_somebody_who_cannot_be_reached_is_written_down_as_that(db, said):
    person = make_person()
    with reachable():
        message = code(person)
    assert (message.status, message.to, message.body) == ("FAILED", None, None)
    assert message.error


def test_reaches_people_who_have_not_joined(said, db):
    message = notifications.send_to_address(
        "test.code",
        phone="+254712345908",
        language="sw",
        context={"code": "418203", "who": "x"},
        at=NOON,
        key="k",
    )
    assert (message.user, message.channel, message.language) == (None, "SMS", "sw")
    assert [found.pk for found in messages_to("+254712345908")] == [message.pk]
    assert code_sent_to("+254712345908") == "418203"
    with pytest.raises(ValueError, match="needs a phone"):
        notifications.send_to_address("test.code", context={"code": "1", "who": "x"}, at=NOON, key="k2")


def test_a_mistake_in_the_call_is_loud(person):
    with pytest.raises(UnknownMessage):
        notifications.send("no.such", to=person, context={}, at=NOON, key="k")
    with pytest.raises(KeyError):
        code(person, context={"code": "1"})
    assert not Message.objects.exists()


def test_other_news_waits_for_the_morning(person, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        message = service(person, at=NIGHT)
    assert message.next_attempt_at == MORNING
    assert not callbacks
    assert notifications.deliver(message_id=message.pk, at=NIGHT) is None
    early = service(person, at=datetime(2026, 11, 21, 1, 0, tzinfo=UTC), key="k2")  # 04:00 in Nairobi
    assert early.next_attempt_at == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("say", ["test.code", "test.money"])
def test_security_and_money_do_not_wait(person, say):
    context = {"code": "1", "who": "x", "amount": "KES 5.00"}
    assert notifications.send(say, to=person, context=context, at=NIGHT, key="k").next_attempt_at == NIGHT


def test_a_persons_own_quiet_hours_count(person):
    wish = Wish("SMS", "SERVICE", is_allowed=True, quiet_from=time(11, 0), quiet_to=time(14, 0))
    notifications.choose(user=person, at=NOON, wishes=[wish])
    assert service(person).next_attempt_at == datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    assert service(person, at=NIGHT, key="k2").next_attempt_at == NIGHT
    notifications.choose(user=person, at=NOON, wishes=[Wish("SMS", "SERVICE", True, time(0, 0), time(0, 0))])
    assert service(person, at=NIGHT, key="k3").next_attempt_at == NIGHT


def test_offers_wait_for_consent(person):
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k") is None
    consents.change(user=person, purpose=consents.MARKETING, is_given=True, channel="API", at=NOON)
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k2").channel == "SMS"
    consents.change(user=person, purpose=consents.MARKETING, is_given=False, channel="API", at=NOON)
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k3") is None


def test_wanting_offers_by_one_way_is_consent_for_that_way_alone(person):
    notifications.choose(user=person, at=NOON, wishes=[Wish("EMAIL", "MARKETING", is_allowed=True)])
    assert consents.holds(person.pk, consents.MARKETING)
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k").channel == "EMAIL"
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k2", channel="SMS") is None
    notifications.choose(user=person, at=NOON, wishes=[Wish("EMAIL", "MARKETING", is_allowed=False)])
    assert not consents.holds(person.pk, consents.MARKETING)


def test_what_was_turned_off_goes_by_the_other_channel_or_not_at_all(person):
    consents.change(user=person, purpose=consents.MARKETING, is_given=True, channel="API", at=NOON)
    notifications.choose(user=person, at=NOON, wishes=[Wish("SMS", "MARKETING", is_allowed=False)])
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k").channel == "EMAIL"
    notifications.choose(user=person, at=NOON, wishes=[Wish("EMAIL", "MARKETING", is_allowed=False)])
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k2") is None
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k3", channel="SMS") is None
    assert notifications.send("test.offer", to=person, context={}, at=NOON, key="k3", channel="SMS") is None
    assert Message.objects.count() == 1
    assert list(Unwanted.objects.order_by("key").values_list("key", "code", "channel")) == [
        ("k2", "test.offer", "SMS"), ("k3", "test.offer", "SMS"),
    ]  # fmt: skip


def test_a_turned_off_mail_is_no_fallback(person):
    notifications.choose(user=person, at=NOON, wishes=[Wish("EMAIL", "SERVICE", is_allowed=False)])
    assert service(person).fallback is None


@pytest.mark.parametrize("topic", ["SECURITY", "MONEY"])
def test_security_and_money_cannot_be_silenced(person, topic):
    wishes = [Wish("SMS", "MARKETING", is_allowed=False), Wish("SMS", topic, is_allowed=False)]
    with pytest.raises(CannotSilence):
        notifications.choose(user=person, at=NOON, wishes=wishes)
    assert not CommunicationPreference.objects.exists()
    with pytest.raises(IntegrityError, match="always_heard"), transaction.atomic():
        CommunicationPreference.objects.create(user=person, channel="SMS", topic=topic, is_allowed=False)


def test_even_a_forged_row_does_not_silence_them(person):
    CommunicationPreference.objects.create(
        user=person, channel="SMS", topic="SECURITY", is_allowed=True, quiet_from=time(0), quiet_to=time(23, 59)
    )
    assert code(person, at=NIGHT).next_attempt_at == NIGHT


def test_asks_nothing_about_choices_for_money(person, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):  # text and fallback text, look, savepoints, insert
        notifications.send("test.money", to=person, context={"amount": "KES 5.00"}, at=NOON, key="k")


def test_nobody_knows_people_until_told(db, said, monkeypatch):
    monkeypatch.setattr("apps.notifications.people._lookups", [])
    with pytest.raises(RuntimeError, match="never called"):
        code(make_person())


def test_the_last_lookup_is_asked(said):
    from apps.notifications import people

    with reachable(Recipient(1, phone="+254700000001")), reachable(Recipient(1, phone="+254700000002")):
        assert people.find(1).phone == "+254700000002"
    assert now()
