"""Keeps what a person wants to hear, by which channel and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import consents
from apps.notifications.errors import CannotSilence
from apps.notifications.models import CommunicationPreference
from apps.notifications.queries import ALWAYS, CHOSEN_BY_CHANNEL, choices_of
from apps.notifications.states import Topic


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. Quiet hours of None are the bank's own; equal ends mean: never quiet."""

    channel: str
    topic: str
    is_allowed: bool
    quiet_from: time | None = None
    quiet_to: time | None = None


@transaction.atomic
def choose(*, user: Any, wishes: Iterable[Wish], at: datetime, door: str = "PORTAL") -> None:
    """Keep every wish, or none. Wanting offers by any way is consent to them, wanting them by none withdraws it.

    `door` is where it was said (PORTAL, API, SMS). Raises CannotSilence for security and money.
    """
    asked = list(wishes)
    _agree(user, asked, at, door)
    _keep(user, asked)
    if any(wish.topic == Topic.MARKETING for wish in asked) and not _offered_by(user):
        consents.change(user=user, purpose=consents.MARKETING, is_given=False, channel=door, at=at)


def _offered_by(user: Any) -> set[str]:
    """The ways by which offers reach this person now."""
    return {choice.channel for choice in choices_of(user) if choice.topic == Topic.MARKETING and choice.is_allowed}


def _agree(user: Any, wishes: list[Wish], at: datetime, door: str) -> None:
    """Take a wish for offers as consent, for the ways that were wished for and no other."""
    named = {wish.channel: wish.is_allowed for wish in wishes if wish.topic == Topic.MARKETING}
    if not any(named.values()):
        return
    before = _offered_by(user)
    consents.change(user=user, purpose=consents.MARKETING, is_given=True, channel=door, at=at)
    quiet = [Wish(way, Topic.MARKETING, is_allowed=False) for way in CHOSEN_BY_CHANNEL if way not in {*named, *before}]
    _keep(user, quiet)


def allow_offers(*, user: Any) -> None:
    """Open every way for offers again: the person has just agreed to them as a whole."""
    CommunicationPreference.objects.filter(user=user, topic=Topic.MARKETING).update(is_allowed=True)


def _keep(user: Any, wishes: list[Wish]) -> None:
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
