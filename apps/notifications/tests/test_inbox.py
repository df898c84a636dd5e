"""Letters between a customer and the bank."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from apps.kernel.errors import Conflict
from apps.notifications import operations as notifications
from apps.notifications.models import SecureMessage, SecureThread
from apps.notifications.operations.write import BadLetter
from apps.notifications.tests.people import make_person

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


@pytest.fixture
def thread() -> SecureThread:
    customer = make_person()
    return notifications.open_thread(customer=customer, subject=" My \n card ", body="It is lost.", by=customer, at=AT)


def test_is_a_conversation_that_is_read_and_closed(thread):
    assert (thread.subject, list(thread.letters.values_list("pk", flat=True))) == ("My card", [thread.letters.get().pk])
    thread.refresh_from_db()
    assert not thread.is_unread
    notifications.reply(thread=thread, body="We stopped it.", by=make_person(is_staff=True), at=LATER)
    thread.refresh_from_db()
    assert thread.is_unread
    assert [letter.body for letter in thread.letters.all()] == ["It is lost.", "We stopped it."]
    notifications.read_thread(thread=thread, at=LATER)
    thread.refresh_from_db()
    assert not thread.is_unread
    notifications.close_thread(thread=thread, at=LATER)
    with pytest.raises(Conflict):
        notifications.reply(thread=thread, body="One more thing.", by=thread.customer, at=LATER)
    assert SecureMessage.objects.count() == 2


def test_belongs_to_its_customer(thread):
    assert SecureThread.objects.owned_by(thread.customer).get() == thread
    assert not SecureThread.objects.owned_by(make_person()).exists()


def test_letters_are_sealed_and_never_changed(thread):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM notifications_securemessage")
        assert b"lost" not in bytes(cursor.fetchone()[0])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            cursor.execute("UPDATE notifications_securemessage SET body = ''")


@pytest.mark.parametrize(("subject", "body"), [("", "x"), (" \n", "x"), ("x", " "), ("x", "y" * 4001)])
def test_refuses_what_is_no_letter(subject, body):
    with pytest.raises(BadLetter):
        notifications.open_thread(customer=make_person(), subject=subject, body=body, by=None, at=AT)
    assert not SecureThread.objects.exists()
