"""An event lives and dies with its fact, reaches every subscriber, and is never lost when one of them breaks."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.kernel import events, relay
from apps.kernel.events import Event, publish
from apps.kernel.models import Delivery, OutboxEvent
from apps.kernel.queries import outbox_state

heard: list[int] = []
broken = {"is": False, "at_commit": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingHappened(Event):
    name = "kernel.thing.happened"
    thing_id: int


@events.subscribe(ThingHappened)
def hear(event: ThingHappened) -> None:
    if broken["is"]:
        OutboxEvent.objects.create(name="half.done", payload={}, published_at=timezone.now())
        raise RuntimeError("subscriber broke")
    if broken["at_commit"]:  # foreign keys are looked at when the transaction ends
        Delivery.objects.create(event_id=0, subscriber="nobody", next_attempt_at=timezone.now())
    heard.append(event.thing_id)


@pytest.fixture(autouse=True)
def _quiet():
    heard.clear()
    broken.update({"is": False, "at_commit": False})


@pytest.mark.django_db
def test_is_delivered_once_by_the_relay():
    with transaction.atomic():
        publish(ThingHappened(thing_id=7))
    assert heard == []
    assert relay.deliver_due() == 1
    assert relay.deliver_due() == 0
    assert heard == [7]


@pytest.mark.django_db(transaction=True)
def test_refuses_to_be_published_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        publish(ThingHappened(thing_id=1))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_disappears_with_a_fact_that_is_rolled_back():
    with transaction.atomic():
        publish(ThingHappened(thing_id=1))
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_broken_subscriber_leaves_nothing_half_done_and_is_tried_again_later():
    with transaction.atomic():
        publish(ThingHappened(thing_id=3))
    broken["is"] = True
    relay.deliver_due()
    delivery = Delivery.objects.get()
    assert not OutboxEvent.objects.filter(name="half.done").exists()
    assert (delivery.status, delivery.attempts) == ("PENDING", 1)
    assert "subscriber broke" in delivery.last_error
    assert delivery.next_attempt_at > timezone.now()
    broken["is"] = False
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    relay.deliver_due()
    assert heard == [3]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_cannot_be_committed_is_put_off_as_any_other():
    with transaction.atomic():
        publish(ThingHappened(thing_id=5))
    broken["at_commit"] = True
    assert relay.deliver_due() == 1
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("PENDING", 1)
    assert "foreign key" in delivery.last_error


@pytest.mark.django_db
def test_what_another_relay_wrote_meanwhile_stays():
    with transaction.atomic():
        publish(ThingHappened(thing_id=6))
    picked = relay.Picked(Delivery.objects.get().pk, "hear", 0, ThingHappened.name, "{}")
    relay.deliver_due()
    relay._put_off(picked, RuntimeError("too late"))
    assert Delivery.objects.values_list("status", "attempts", "last_error").get() == ("DONE", 1, "")


@pytest.mark.django_db(transaction=True)
def test_relays_are_woken_once_a_commit_however_many_events_it_tells_of():
    with CaptureQueriesContext(connection) as asked:
        for number in range(2):
            with transaction.atomic():
                publish(ThingHappened(thing_id=number))
                publish(ThingHappened(thing_id=number))
    assert [query["sql"] for query in asked].count(f"NOTIFY {events.CHANNEL}") == 2


@pytest.mark.django_db
def test_is_parked_after_eight_tries_and_can_be_replayed():
    with transaction.atomic():
        publish(ThingHappened(thing_id=4))
    broken["is"] = True
    for _try in range(relay.ATTEMPTS):
        Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
        relay.deliver_due()
    assert outbox_state().parked == 1
    broken["is"] = False
    relay.replay(Delivery.objects.get())
    relay.deliver_due()
    assert (heard, outbox_state().parked) == ([4], 0)


@pytest.mark.django_db
def test_members_of_a_newer_deploy_are_ignored():
    assert events.read("kernel.thing.happened", {"thing_id": 1, "colour": "red"}) == ThingHappened(thing_id=1)


@pytest.mark.django_db
def test_publishing_is_one_query(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        publish(ThingHappened(thing_id=7))


@pytest.mark.django_db(transaction=True)
def test_two_relays_do_not_deliver_the_same_thing_twice():
    from concurrent.futures import ThreadPoolExecutor

    with transaction.atomic():
        for number in range(40):
            publish(ThingHappened(thing_id=number))

    def run() -> int:
        try:
            return relay.deliver_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        tried = sum(pool.map(lambda _nth: run(), range(4)))
    assert (tried, sorted(heard)) == (40, list(range(40)))
