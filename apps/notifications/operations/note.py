"""Shows in the app what people are told anyway: one alert for each fact, however often it is told."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from apps.kernel.locks import in_turn
from apps.notifications import messages, people, rules
from apps.notifications.models import Alert, AlertSubscription
from apps.notifications.operations.alert import words_of
from apps.notifications.operations.send import send
from apps.notifications.people import Recipient
from apps.notifications.states import Channel


@dataclass(frozen=True, slots=True)
class Fact:
    """What one person should see (`to` is their id), `about` what: a reference that names the fact for good."""

    to: int
    about: str
    context: Mapping[str, object]


@transaction.atomic
def note(code: str, *, facts: Sequence[Fact], at: datetime, told_by: Channel = Channel.SMS) -> int:
    """Raise an alert for each fact that has none yet; returns how many. The questions do not grow with the facts.

    The message of the fact goes by `told_by` already, so it goes by the other channels that people asked for alone:
    one statement for each such wish. Raises UnknownMessage; ValueError for a message that is no alert.
    """
    said = messages.declared(code)
    if said.alert is None:
        raise ValueError(f"{code} is not declared as an alert")
    in_turn(f"alerts/{code}")  # told twice at once, it is one alert all the same
    before = set(
        Alert.objects.filter(
            user__in={fact.to for fact in facts}, code=code, about__in=[fact.about for fact in facts]
        ).values_list("user_id", "about")
    )
    new = {(fact.to, fact.about): fact for fact in facts if (fact.to, fact.about) not in before}
    known = people.find_all({user_id for user_id, _about in new})
    words = {language: words_of(said, language) for language in {"en", *(one.language for one in known.values())}}
    rows = [
        Alert(
            user_id=fact.to,
            type=said.alert,
            code=code,
            about=fact.about,
            message=_filled(words, known.get(fact.to), fact.context),
            created_at=at,
        )
        for fact in new.values()
    ]
    Alert.objects.bulk_create(rows, batch_size=500)
    _send_on(said, [(row, new[row.user_id, row.about]) for row in rows], told_by, at)
    return len(rows)


def _filled(words: Mapping[str, str], person: Recipient | None, context: Mapping[str, object]) -> str:
    language = person.language if person else "en"
    return rules.filled(words[language], context, language)


def _send_on(said: messages.Message, raised: list[tuple[Alert, Fact]], told_by: Channel, at: datetime) -> None:
    wishes = AlertSubscription.objects.filter(
        user__in={row.user_id for row, _fact in raised}, type=said.alert, is_on=True, channel__in=said.channels
    ).exclude(channel__in=[Channel.IN_APP, told_by])
    wanted: dict[int, list[str]] = defaultdict(list)
    for user_id, channel in wishes.values_list("user_id", "channel"):
        wanted[user_id].append(channel)
    persons = get_user_model().objects.in_bulk(wanted) if wanted else {}
    for row, fact in raised:
        for channel in wanted.get(row.user_id, ()):
            key = f"alerts/{row.pk}/{channel}"
            send(said.code, to=persons[row.user_id], context=fact.context, at=at, key=key, channel=channel)
