"""Choices that hold for a person, and figures of what was sent."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from apps.kernel.clock import day_start
from apps.kernel.money import Money
from apps.notifications import rules
from apps.notifications.models import CommunicationPreference, Message
from apps.notifications.states import Channel, MessageStatus, Topic

ALWAYS = frozenset({Topic.SECURITY, Topic.MONEY})
CHOSEN_BY_CHANNEL = (Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for one person, channel and topic; quiet hours in East Africa Time."""

    channel: str
    topic: str
    is_allowed: bool
    quiet_from: time | None
    quiet_to: time | None
    can_change: bool


def choices_of(user: Any) -> list[Choice]:
    """Everything a person may choose, as it stands."""
    rows = {(row.channel, row.topic): row for row in CommunicationPreference.objects.filter(user=user)}
    return [_choice(channel, topic, rows.get((channel, topic))) for channel in CHOSEN_BY_CHANNEL for topic in Topic]


def choice_for(user: Any, channel: str, topic: str) -> Choice:
    """What holds for one message. Security and money messages ask nobody, and cost no query."""
    if topic in ALWAYS:
        return _choice(channel, topic, None)
    row = CommunicationPreference.objects.filter(user=user, channel=channel, topic=topic).first()
    return _choice(channel, topic, row)


def _choice(channel: str, topic: str, row: CommunicationPreference | None) -> Choice:
    if topic in ALWAYS:
        return Choice(channel, topic, is_allowed=True, quiet_from=None, quiet_to=None, can_change=False)
    return Choice(
        channel,
        topic,
        is_allowed=row.is_allowed if row else True,
        quiet_from=(row and row.quiet_from) or rules.QUIET_FROM,
        quiet_to=(row and row.quiet_to) or rules.QUIET_TO,
        can_change=True,
    )


def may_go_out_at(choice: Choice, at: datetime) -> datetime:
    """`at`, or the end of the person's quiet hours around it."""
    if choice.quiet_from is None or choice.quiet_to is None:
        return at
    local = at.astimezone(timezone.get_default_timezone())
    return rules.quiet_until(local, choice.quiet_from, choice.quiet_to)


@dataclass(frozen=True, slots=True)
class Figures:
    """How one message fared on one channel, and what that cost."""

    channel: str
    code: str
    written: int
    sent: int
    delivered: int
    failed: int
    unknown: int
    cost: Money | None


def figures(first: date, last: date) -> list[Figures]:
    """Messages written from `first` to `last`, by channel, message and the currency of their cost."""
    status = MessageStatus
    rows = (
        Message.objects.filter(created_at__gte=day_start(first), created_at__lt=day_start(last + (last.resolution)))
        .values("channel", "code", "currency")
        .annotate(
            written=Count("pk"),
            sent=Count("pk", filter=Q(sent_at__isnull=False)),
            delivered=Count("pk", filter=Q(status=status.DELIVERED)),
            failed=Count("pk", filter=Q(status__in=[status.FAILED, status.BOUNCED])),
            unknown=Count("pk", filter=Q(status=status.UNKNOWN)),
            cost_minor=Sum("cost_minor"),
        )
        .order_by("channel", "code", "currency")
    )
    return [
        Figures(
            channel=row["channel"],
            code=row["code"],
            cost=Money(row["cost_minor"], row["currency"]) if row["currency"] else None,
            **{name: row[name] for name in ("written", "sent", "delivered", "failed", "unknown")},
        )
        for row in rows
    ]
