"""Keeps what a person wants to hear, by which channel and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.notifications.errors import CannotSilence
from apps.notifications.models import CommunicationPreference
from apps.notifications.queries import ALWAYS


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. Quiet hours of None are the bank's own; equal ends mean: never quiet."""

    channel: str
    topic: str
    is_allowed: bool
    quiet_from: time | None = None
    quiet_to: time | None = None


@transaction.atomic
def choose(*, user: Any, wishes: Iterable[Wish]) -> None:
    """Keep every wish, or none. Raises CannotSilence for security and money."""
    for wish in wishes:
        if wish.topic in ALWAYS:
            if not wish.is_allowed:
                raise CannotSilence(_("Messages about security and your money always reach you. Nothing was changed."))
            continue
        CommunicationPreference.objects.update_or_create(
            user=user,
            channel=wish.channel,
            topic=wish.topic,
            defaults={"is_allowed": wish.is_allowed, "quiet_from": wish.quiet_from, "quiet_to": wish.quiet_to},
        )
