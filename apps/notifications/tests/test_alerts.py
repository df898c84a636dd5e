"""Alerts: once a day each, by the channels people asked for."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.notifications import operations as notifications
from apps.notifications.messages import Text
from apps.notifications.models import Alert, Message
from apps.notifications.testing import reachable
from apps.notifications.tests.people import make_person, recipient

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def low(person, about: str = "accounts/7", at: datetime = AT):
    return notifications.alert("test.service", to=person, context={"account": "***4021"}, about=about, at=at)


def test_raises_an_alert_in_the_app_alone(person):
    raised = low(person)
    assert (raised.type, raised.message, raised.about) == ("LOW_BALANCE", "News about ***4021", "accounts/7")
    assert not Message.objects.exists()


def test_has_its_own_wording_for_the_app(person, said):
    said["test.service", "IN_APP", "en"] = Text("", "{account} runs low")
    assert low(person).message == "***4021 runs low"


def test_is_not_repeated_within_a_day(person):
    assert low(person)
    assert low(person, at=AT + timedelta(hours=23, minutes=59)) is None
    assert low(person, about="accounts/8")
    assert low(person, at=AT + timedelta(hours=24))
    assert Alert.objects.count() == 3


def test_not_even_when_it_was_dismissed_or_deleted(person):
    raised = low(person)
    notifications.dismiss(raised, at=AT)
    notifications.delete_alert(raised, at=AT)
    assert low(person, at=AT + timedelta(hours=1)) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_raise_it_once(said):
    person, start = make_person(), threading.Barrier(4)

    def work() -> None:
        try:
            start.wait(5)
            low(person)
        finally:
            connection.close()

    with reachable(recipient(person)):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert Alert.objects.count() == 1


def test_goes_by_the_channels_a_person_asked_for(person):
    for channel, is_on in (("SMS", True), ("EMAIL", True), ("EMAIL", False)):
        notifications.subscribe(user=person, type="LOW_BALANCE", channel=channel, is_on=is_on, at=AT)
    raised = low(person)
    message = Message.objects.get()
    assert (message.channel, message.key) == ("SMS", f"alerts/{raised.pk}/SMS")


def test_a_message_that_is_no_alert_is_refused(person):
    with pytest.raises(ValueError, match="not declared as an alert"):
        notifications.alert("test.offer", to=person, context={}, at=AT)


def test_dismissing_twice_keeps_the_first_time(person):
    raised = low(person)
    notifications.dismiss(raised, at=AT)
    notifications.dismiss(raised, at=AT + timedelta(hours=1))
    assert (raised.dismissed_at, raised.is_read) == (AT, True)


def facts_of(people, about: str = "loans/7/due") -> list[notifications.Fact]:
    return [notifications.Fact(to=one.pk, about=about, context={"account": "***4021"}) for one in people]


def test_a_fact_that_is_told_anyway_is_one_alert_however_often_it_is_told(person):
    facts = facts_of([person])
    assert notifications.note("test.service", facts=facts, at=AT) == 1
    assert notifications.note("test.service", facts=facts, at=AT + timedelta(days=40)) == 0
    assert notifications.note("test.service", facts=facts_of([person], about="loans/8/due"), at=AT) == 1
    raised = Alert.objects.order_by("pk")[0]
    assert (raised.type, raised.message, raised.about) == ("LOW_BALANCE", "News about ***4021", "loans/7/due")
    assert not Message.objects.exists()


def test_it_goes_by_the_other_channels_that_were_asked_for_and_by_none_twice(person):
    for channel in ("SMS", "EMAIL"):
        notifications.subscribe(user=person, type="LOW_BALANCE", channel=channel, is_on=True, at=AT)
    notifications.note("test.service", facts=facts_of([person]), at=AT)
    assert [row.channel for row in Message.objects.all()] == ["EMAIL"]


def test_many_facts_cost_no_more_questions_than_one(person, django_assert_num_queries):
    one, many = [make_person()], [make_person() for _nth in range(12)]
    with reachable(*(recipient(each) for each in (*one, *many))):
        with CaptureQueriesContext(connection) as asked:
            notifications.note("test.service", facts=facts_of(one), at=AT)
        with django_assert_num_queries(len(asked)):
            notifications.note("test.service", facts=facts_of(many), at=AT)
    assert Alert.objects.count() == 13


def test_noting_what_is_no_alert_is_refused(person):
    with pytest.raises(ValueError, match="not declared as an alert"):
        notifications.note("test.offer", facts=[], at=AT)
