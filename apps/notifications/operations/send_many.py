"""The same thing told to many people at once: one question for who they are, one for what they chose, one to write."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation

from apps.notifications import messages, people, queries, rules, texts, wake
from apps.notifications.models import CommunicationPreference, Message, Unwanted
from apps.notifications.operations.send import Written, made
from apps.notifications.people import Recipient
from apps.notifications.states import Channel, Topic


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom (a person's id), once per `key`, and the words; lazy ones are read in the language of who hears them."""

    to: int
    key: str
    context: Mapping[str, object]


@transaction.atomic
def send_many(code: str, *, tellings: Sequence[Telling], at: datetime) -> int:
    """Write to everybody who can be reached by SMS and wants to hear it; returns how many were written now.

    Choices and quiet hours are kept as by `send`, and so is the e-mail after an SMS of security or money that fails;
    who has no phone is left out. Raises UnknownMessage; ValueError for offers; KeyError when a context lacks a word of
    the text.
    """
    said = messages.declared(code)
    if said.topic == Topic.MARKETING:
        raise ValueError("offers ask each person's consent: they are sent one by one")
    found = people.find_all({one.to for one in tellings})
    reached = [(one, found[one.to]) for one in tellings if one.to in found and found[one.to].phone]
    choices = _choices(said, [person.user_id for _one, person in reached])
    wording = _Wording(said)
    rows, unwanted = [], []
    for one, person in reached:
        choice = choices.get(person.user_id, choices[0])
        if not choice.is_allowed:
            unwanted.append(Unwanted(key=one.key, code=said.code, channel=Channel.SMS, at=at))
            continue
        body, template = wording.sms(person, one.context)
        written = Written(channel=Channel.SMS, address=person.phone, subject="", body=body, template=template)
        row = made(said, person, written, at=at, due=queries.may_go_out_at(choice, at), key=one.key)
        if said.topic in queries.ALWAYS:  # of other topics people chose by channel
            row.fallback = wording.mail(person, one.context)
        rows.append(row)
    Unwanted.objects.bulk_create(unwanted, ignore_conflicts=True)
    before = Message.objects.filter(key__in=[row.key for row in rows]).count()
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if any(row.due_at <= at for row in rows):
        transaction.on_commit(wake.sweep, robust=True)
    return len(rows) - before


class _Wording:
    """A message's texts, each looked up once, and the SMS of one context filled in once in each language."""

    def __init__(self, said: messages.Message) -> None:
        self.said = said
        self._texts: dict[tuple[str, str], Any] = {}
        self._filled: dict[tuple[str, int], str] = {}

    def sms(self, person: Recipient, context: Mapping[str, object]) -> tuple[str, Any]:
        """The body, and the row that it was made from."""
        text, template = self._text(Channel.SMS, person.language)
        place = (person.language, id(context))
        if place not in self._filled:
            with translation.override(person.language):
                self._filled[place] = rules.for_sms(rules.filled(text.body, context, person.language))
        return self._filled[place], template

    def mail(self, person: Recipient, context: Mapping[str, object]) -> str | None:
        """The e-mail that follows when the SMS fails for good, as JSON; None where there is none."""
        if Channel.EMAIL not in self.said.channels or not person.email:
            return None
        text, _template = self._text(Channel.EMAIL, person.language)
        with translation.override(person.language):
            subject, body = (rules.filled(words, context, person.language) for words in (text.subject, text.body))
        return json.dumps({"to": person.email, "subject": subject, "body": body})

    def _text(self, channel: str, language: str) -> Any:
        if (channel, language) not in self._texts:
            self._texts[channel, language] = texts.text_for(self.said.code, channel, language)
        return self._texts[channel, language]


def _choices(said: messages.Message, user_ids: Sequence[int]) -> dict[int, queries.Choice]:
    """By person, who has said something; 0 is everybody else. Security and money ask nobody."""
    usual = queries.choice_of(Channel.SMS, said.topic, None)
    if said.topic in queries.ALWAYS:
        return {0: usual}
    rows = CommunicationPreference.objects.filter(user__in=user_ids, channel=Channel.SMS, topic=said.topic)
    return {0: usual} | {row.user_id: queries.choice_of(Channel.SMS, said.topic, row) for row in rows}
