"""What waits is delivered in turns, codes before all else, and a code never waits behind anybody's news."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from apps.kernel import locks
from apps.kernel.clock import now
from apps.notifications import operations as notifications
from apps.notifications import tasks
from apps.notifications.models import Message
from apps.notifications.states import MessageStatus
from apps.notifications.testing import reachable
from apps.notifications.tests.people import make_person, recipient

MINUTE = timedelta(minutes=1)
TEXTS = {
    "test.money": {"amount": "KES 5.00"},
    "test.code": {"code": "418203", "who": "x"},
    "test.service": {"account": "***4021"},
}


@pytest.fixture
def woken(monkeypatch):
    """The tasks that were asked for, by name."""
    names = []
    monkeypatch.setattr(
        "apps.notifications.wake.current_app.send_task", lambda name, **_more: names.append(name.rpartition(".")[2])
    )
    return names


def write(person, *codes):
    """A message of each kind, the first the oldest."""
    made = [
        notifications.send(code, to=person, context=TEXTS[code], at=now(), key=f"k-{nth}")
        for nth, code in enumerate(codes)
    ]
    for nth, message in enumerate(made):
        Message.objects.filter(pk=message.pk).update(next_attempt_at=now() - timedelta(minutes=9 - nth))
    return made


def test_codes_go_first_then_the_oldest(person, pockets):
    write(person, "test.money", "test.code", "test.money")
    assert notifications.deliver_due(at=now(), for_at_most=MINUTE) is False
    assert ["418203" in one["text"] for one in pockets[0].sent] == [True, False, False]


def test_money_is_told_of_before_news_that_waited_longer(person, pockets):
    write(person, "test.service", "test.money", "test.service", "test.code")
    sorted_by_topic = list(Message.objects.in_turn().values_list("code", flat=True))
    assert sorted_by_topic == ["test.code", "test.money", "test.service", "test.service"]
    notifications.deliver_due(at=now(), for_at_most=MINUTE)
    texts = [one["text"] for one in pockets[0].sent]
    assert ["418203" in texts[0], "KES 5.00" in texts[1]] == [True, True]


def backlog(person, count):
    """Word of money that moved hours ago."""
    long_ago = now() - timedelta(hours=5)
    for nth in range(count):
        notifications.send("test.money", to=person, context=TEXTS["test.money"], at=now(), key=f"old-{nth}")
    Message.objects.filter(key__startswith="old-").update(next_attempt_at=long_ago, created_at=long_ago)


def test_word_of_a_payment_just_made_waits_behind_no_backlog(person, pockets):
    backlog(person, 40)
    notifications.send("test.money", to=person, context={"amount": "KES 77.00"}, at=now(), key="just-now")
    notifications.deliver_due(at=now(), for_at_most=MINUTE)
    assert [nth for nth, one in enumerate(pockets[0].sent) if "KES 77.00" in one["text"]] == [0]
    assert len(pockets[0].sent) == 41


def test_a_backlog_is_sent_however_much_is_done(person, pockets, monkeypatch):
    monkeypatch.setattr(import_module("apps.notifications.operations.deliver"), "AT_ONCE", 8)
    backlog(person, 3)
    for nth in range(20):
        notifications.send("test.money", to=person, context={"amount": "KES 77.00"}, at=now(), key=f"new-{nth}")
    assert notifications.deliver_due(at=now(), for_at_most=MINUTE) is True
    assert ["KES 77.00" in one["text"] for one in pockets[0].sent] == [True, True, True, False] * 2


def test_a_code_waits_in_a_queue_of_its_own(person, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        write(person, "test.money", "test.code")
    assert woken == ["deliver_message", "deliver_code"]


def test_a_sweep_that_has_had_its_turn_lets_others_work_and_comes_back(person, pockets, woken, monkeypatch):
    write(person, "test.money", "test.money", "test.money")
    monkeypatch.setattr("apps.notifications.tasks.A_TURN", timedelta(seconds=-1))
    tasks.sweep_messages()
    assert (pockets[0].sent, woken) == ([], ["sweep_messages"])


def test_a_sweep_that_sent_everything_ends(person, pockets, woken):
    write(person, "test.money", "test.code")
    woken.clear()
    tasks.sweep_messages()
    assert (len(pockets[0].sent), woken) == (2, [])


def test_more_than_one_look_finds_is_left_for_the_next_turn(person, pockets, woken, monkeypatch):
    monkeypatch.setattr(import_module("apps.notifications.operations.deliver"), "AT_ONCE", 2)
    write(person, "test.money", "test.money", "test.money")
    tasks.sweep_messages()
    assert (len(pockets[0].sent), woken) == (2, ["sweep_messages"])
    tasks.sweep_messages()
    assert len(pockets[0].sent) == 3


def test_a_message_that_breaks_its_sending_stops_no_other(person, pockets, monkeypatch):
    first, second = write(person, "test.code", "test.money")
    send, broken = pockets[0].send, [True]

    def break_once(**letter):
        if broken.pop() if broken else False:
            raise ValueError("nobody foresaw this")
        return send(**letter)

    monkeypatch.setattr(pockets[0], "send", break_once)
    tasks.sweep_messages()
    assert [one["text"] for one in pockets[0].sent] == ["Paid KES 5.00"]
    second.refresh_from_db()
    assert second.status == MessageStatus.SENT
    notifications.give_up_abandoned(at=now() + timedelta(minutes=3))
    first.refresh_from_db()
    assert first.status == MessageStatus.UNKNOWN  # whoever called may have been heard: it is not sent again


@pytest.mark.django_db(transaction=True)
def test_one_sweeper_at_a_time(said, pockets):
    somebody = make_person()
    with reachable(recipient(somebody)):
        write(somebody, "test.money")

    def another() -> bool:
        try:
            return notifications.deliver_due(at=now(), for_at_most=MINUTE)
        finally:
            connection.close()

    with locks.alone("notifications.deliver_due"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(another).result() is False
        assert pockets[0].sent == []
    notifications.deliver_due(at=now(), for_at_most=MINUTE)
    assert len(pockets[0].sent) == 1
