"""The inbox: letters between a customer and the bank."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import events, records
from apps.kernel.errors import Conflict, DomainError
from apps.notifications import policies
from apps.notifications.events import LetterWritten
from apps.notifications.models import SecureMessage, SecureThread
from apps.notifications.operations.send import send

LONGEST = 4000  # characters of one letter


class BadLetter(DomainError):
    """Empty, or too long."""

    code, status = "bad_letter", 400


@transaction.atomic
def open_thread(*, customer: Any, subject: str, body: str, by: Any, at: datetime) -> SecureThread:
    """Begin a conversation; `by` is the customer, who signs for it, or staff writing to them. Raises BadLetter."""
    subject = " ".join(subject.split())[:120]
    if not subject:
        raise BadLetter(_("Give it a subject."))
    thread = SecureThread.objects.create(customer=customer, subject=subject, created_at=at, last_at=at)
    _add(thread, body, by, at)
    return thread


@transaction.atomic
def reply(*, thread: SecureThread, body: str, by: Any, at: datetime) -> SecureMessage:
    """Write in a conversation that is open. Raises Conflict, BadLetter."""
    locked = SecureThread.objects.select_for_update().get(pk=thread.pk)
    if locked.closed_at is not None:
        raise Conflict(_("This conversation is closed. Begin a new one."))
    return _add(locked, body, by, at)


@transaction.atomic
def answer_letter(*, thread: SecureThread, body: str, by: Any, at: datetime) -> SecureMessage:
    """Staff answer a customer, who is told that a letter waits. Raises NotAllowed, Conflict, BadLetter."""
    policies.require_may_answer(by, thread)
    letter = reply(thread=thread, body=body, by=by, at=at)
    records.record("notifications.thread.answered", on=thread, by=by, at=at, customer=thread.customer)
    send(
        "notifications.letter",
        to=thread.customer,
        context={"subject": thread.subject},
        at=at,
        key=f"notifications/letter/{letter.public_id}",
    )
    return letter


@transaction.atomic
def look_into(*, thread: SecureThread, by: Any, reason: str, at: datetime) -> SecureThread:
    """Staff open a customer's conversation; the look is recorded. Raises NotAllowed."""
    policies.require_may_read(by, thread)
    records.record("notifications.thread.viewed", on=thread, by=by, at=at, customer=thread.customer, reason=reason)
    return thread


@transaction.atomic
def finish_thread(*, thread: SecureThread, by: Any, at: datetime) -> SecureThread:
    """Staff close a conversation; once is as good as twice. Raises NotAllowed."""
    policies.require_may_answer(by, thread)
    if thread.closed_at is None:
        close_thread(thread=thread, at=at)
        records.record("notifications.thread.closed", on=thread, by=by, at=at, customer=thread.customer)
        thread.refresh_from_db(fields=["closed_at"])
    return thread


def read_thread(*, thread: SecureThread, at: datetime) -> None:
    """The customer has seen everything so far."""
    SecureThread.objects.filter(pk=thread.pk).update(read_by_customer_at=at)


def close_thread(*, thread: SecureThread, at: datetime) -> None:
    """Nothing more is written here."""
    SecureThread.objects.filter(pk=thread.pk, closed_at=None).update(closed_at=at)


def _add(thread: SecureThread, body: str, by: Any, at: datetime) -> SecureMessage:
    body = body.strip()
    if not 1 <= len(body) <= LONGEST:
        raise BadLetter(_("Write something, up to 4,000 characters."))
    is_theirs = by is not None and policies.is_on_its_side(by, thread)
    # What somebody writes for a business is the business's letter; who held the pen stands in the record.
    author = thread.customer if is_theirs else by
    letter = SecureMessage.objects.create(thread=thread, author=author, body=body, created_at=at)
    if is_theirs and by.pk != thread.customer_id:
        records.record("notifications.letter.written_for", on=thread, by=by, at=at, customer=thread.customer)
    seen = {"read_by_customer_at": at} if is_theirs else {}
    SecureThread.objects.filter(pk=thread.pk).update(last_at=at, **seen)
    events.publish(LetterWritten(thread_id=thread.pk, customer_id=thread.customer_id, by_customer=bool(seen)))
    return letter
