"""How a message ends, and what follows when it did not arrive."""

import json
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from apps.kernel.events import publish
from apps.notifications import events, queries, rules, wake
from apps.notifications.models import Message
from apps.notifications.states import MESSAGE, Channel, MessageStatus


def delivered(message: Message, at: datetime, **fields: Any) -> None:
    """It arrived. Raises IllegalMove when it had ended before."""
    MESSAGE.make(
        message, MessageStatus.DELIVERED, settled_at=at, lease_until=None, error="", **fields, **forgotten(message)
    )
    publish(
        events.MessageDelivered(
            message_id=message.pk, code=message.code, channel=message.channel, user_id=message.user_id
        )
    )


def failed(message: Message, error: str, at: datetime, *, status: str = MessageStatus.FAILED, **fields: Any) -> None:
    """It will not arrive; the e-mail in its place is written. Raises IllegalMove when it had ended before."""
    mail = str(message.fallback or "")
    MESSAGE.make(message, status, settled_at=at, lease_until=None, error=error[:300], **fields, **forgotten(message))
    publish(
        events.MessageFailed(
            message_id=message.pk,
            code=message.code,
            channel=message.channel,
            user_id=message.user_id,
            error=message.error,
        )
    )
    if mail:
        _send_instead(message, json.loads(mail), at)


def forgotten(message: Message) -> dict[str, None]:
    """The columns of a one-time code that nobody may read again."""
    return {"body": None, "fallback": None} if message.is_secret else {}


def _send_instead(message: Message, mail: dict[str, str], at: datetime) -> None:
    if message.expires_at is not None and message.expires_at <= at:
        return
    choice = queries.choice_now(message, Channel.EMAIL)
    if choice is not None and not choice.is_allowed:
        return
    instead, is_new = Message.objects.get_or_create(
        key=f"{message.key[:190]}/email",
        defaults={
            "code": message.code,
            "topic": message.topic,
            "channel": Channel.EMAIL,
            "language": message.language,
            "user_id": message.user_id,
            "to": mail["to"],
            "to_masked": rules.masked(mail["to"]),
            "subject": mail["subject"],
            "body": mail["body"],
            "is_secret": message.is_secret,
            "due_at": at,
            "next_attempt_at": at,
            "expires_at": message.expires_at,
            "created_at": at,
            "instead_of": message,
        },
    )
    if is_new:
        transaction.on_commit(partial(wake.deliver, instead), robust=True)
