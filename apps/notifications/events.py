"""What notifications tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """A provider has taken a message."""

    name = "notifications.message.sent"
    message_id: int
    code: str
    channel: str
    user_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelivered(Event):
    """A message reached its phone or mailbox."""

    name = "notifications.message.delivered"
    message_id: int
    code: str
    channel: str
    user_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed(Event):
    """A message will not arrive."""

    name = "notifications.message.failed"
    message_id: int
    code: str
    channel: str
    user_id: int | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWritten(Event):
    """A customer or the bank wrote in a conversation."""

    name = "notifications.letter.written"
    thread_id: int
    customer_id: int
    by_customer: bool
