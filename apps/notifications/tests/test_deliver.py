"""Handing messages over, once each, whatever comes of it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.kernel.clock import now
from apps.kernel.models import OutboxEvent
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications import tasks
from apps.notifications.models import Message
from apps.notifications.ports import Outcome, Result, ports
from apps.notifications.testing import pocketed, reachable
from apps.notifications.tests.people import make_person, recipient

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=3)


@pytest.fixture
def code(person):
    return notifications.send("test.code", to=person, context={"code": "418203", "who": "x"}, at=AT, key="k")


@pytest.fixture
def news(person):
    return notifications.send("test.money", to=person, context={"amount": "KES 5.00"}, at=AT, key="k")


def deliver(message, at=AT):
    return notifications.deliver(message_id=message.pk, at=at)


def events() -> list[str]:
    return list(
        OutboxEvent.objects.filter(name__startswith="notifications.").order_by("pk").values_list("name", flat=True)
    )


def test_sends_and_writes_down_reference_cost_and_event(news, pockets):
    sms, _mail = pockets
    sms.answers = [Outcome(Result.TAKEN, reference="ATPid_1", cost=Money(80, "KES"))]
    sent = deliver(news)
    assert sms.sent == [{"phone": news.to, "text": "Paid KES 5.00"}]
    assert (sent.status, sent.provider, sent.provider_reference, sent.cost) == (
        "SENT",
        "sms",
        "ATPid_1",
        Money(80, "KES"),
    )
    assert (sent.sent_at, sent.attempts, sent.lease_until) == (AT, 1, None)
    assert Message.objects.get().body == "Paid KES 5.00"
    event = OutboxEvent.objects.get(name="notifications.message.sent")
    assert event.payload == {"message_id": news.pk, "code": "test.money", "channel": "SMS", "user_id": news.user_id}


def test_sends_once_however_often_it_is_asked(news, pockets):
    assert deliver(news) is not None
    assert deliver(news) is None
    tasks.deliver_message(message_id=news.pk, a_later_argument=1)
    assert len(pockets[0].sent) == 1


@pytest.mark.django_db(transaction=True)
def test_sends_once_when_five_workers_try(said):
    person = make_person()
    start, sent, taken = threading.Barrier(5), [], []

    class Slow:
        name = "slow"

        def send(self, **letter: str) -> Outcome:
            sent.append(letter)
            threading.Event().wait(0.1)
            return Outcome(Result.TAKEN, reference="one")

    with reachable(recipient(person)):
        message = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="k")

    def work() -> None:
        try:
            start.wait(5)
            taken.append(deliver(message))
        finally:
            connection.close()

    with pocketed():
        ports.sms = Slow()
        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(sent) == 1
    assert sorted(outcome is not None for outcome in taken) == [False] * 4 + [True]
    assert Message.objects.get().status == "SENT"


@pytest.mark.django_db(transaction=True)
def test_calls_the_provider_outside_any_transaction(said):
    person = make_person()
    inside = []

    class Watching:
        name = "watching"

        def send(self, **letter: str) -> Outcome:
            inside.append(connection.in_atomic_block)
            return Outcome(Result.TAKEN, reference="one")

    with reachable(recipient(person)), pocketed():
        ports.sms = Watching()
        message = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="k")
        deliver(message)
    assert inside == [False]


def test_a_code_cannot_be_read_once_it_was_handed_over(code, pockets):
    assert code.body == "Code 418203 for x"
    sent = deliver(code)
    assert "418203" in pockets[0].sent[0]["text"]
    fresh = Message.objects.get(pk=sent.pk)
    assert (fresh.status, fresh.body, fresh.fallback) == ("SENT", None, None)
    fresh.body = "418203"
    with pytest.raises(IntegrityError, match="a_sent_code_is_unreadable"), transaction.atomic():
        fresh.save()


@pytest.mark.parametrize("result", [Result.REFUSED, Result.RETURNED, Result.UNKNOWN])
def test_nor_when_it_was_not_taken(code, pockets, result):
    pockets[0].answers = [Outcome(result, error="no")]
    deliver(code)
    assert Message.objects.get(pk=code.pk).body is None


def test_a_code_that_is_too_old_is_not_sent(code, pockets):
    late = deliver(code, at=AT + timedelta(minutes=5))
    assert (late.status, pockets[0].sent) == ("FAILED", [])
    assert Message.objects.count() == 1  # nor by mail


def test_tries_three_times_more_with_growing_waits(news, pockets):
    sms, _mail = pockets
    sms.answers = [Outcome(Result.AGAIN, error=f"405 InsufficientBalance {n}") for n in range(4)]
    at = AT
    for wait in (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10)):
        put_back = deliver(news, at=at)
        assert (put_back.status, put_back.next_attempt_at) == ("QUEUED", at + wait)
        assert deliver(news, at=at + wait - timedelta(seconds=1)) is None
        at += wait
    ended = deliver(news, at=at)
    assert (ended.status, ended.attempts, ended.error) == ("FAILED", 4, "405 InsufficientBalance 3")
    assert len(sms.sent) == 4
    assert events() == ["notifications.message.failed"]


def test_a_resting_provider_costs_no_try_but_not_for_ever(news, pockets):
    sms, _mail = pockets
    at = AT
    while at < AT + timedelta(minutes=59):
        sms.answers = [Outcome(Result.AGAIN, error="resting", retry_after_seconds=30)]
        put_back = deliver(news, at=at)
        assert (put_back.status, put_back.attempts) == ("QUEUED", 0)
        at = put_back.next_attempt_at + timedelta(minutes=9)
    for _ in range(4):
        sms.answers = [Outcome(Result.AGAIN, error="resting", retry_after_seconds=30)]
        at += timedelta(minutes=20)
        ended = deliver(news, at=at)
    assert ended.status == "FAILED"


def test_does_not_retry_a_code_beyond_its_life(code, pockets):
    pockets[0].answers = [Outcome(Result.AGAIN, error="no")] * 3
    deliver(code, at=AT)
    deliver(code, at=AT + timedelta(seconds=30))
    ended = deliver(code, at=AT + timedelta(seconds=150))
    assert ended.status == "FAILED"
    mail = Message.objects.get(instead_of=code)
    assert (mail.channel, mail.body, mail.expires_at) == ("EMAIL", "Code 418203 for x", code.expires_at)


def test_a_mail_follows_an_sms_that_failed_for_good_once(news, pockets):
    sms, mail = pockets
    sms.answers = [Outcome(Result.REFUSED, error="403 InvalidPhoneNumber")]
    ended = deliver(news)
    assert (ended.status, ended.error, ended.settled_at) == ("FAILED", "403 InvalidPhoneNumber", AT)
    instead = Message.objects.get(instead_of=news)
    assert (instead.status, instead.channel, instead.user_id) == ("QUEUED", "EMAIL", news.user_id)
    deliver(instead)
    assert mail.sent == [
        {
            "address": f"n{news.user_id}@example.com",
            "subject": "You paid KES 5.00",
            "text": "Paid KES 5.00 by e-mail",
            "reference": str(instead.public_id),
        }
    ]
    assert deliver(news, at=LATER) is None
    assert Message.objects.count() == 2


def test_a_returned_mail_bounced_and_has_no_successor(news, pockets):
    pockets[0].answers, pockets[1].answers = [Outcome(Result.REFUSED)], [Outcome(Result.RETURNED, error="550 no such")]
    deliver(news)
    bounced = deliver(Message.objects.get(instead_of=news))
    assert (bounced.status, bounced.error) == ("BOUNCED", "550 no such")
    assert Message.objects.count() == 2


def test_an_answer_that_was_lost_is_never_sent_again(news, pockets):
    pockets[0].answers = [Outcome(Result.UNKNOWN, error="no answer")]
    assert deliver(news).status == "UNKNOWN"
    for at in (AT, LATER):
        assert deliver(news, at=at) is None
        assert notifications.give_up_abandoned(at=at) == 0
    assert len(pockets[0].sent) == 1
    assert events() == []


def claimed(message, at=AT) -> None:
    """As a worker leaves it that is killed between the call and the record."""
    Message.objects.filter(pk=message.pk).update(status="SENDING", attempts=1, lease_until=at + timedelta(minutes=2))


def test_a_killed_workers_message_becomes_unknown_when_its_lease_runs_out(news, pockets):
    claimed(news)
    assert notifications.give_up_abandoned(at=AT + timedelta(seconds=119)) == 0
    assert deliver(news, at=LATER) is None
    assert notifications.give_up_abandoned(at=AT + timedelta(seconds=121)) == 1
    assert Message.objects.get(pk=news.pk).status == "UNKNOWN"
    assert deliver(news, at=LATER) is None
    assert pockets[0].sent == []


def test_a_killed_workers_code_is_dropped(code):
    claimed(code)
    notifications.give_up_abandoned(at=LATER)
    fresh = Message.objects.get(pk=code.pk)
    assert (fresh.status, fresh.body, fresh.fallback) == ("UNKNOWN", None, None)


def test_a_worker_that_was_only_slow_still_tells_what_it_knows(news, pockets):
    class Slow:
        name = "slow"

        def send(self, **letter: str) -> Outcome:
            assert notifications.give_up_abandoned(at=LATER) == 1
            return Outcome(Result.TAKEN, reference="late")

    ports.sms = Slow()
    told = deliver(news)
    assert (told.status, told.provider_reference) == ("SENT", "late")


def test_a_slow_worker_never_puts_an_unknown_message_back(news, pockets):
    class Slow:
        name = "slow"

        def send(self, **letter: str) -> Outcome:
            notifications.give_up_abandoned(at=LATER)
            return Outcome(Result.AGAIN, error="not reached")

    ports.sms = Slow()
    told = deliver(news)
    assert told.status == "FAILED"
    assert Message.objects.get(instead_of=news).channel == "EMAIL"


def test_the_sweeper_picks_up_what_no_wake_up_call_reached(news, pockets):
    due = now() - timedelta(hours=2)
    Message.objects.update(created_at=due, next_attempt_at=due, expires_at=due + timedelta(days=1))
    tasks.sweep_messages()
    assert len(pockets[0].sent) == 1
    assert Message.objects.get().status == "SENT"
    tasks.sweep_messages()
    assert len(pockets[0].sent) == 1


def test_a_channel_nobody_carries_fails_plainly(news, pockets):
    ports.sms = None
    ended = deliver(news)
    assert (ended.status, ended.error) == ("FAILED", "Nothing carries SMS messages.")


def test_the_broker_may_be_down(person, django_capture_on_commit_callbacks, monkeypatch):
    from kombu.exceptions import OperationalError

    def nobody_listens(*args: object, **kwargs: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr("apps.notifications.wake.current_app.send_task", nobody_listens)
    with django_capture_on_commit_callbacks(execute=True):
        notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="k")
    assert Message.objects.get().status == "QUEUED"


def test_a_code_that_waited_past_its_time_ends_unsent_and_unreadable(code, pockets):
    assert notifications.drop_expired(at=code.expires_at - timedelta(seconds=1)) == 0
    assert notifications.drop_expired(at=code.expires_at) == 1
    assert notifications.drop_expired(at=code.expires_at) == 0
    code.refresh_from_db()
    assert (code.status, code.body, code.error) == ("FAILED", None, "Too old to be sent.")


def test_news_that_waited_a_day_ends_unsent(news, pockets):
    assert notifications.drop_expired(at=AT + timedelta(days=1)) == 1
    deliver(news, at=AT + timedelta(days=1))
    assert [pocket.sent for pocket in pockets] == [[], []]
