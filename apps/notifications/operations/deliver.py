"""Hands a message to its provider: claimed in one step, sent outside any transaction, written down in another.

Whoever claims a message holds a lease. If they die between the call and the record, nobody can know whether the
provider took it: when the lease runs out the message becomes UNKNOWN, is never sent again, and waits for the
provider's own report.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from apps.kernel import locks, sweeps
from apps.kernel.events import publish
from apps.notifications import events, queries, rules
from apps.notifications.models import Message
from apps.notifications.operations import report, settle
from apps.notifications.ports import Outcome, Result, ports
from apps.notifications.states import FINAL, MESSAGE, Channel, MessageStatus

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)  # longer than any provider call with its retries
AT_ONCE = 200  # messages that a sweep looks up
PATIENCE = timedelta(hours=1)  # how long a message waits for a provider that rests


def deliver(*, message_id: int, at: datetime) -> Message | None:
    """Send a message that is due, once, whoever else tries; not to who wants it no more, nor into quiet hours.

    Returns it as it stands, or None when it was not due.

    Not to be called inside a transaction: it calls a provider.
    """
    claimed = Message.objects.due(at).filter(pk=message_id)
    if not claimed.update(status=MessageStatus.SENDING, lease_until=at + LEASE, attempts=F("attempts") + 1):
        return None
    message = Message.objects.get(pk=message_id)
    if message.expires_at is not None and message.expires_at <= at:
        return _write_down(message, "", Outcome(Result.REFUSED, error="It came too late to be of use."), at)
    choice = queries.choice_now(message, message.channel)
    if choice is not None and not choice.is_allowed:
        return _write_down(message, "", Outcome(Result.REFUSED, error="They chose not to hear it."), at)
    if choice is not None and (due := queries.may_go_out_at(choice, at)) > at:
        return _put_off(message, due)
    provider, outcome = _hand_over(message)
    return _write_down(message, provider, outcome, at)


def deliver_due(*, at: datetime, for_at_most: timedelta) -> bool:
    """Deliver what is due for so long, what somebody waits for before a backlog; one sweeper at a time. Returns whether
    more waits.

    Not to be called inside a transaction: it calls providers.
    """
    began = monotonic()
    with locks.alone("notifications.deliver_due") as is_alone:
        if not is_alone:
            return False
        message_ids = _next_ones(at)
        for message_id in message_ids:
            passed = timedelta(seconds=monotonic() - began)
            if passed > for_at_most:
                return True
            with sweeps.alone("message_waits", message=message_id):
                deliver(message_id=message_id, at=at + passed)
    return len(message_ids) == AT_ONCE


def _next_ones(at: datetime) -> list[int]:
    """What to send now, in this order: three that somebody waits for, one of those that wait longer, and so on. So word
    of what was just done is not behind a backlog, and a backlog is sent however much is done.
    """
    due = Message.objects.due(at)
    fresh = list(due.somebody_waits_for(at).in_turn().values_list("pk", flat=True)[:AT_ONCE])
    waited = list(due.exclude(pk__in=fresh).in_turn().values_list("pk", flat=True)[:AT_ONCE])
    mixed: list[int] = []
    while fresh or waited:
        mixed += [*fresh[:3], *waited[:1]]
        del fresh[:3], waited[:1]
    return mixed[:AT_ONCE]


def _put_off(message: Message, due: datetime) -> Message:
    """It comes into the quiet hours, as a second try or after a standstill does: it was no try."""
    MESSAGE.make(
        message, MessageStatus.QUEUED, attempts=message.attempts - 1, next_attempt_at=due, lease_until=None
    )  # fmt: skip
    return message


def _hand_over(message: Message) -> tuple[str, Outcome]:
    if message.channel == Channel.SMS and ports.sms is not None:
        return ports.sms.name, ports.sms.send(phone=str(message.to), text=str(message.body))
    if message.channel == Channel.EMAIL and ports.email is not None:
        return ports.email.name, ports.email.send(
            address=str(message.to),
            subject=str(message.subject or ""),
            text=str(message.body),
            reference=str(message.public_id),
        )
    if message.channel == Channel.VOICE and ports.voice is not None:
        return ports.voice.name, ports.voice.call(phone=str(message.to), reference=str(message.public_id))
    return "", Outcome(Result.REFUSED, error=f"Nothing carries {message.channel} messages.")


@transaction.atomic
def _write_down(message: Message, provider: str, outcome: Outcome, at: datetime) -> Message:
    current = Message.objects.select_for_update().get(pk=message.pk)
    if current.status in FINAL or current.attempts != message.attempts:
        return current  # a report came in while the lease had run out: it knows better
    if outcome.result is Result.TAKEN:
        _taken(current, provider, outcome, at)
    elif outcome.result is Result.AGAIN:
        _again(current, provider, outcome, at)
    elif outcome.result is Result.UNKNOWN:
        lose_sight(current, provider, outcome.error)
    else:
        ended = MessageStatus.BOUNCED if outcome.result is Result.RETURNED else MessageStatus.FAILED
        settle.failed(current, outcome.error, at, status=ended, provider=provider)
    return current


def _taken(message: Message, provider: str, outcome: Outcome, at: datetime) -> None:
    cost: dict[str, Any] = {}
    if outcome.cost is not None:
        cost = {"cost_minor": outcome.cost.minor, "currency": outcome.cost.currency}
    MESSAGE.make(
        message,
        MessageStatus.SENT,
        provider=provider,
        provider_reference=outcome.reference,
        sent_at=at,
        lease_until=None,
        error="",
        **cost,
        **({} if message.channel == Channel.VOICE else settle.forgotten(message)),
    )
    publish(
        events.MessageSent(message_id=message.pk, code=message.code, channel=message.channel, user_id=message.user_id)
    )
    report.apply_waiting(message, at)


def _again(message: Message, provider: str, outcome: Outcome, at: datetime) -> None:
    if message.status == MessageStatus.UNKNOWN:  # the lease ran out meanwhile; now we know that it did not leave
        settle.failed(message, outcome.error, at, provider=provider)
        return
    wait = rules.wait_after(message.attempts)
    counted = message.attempts
    if outcome.retry_after_seconds is not None and at - message.due_at < PATIENCE:  # nothing was sent: no try
        wait, counted = timedelta(seconds=outcome.retry_after_seconds), message.attempts - 1
    if wait is None or (message.expires_at is not None and at + wait >= message.expires_at):
        settle.failed(message, outcome.error, at, provider=provider)
        return
    MESSAGE.make(
        message,
        MessageStatus.QUEUED,
        provider=provider,
        attempts=counted,
        next_attempt_at=at + wait,
        lease_until=None,
        error=outcome.error[:300],
    )


def lose_sight(message: Message, provider: str, error: str) -> None:
    """Nobody knows whether it was taken: wait for the provider's word."""
    if message.status != MessageStatus.UNKNOWN:
        MESSAGE.make(
            message,
            MessageStatus.UNKNOWN,
            provider=provider or message.provider,
            lease_until=None,
            error=error[:300],
            **settle.forgotten(message),
        )
    log.warning("message_outcome_unknown", message=message.pk, provider=provider)


def give_up_abandoned(*, at: datetime) -> int:
    """Messages whose sender never came back become UNKNOWN. Returns how many."""
    lost = 0
    for pk in Message.objects.abandoned(at).values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            message = Message.objects.select_for_update(skip_locked=True).abandoned(at).filter(pk=pk).first()
            if message is not None:
                lose_sight(message, "", "Whoever was sending it stopped before noting what came of it.")
                report.find_lost(message, at)
                lost += 1
    return lost


def drop_expired(*, at: datetime) -> int:
    """Messages that waited past their time end unsent, all at once and without an event each. Returns how many."""
    expired = Message.objects.filter(status=MessageStatus.QUEUED, expires_at__lte=at)
    ending = {"status": MessageStatus.FAILED, "error": "Too old to be sent.", "settled_at": at}
    # The words of calls whose end we were never told.
    unspoken = Message.objects.filter(channel=Channel.VOICE, status=MessageStatus.SENT, is_secret=True)
    unspoken.filter(expires_at__lte=at).exclude(body=None).update(body=None)
    secret = expired.filter(is_secret=True).update(**ending, body=None, fallback=None)
    return secret + expired.update(**ending)
