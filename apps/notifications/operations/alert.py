"""Alerts in the app: raised once a day each, read, dismissed, and sent by the other channels people asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.kernel.locks import in_turn
from apps.notifications import messages, people, rules, texts
from apps.notifications.models import Alert, AlertSubscription
from apps.notifications.operations.send import send
from apps.notifications.people import Recipient
from apps.notifications.states import Channel

AGAIN_AFTER = timedelta(hours=24)


@transaction.atomic
def alert(
    code: str, *, to: Any, context: Mapping[str, object], at: datetime, about: str = "", type: str | None = None
) -> Alert | None:
    """Raise an alert `about` something (`accounts/7`). Returns None when the same one was raised in the last 24 hours.

    `code` is a declared message whose `alert` gives the type, unless `type` is named. Channels the person subscribed
    to carry it, too. Raises UnknownMessage; ValueError for a message that is no alert.
    """
    said = messages.declared(code)
    kind = type or said.alert
    if kind is None:
        raise ValueError(f"{code} is not declared as an alert")
    # Two workers may find the same low balance at once.
    in_turn(f"alert/{to.pk}/{code}/{about}")
    said_before = Alert.objects.filter(user=to, code=code, about=about, created_at__gt=at - AGAIN_AFTER)
    if said_before.exists():
        return None
    person = people.find(to.pk) or Recipient(user_id=to.pk)
    raised = Alert.objects.create(
        user=to,
        type=kind,
        code=code,
        about=about,
        message=rules.filled(words_of(said, person.language), context, person.language),
        created_at=at,
    )
    wanted = AlertSubscription.objects.filter(user=to, type=kind, is_on=True).exclude(channel=Channel.IN_APP)
    for channel in wanted.values_list("channel", flat=True):
        if channel in said.channels:
            send(code, to=to, context=context, at=at, key=f"alerts/{raised.pk}/{channel}", channel=channel)
    return raised


def words_of(said: messages.Message, language: str) -> str:
    """The app's own wording when there is one, else that of the SMS; with its words in braces."""
    try:
        text, _row = texts.text_for(said.code, Channel.IN_APP, language)
    except texts.TextMissing:
        text, _row = texts.text_for(said.code, Channel.SMS, language)
    return text.body


def mark_read(alert: Alert) -> None:
    """It was looked at. Safe to do twice."""
    Alert.objects.filter(pk=alert.pk).update(is_read=True)
    alert.is_read = True


def dismiss(alert: Alert, *, at: datetime) -> None:
    """It needs no more attention. Safe to do twice: the first time stands."""
    Alert.objects.filter(pk=alert.pk, dismissed_at=None).update(dismissed_at=at, is_read=True)
    alert.refresh_from_db()


def delete_alert(alert: Alert, *, at: datetime) -> None:
    """Its person does not want to see it again."""
    Alert.objects.filter(pk=alert.pk, deleted_at=None).update(deleted_at=at)


def subscribe(*, user: Any, type: str, channel: str, is_on: bool, at: datetime) -> AlertSubscription:
    """Have alerts of a type come by a channel too, or no longer."""
    row, _new = AlertSubscription.objects.update_or_create(
        user=user, type=type, channel=channel, defaults={"is_on": is_on, "updated_at": at}
    )
    return row
