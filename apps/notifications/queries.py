"""Choices that hold for a person, and figures of what was sent."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from apps.kernel import consents
from apps.kernel.clock import day_start
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.notifications import rules
from apps.notifications.models import CommunicationPreference, Message
from apps.notifications.states import Channel, MessageStatus, Topic

ALWAYS = frozenset({Topic.SECURITY, Topic.MONEY})
CHOSEN_BY_CHANNEL = (Channel.SMS, Channel.EMAIL)
CHANGE_TEXT = "notifications.change_text"  # a change of what a message says, which waits for a second person


def about_text(code: str, channel: str = "", language: str = "") -> str:
    """What a request for a change of a text is about; with the code alone, how those of all its texts begin."""
    return f"texts/{code}/" + (f"{channel}/{language}" if channel else "")


def waiting_texts(code: str = "") -> QuerySet[Approval]:
    """Changes of texts that wait for a second person, the oldest first; of one message or of all."""
    rows = Approval.objects.filter(kind=CHANGE_TEXT, status=ApprovalStatus.PENDING)
    return (rows.filter(subject__startswith=about_text(code)) if code else rows).order_by("pk")


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
    agrees = consents.holds(user.pk, consents.MARKETING)
    return [
        choice_of(channel, topic, rows.get((channel, topic)), agrees=agrees)
        for channel in CHOSEN_BY_CHANNEL
        for topic in Topic
    ]


_CHOSEN = Written(
    lambda user, channel, topic: CommunicationPreference.objects.filter(user=user, channel=channel, topic=topic),
    user=-1,
    channel=".channel",
    topic=".topic",
)


def choice_for(user: Any, channel: str, topic: str) -> Choice:
    """What holds for one message. Security and money messages ask nobody, and cost no query."""
    if topic in ALWAYS:
        return choice_of(channel, topic, None)
    row: CommunicationPreference | None = _CHOSEN.first(user=user.pk, channel=str(channel), topic=str(topic))
    agrees = topic != Topic.MARKETING or consents.holds(user.pk, consents.MARKETING)
    return choice_of(channel, topic, row, agrees=agrees)


def choice_now(message: Message, channel: str) -> Choice | None:
    """What its person chose by now, who may have changed their mind while it waited; None where nobody is asked."""
    if message.topic in ALWAYS or message.user is None:
        return None
    return choice_for(message.user, channel, message.topic)


def choice_of(channel: str, topic: str, row: CommunicationPreference | None, *, agrees: bool = True) -> Choice:
    """A choice as it holds: offers need consent first (Data Protection Act 2019, s. 37), everything else a no."""
    if topic in ALWAYS:
        return Choice(channel, topic, is_allowed=True, quiet_from=None, quiet_to=None, can_change=False)
    return Choice(
        channel,
        topic,
        is_allowed=(row.is_allowed if row else True) and (agrees or topic != Topic.MARKETING),
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


def _until(last: date) -> datetime:
    """The instant at which `last` is over; the calendar's own last day, which nobody sees, never is."""
    return day_start(min(last, date.max - date.resolution) + date.resolution)


def figures(first: date, last: date) -> list[Figures]:
    """Messages written from `first` to `last`, by channel, message and the currency of their cost."""
    status = MessageStatus
    rows = (
        Message.objects.filter(created_at__gte=day_start(first), created_at__lt=_until(last))
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


@dataclass(frozen=True, slots=True)
class DayFigures:
    """How one message fared on one channel on one day; `opted_out` were not written, because nobody wanted them."""

    day: date
    channel: str
    code: str
    written: int
    sent: int
    delivered: int
    failed: int
    opted_out: int


_BY_DAY = """
SELECT day, channel, code, sum(written)::int, sum(sent)::int, sum(delivered)::int, sum(failed)::int,
       sum(opted_out)::int
  FROM (
    SELECT (m.created_at AT TIME ZONE %(zone)s)::date AS day, m.channel, m.code, count(*) AS written,
           count(m.sent_at) AS sent, count(*) FILTER (WHERE m.status = 'DELIVERED') AS delivered,
           count(*) FILTER (WHERE m.status IN ('FAILED', 'BOUNCED')) AS failed, 0 AS opted_out
      FROM notifications_message m
     WHERE m.created_at >= %(since)s AND m.created_at < %(until)s
     GROUP BY 1, 2, 3
     UNION ALL
    SELECT (u.at AT TIME ZONE %(zone)s)::date, u.channel, u.code, 0, 0, 0, 0, count(*)
      FROM notifications_unwanted u
     WHERE u.at >= %(since)s AND u.at < %(until)s
     GROUP BY 1, 2, 3
  ) told
 GROUP BY day, channel, code
 ORDER BY day DESC, channel, code
"""


def by_day(first: date, last: date) -> list[DayFigures]:
    """Of every day from `first` to `last` (East Africa Time) each message on each channel, in one question."""
    asked: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "since": day_start(first),
        "until": _until(last),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, asked)
        return [DayFigures(*row) for row in cursor.fetchall()]
