"""Delivery reports: once each, in any order, and nothing moves out of its end."""

import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection

from apps.kernel.models import OutboxEvent
from apps.kernel.testing import print_keys
from apps.notifications import operations as notifications
from apps.notifications import tasks
from apps.notifications.adapters.africastalking import NAME
from apps.notifications.models import Message, ProviderReport
from apps.notifications.ports import Outcome, Result
from apps.notifications.testing import pocketed, reachable
from apps.notifications.tests.people import make_person, recipient

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def form(status: str, reference: str = "ATPid_1", **more: str) -> str:
    return urlencode(
        {"id": reference, "status": status, "phoneNumber": "+254711000000", "networkCode": "63902", **more}
    )


def report(status: str, reference: str = "ATPid_1", at: datetime = AT, **more: str) -> ProviderReport:
    kept = notifications.receive_report(raw=form(status, reference, **more), at=at)
    return notifications.apply_report(report_id=kept.pk, at=at)


@pytest.fixture
def sent(person) -> Message:
    """A message Africa's Talking has taken."""
    message = notifications.send("test.money", to=person, context={"amount": "KES 5.00"}, at=AT, key="k")
    with pocketed() as (sms, _mail):
        sms.name, sms.answers = NAME, [Outcome(Result.TAKEN, reference="ATPid_1")]
        return notifications.deliver(message_id=message.pk, at=AT)


def now_(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_progress_then_success(sent):
    for status in ("Sent", "Submitted", "Buffered"):
        assert report(status).outcome == "APPLIED"
        assert now_(sent).status == "SENT"
    assert report("Success").outcome == "APPLIED"
    delivered = now_(sent)
    assert (delivered.status, delivered.settled_at) == ("DELIVERED", AT)
    assert OutboxEvent.objects.filter(name="notifications.message.delivered").count() == 1


@pytest.mark.parametrize("status", ["Rejected", "Failed", "AbsentSubscriber", "Expired"])
def test_every_final_failure_fails_with_its_reason_and_a_mail_follows(sent, status):
    report(status, failureReason="UserInBlackList")
    failed = now_(sent)
    assert (failed.status, failed.error) == ("FAILED", f"{status}: UserInBlackList")
    assert Message.objects.get(instead_of=sent).channel == "EMAIL"


def test_the_same_report_counts_once(sent):
    assert [report("Success").outcome for _ in range(3)] == ["APPLIED", "DUPLICATE", "DUPLICATE"]
    assert OutboxEvent.objects.filter(name="notifications.message.delivered").count() == 1
    assert ProviderReport.objects.count() == 3


@pytest.mark.parametrize("first", ["Success", "Failed"])
@pytest.mark.parametrize("then", ["Sent", "Submitted", "Success", "Failed", "Rejected", "Expired"])
def test_an_end_is_an_end(sent, first, then):
    report(first)
    ended = now_(sent).status
    assert report(then).outcome in {"LATE", "DUPLICATE"}
    assert now_(sent).status == ended
    assert Message.objects.count() == (2 if first == "Failed" else 1)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "garbage",
        "{}",
        "id=",
        "id=ATPid_1",
        "id=ATPid_1&status=",
        "id=ATPid_1&status=Teleported",
        "status=Success",
        "id=" + "x" * 500 + "&status=Success",
        "&".join(f"a{n}=1" for n in range(500)),
        "\ufffd%ff%00",
        '{"id": "ATPid_1", "status": "Success"}',
    ],
)
def test_what_cannot_be_read_is_kept_and_moves_nothing(sent, raw):
    kept = notifications.receive_report(raw=raw, at=AT)
    assert notifications.apply_report(report_id=kept.pk, at=AT).outcome == "UNREADABLE"
    assert ProviderReport.objects.get().raw == raw
    assert now_(sent).status == "SENT"


def test_reads_liberally(sent):
    raw = "id=ATPid_1&status=success&phoneNumber=%2B254711000000&somethingNew=1&networkCode"
    kept = notifications.receive_report(raw=raw, at=AT)
    assert notifications.apply_report(report_id=kept.pk, at=AT).outcome == "APPLIED"


def test_a_report_that_overtakes_the_providers_answer_is_applied_with_it(person):
    message = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="k")
    assert report("Success").outcome == "UNMATCHED"
    with pocketed() as (sms, _mail):
        sms.name, sms.answers = NAME, [Outcome(Result.TAKEN, reference="ATPid_1")]
        notifications.deliver(message_id=message.pk, at=AT)
    assert now_(message).status == "DELIVERED"
    assert ProviderReport.objects.get().outcome == "APPLIED"


def test_a_report_that_crossed_the_record_is_found_by_the_sweeper(sent):
    kept = notifications.receive_report(raw=form("Success"), at=AT)
    ProviderReport.objects.filter(pk=kept.pk).update(outcome="UNMATCHED", event_id="ATPid_1", event_status="Success")
    tasks.sweep_messages()
    assert now_(sent).status == "DELIVERED"


def test_the_sweeper_reads_reports_no_wake_up_call_reached(sent):
    notifications.receive_report(raw=form("Success"), at=AT)
    tasks.sweep_messages()
    assert now_(sent).status == "DELIVERED"


def lost(person, key: str = "lost") -> Message:
    """A message whose sender was killed, and whose lease ran out."""
    message = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key=key)
    Message.objects.filter(pk=message.pk).update(status="SENDING", attempts=1, lease_until=AT)
    notifications.give_up_abandoned(at=AT + timedelta(minutes=3))
    assert now_(message).status == "UNKNOWN"
    return now_(message)


def test_the_providers_report_resolves_an_unknown_message(person):
    message = lost(person)
    assert report("Submitted", "ATPid_9", phoneNumber=person.phone).outcome == "APPLIED"
    assert now_(message).status == "SENT"
    assert report("Success", "ATPid_9", phoneNumber=person.phone).outcome == "APPLIED"
    found = now_(message)
    assert (found.status, found.provider_reference) == ("DELIVERED", "ATPid_9")


def test_a_report_that_came_before_the_lease_ran_out_resolves_it_too(person):
    message = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="k")
    Message.objects.filter(pk=message.pk).update(status="SENDING", attempts=1, lease_until=AT)
    assert report("Success", "ATPid_9", phoneNumber=person.phone, at=AT).outcome == "UNMATCHED"
    notifications.give_up_abandoned(at=AT + timedelta(minutes=3))
    assert now_(message).status == "DELIVERED"


def test_a_report_and_its_message_stand_under_different_keys(person, settings):
    message = lost(person)
    early = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT + timedelta(days=9), key="k")
    print_keys(settings, "new", "old")
    assert report("Success", "ATPid_9", phoneNumber=person.phone).outcome == "APPLIED"
    assert now_(message).status == "DELIVERED"
    at = AT + timedelta(days=9)
    Message.objects.filter(pk=early.pk).update(status="SENDING", attempts=1, lease_until=at)
    assert report("Success", "ATPid_8", phoneNumber=person.phone, at=at).outcome == "UNMATCHED"
    print_keys(settings, "old", "new")
    notifications.give_up_abandoned(at=at + timedelta(minutes=3))
    assert now_(early).status == "DELIVERED"


def test_guesses_nothing_between_two_unknown_messages(person):
    one, two = lost(person, "one"), lost(person, "two")
    assert report("Success", "ATPid_9", phoneNumber=person.phone).outcome == "UNMATCHED"
    assert {now_(one).status, now_(two).status} == {"UNKNOWN"}


def test_guesses_nothing_while_another_is_on_its_way(person):
    one = lost(person, "one")
    two = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="two")
    Message.objects.filter(pk=two.pk).update(status="SENDING", lease_until=AT + timedelta(hours=1))
    assert report("Success", "ATPid_9", phoneNumber=person.phone).outcome == "UNMATCHED"
    assert now_(one).status == "UNKNOWN"


def test_another_phones_report_resolves_nothing(person):
    message = lost(person)
    assert report("Success", "ATPid_9", phoneNumber="+254799999999").outcome == "UNMATCHED"
    assert now_(message).status == "UNKNOWN"


@pytest.mark.django_db(transaction=True)
def test_the_same_report_five_times_at_once_counts_once(said):
    person = make_person()
    with reachable(recipient(person)), pocketed() as (sms, _mail):
        sms.name, sms.answers = NAME, [Outcome(Result.TAKEN, reference="ATPid_1")]
        message = notifications.send("test.money", to=person, context={"amount": "1"}, at=AT, key="k")
        notifications.deliver(message_id=message.pk, at=AT)
    start, outcomes = threading.Barrier(5), []

    def post() -> None:
        try:
            start.wait(5)
            outcomes.append(report("Success").outcome)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["APPLIED"] + ["DUPLICATE"] * 4
    assert OutboxEvent.objects.filter(name="notifications.message.delivered").count() == 1


def test_old_reports_are_forgotten(sent):
    report("Sent", at=datetime(2020, 1, 1, tzinfo=UTC))
    tasks.drop_old_reports()
    assert not ProviderReport.objects.exists()


def test_a_nul_that_was_spelled_out_stops_no_report_after_it(sent):
    notifications.receive_report(raw="id=AT%00Pid_9&status=Failed&failureReason=%00&phoneNumber=%00", at=AT)
    kept = notifications.receive_report(raw="id=ATPid_1&status=Success&phoneNumber=%2B254711000000", at=AT)
    tasks.sweep_messages()
    kept.refresh_from_db()
    assert kept.outcome == "APPLIED"
