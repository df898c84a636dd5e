"""Writes a message in the caller's transaction; once that commits, a task delivers it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from apps.kernel.written import insert_once
from apps.notifications import messages, people, queries, rules, texts, wake
from apps.notifications.models import Message, Unwanted
from apps.notifications.people import Recipient
from apps.notifications.states import Channel, MessageStatus

log = structlog.get_logger(__name__)
_CARRIED = (Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class Written:
    """A message for one channel, filled in."""

    channel: str
    address: str | None
    subject: str
    body: str
    template: Any = None


def send(
    code: str, *, to: Any, context: Mapping[str, object], at: datetime, key: str, channel: str | None = None
) -> Message | None:
    """Tell a person something, once per `key`. Returns the message, or None when they chose not to hear it.

    What is written to a business is read by each of its owners.

    Without `channel` it goes by the first of the message's channels on which they can be reached, and by e-mail
    should the SMS fail for good; a named channel is kept to. Outside security and money it waits for the end of the
    quiet hours. Raises UnknownMessage; KeyError when `context` lacks a word of the text.
    """
    readers = people.readers(to)
    if readers != [to]:
        sent = [send(code, to=one, context=context, at=at, key=f"{key}/{one.pk}", channel=channel) for one in readers]
        return next((row for row in sent if row is not None), None)
    said = messages.declared(code)
    person = people.find(to.pk) or Recipient(user_id=to.pk)
    wanted: list[str] = [Channel(channel)] if channel else [each for each in said.channels if each in _CARRIED]
    reachable = [each for each in wanted if _address(person, each)]
    if not reachable:
        return _write(said, person, wanted[:1], context, at=at, due=at, key=key)
    choices = [queries.choice_for(to, each, said.topic) for each in reachable]
    allowed = [choice for choice in choices if choice.is_allowed]
    if not allowed:
        log.info("message_not_wanted", code=code, user=to.pk)
        row = Unwanted(key=key, code=said.code, channel=reachable[0], at=at)
        Unwanted.objects.bulk_create([row], ignore_conflicts=True)
        return None
    due = queries.may_go_out_at(allowed[0], at)
    return _write(said, person, [choice.channel for choice in allowed], context, at=at, due=due, key=key)


def send_to_address(
    code: str,
    *,
    context: Mapping[str, object],
    at: datetime,
    key: str,
    language: str = "en",
    phone: str | None = None,
    email: str | None = None,
    by_call: bool = False,
) -> Message:
    """Tell a phone (E.164) or a mailbox something, once per `key`: for people who have not joined yet.

    With both, the e-mail is sent should the SMS fail for good. `by_call` rings the phone and says it. Raises
    UnknownMessage; KeyError when `context` lacks a word of the text; ValueError without an address.
    """
    said = messages.declared(code)
    person = Recipient(user_id=0, phone=phone, email=email, language=language)
    channels: list[str] = [each for each in ((Channel.VOICE,) if by_call else _CARRIED) if _address(person, each)]
    if not channels:
        raise ValueError("a message needs a phone or an e-mail address")
    return _write(said, person, channels, context, at=at, due=at, key=key)


def _address(person: Recipient, channel: str) -> str | None:
    return {Channel.SMS: person.phone, Channel.EMAIL: person.email, Channel.VOICE: person.phone}.get(Channel(channel))


def _fill(said: messages.Message, person: Recipient, channel: str, context: Mapping[str, object]) -> Written:
    text, row = texts.text_for(said.code, channel, person.language)
    spoken = channel == Channel.VOICE
    said_aloud = {word: rules.aloud(value) for word, value in context.items()} if spoken else context
    body = rules.filled(text.body, said_aloud, person.language)
    if channel == Channel.SMS:
        body = rules.for_sms(body)
    return Written(
        channel=channel,
        address=_address(person, channel),
        subject=rules.filled(text.subject, context, person.language),
        body=body,
        template=row,
    )


def _fallback(said: messages.Message, person: Recipient, channels: list[str], context: Mapping[str, object]) -> str:
    """The e-mail that follows a failed SMS, as JSON; empty when there is none."""
    if channels[0] != Channel.SMS or Channel.EMAIL not in channels[1:] or Channel.EMAIL not in said.channels:
        return ""
    if not person.email:
        return ""
    mail = _fill(said, person, Channel.EMAIL, context)
    return json.dumps({"to": mail.address, "subject": mail.subject, "body": mail.body})


def _write(
    said: messages.Message,
    person: Recipient,
    channels: list[str],
    context: Mapping[str, object],
    *,
    at: datetime,
    due: datetime,
    key: str,
) -> Message:
    message = made(said, person, _fill(said, person, channels[0], context), at=at, due=due, key=key)
    message.fallback = _fallback(said, person, channels, context) or None
    if not insert_once(message):
        return Message.objects.get(key=key)
    if message.status == MessageStatus.QUEUED and due <= at:
        transaction.on_commit(partial(wake.deliver, message), robust=True)
    return message


def made(
    said: messages.Message, person: Recipient, filled: Written, *, at: datetime, due: datetime, key: str
) -> Message:
    """A message that is not written yet; failed already when it reaches nobody."""
    reachable = filled.address is not None
    return Message(
        key=key,
        code=said.code,
        topic=said.topic,
        template=filled.template,
        template_version=filled.template.version if filled.template else 0,
        channel=filled.channel,
        language=person.language,
        user_id=person.user_id or None,
        to=filled.address,
        to_masked=rules.masked(filled.address) if filled.address else "",
        subject=filled.subject,
        body=filled.body if reachable or not said.is_secret else None,
        is_secret=said.is_secret,
        status=MessageStatus.QUEUED if reachable else MessageStatus.FAILED,
        error="" if reachable else "This person cannot be reached on this channel.",
        due_at=due,
        next_attempt_at=due,
        expires_at=max(at, due) + said.good_for,
        created_at=at,
        settled_at=None if reachable else at,
    )
