"""Calls: what is said once somebody has picked up, and what became of the call.

The words of a call are kept from the moment the provider took it until it ends, because only then are they spoken.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from apps.notifications.adapters import africastalking_voice as voice
from apps.notifications.models import Message
from apps.notifications.operations import settle
from apps.notifications.states import Channel, MessageStatus

log = structlog.get_logger(__name__)
_RINGING = (MessageStatus.SENDING, MessageStatus.SENT)


@transaction.atomic
def answer_call(*, raw: str, at: datetime) -> str | None:
    """What to say in a call that is active; None when there is nothing (left) to say, or when the call has ended.

    A call that has ended settles its message: delivered when somebody heard it, else failed. Raises Unreadable.
    """
    call = voice.read_call(raw)
    message = _message_of(call, at)
    if message is None:
        log.info("call_without_message", session=call.session, is_active=call.is_active)
        return None
    if call.is_active:
        return None if message.body is None else str(message.body)
    _end(message, call, at)
    return None


def _message_of(call: voice.Call, at: datetime) -> Message | None:
    """By their session; by the phone alone while our own record of the session is still being written."""
    rows = Message.objects.select_for_update().filter(channel=Channel.VOICE, status__in=_RINGING, expires_at__gt=at)
    if found := rows.filter(provider=voice.NAME, provider_reference=call.session).first():
        return found
    if not call.phone:
        return None
    return rows.to_address(call.phone).filter(provider_reference="").order_by("-pk").first()


def _end(message: Message, call: voice.Call, at: datetime) -> None:
    if message.status == MessageStatus.SENDING:
        return  # the answer to our own request is still being written; the sweeper ends what is left
    cost: dict[str, Any] = {"cost_minor": call.cost.minor, "currency": call.cost.currency} if call.cost else {}
    if call.seconds:
        settle.delivered(message, at, **cost)
    else:
        settle.failed(message, "Nobody picked up.", at, **cost)
