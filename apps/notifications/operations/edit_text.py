"""Lets staff who look after content change what the bank says, with every version kept."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import records
from apps.kernel.errors import Conflict
from apps.notifications import messages, policies, rules
from apps.notifications.errors import CannotSilence, TextExists, UnknownPlaceholder
from apps.notifications.models import NotificationTemplate
from apps.notifications.queries import ALWAYS
from apps.notifications.texts import keep_version


class StaleText(Conflict):
    """Somebody else has changed the text meanwhile."""

    code = "stale_version"


@transaction.atomic
def add_text(
    *, code: str, channel: str, language: str, subject: str, body: str, by: Any, at: datetime
) -> NotificationTemplate:
    """Write a text for a place that has none. Raises NotAllowed, UnknownMessage, UnknownPlaceholder, TextExists."""
    policies.require_may_edit_texts(by)
    text = messages.Text(subject=_one_line(subject), body=body)
    _require_known_words(messages.declared(code), text)
    row = NotificationTemplate(code=code, channel=channel, language=language, version=0)
    try:
        with transaction.atomic():
            keep_version(row, text, by=by, at=at)
    except IntegrityError as no:
        raise TextExists(_("This message has a text for that channel and language already. Edit that one.")) from no
    records.record("notifications.text.added", on=row, by=by, at=at, after=_facts(row))
    return row


@transaction.atomic
def edit_text(
    *,
    template: NotificationTemplate,
    by: Any,
    at: datetime,
    subject: str | None = None,
    body: str | None = None,
    is_active: bool | None = None,
    version: int | None = None,
) -> NotificationTemplate:
    """Change a text; from now on it wins over the file. `version` is the one the editor saw.

    Raises NotAllowed, UnknownPlaceholder, StaleText, CannotSilence.
    """
    policies.require_may_edit_texts(by)
    row = NotificationTemplate.objects.select_for_update().get(pk=template.pk)
    if version is not None and version != row.version:
        raise StaleText(_("Somebody has changed this text meanwhile. Nothing was saved. Look at it again."))
    said = messages.declared(row.code)
    text = messages.Text(
        subject=row.subject if subject is None else _one_line(subject), body=row.body if body is None else body
    )
    _require_known_words(said, text)
    before = _facts(row)
    if is_active is not None and is_active != row.is_active:
        _require_may_stop(said, is_active)
        row.is_active = is_active
    keep_version(row, text, by=by, at=at)
    records.record("notifications.text.edited", on=row, by=by, at=at, before=before, after=_facts(row))
    return row


@transaction.atomic
def stop_text(*, template: NotificationTemplate, by: Any, at: datetime) -> None:
    """Take an edited text out of use; the file it came from speaks again, if there is one.

    Raises NotAllowed, CannotSilence when there is none and the message must be heard.
    """
    policies.require_may_edit_texts(by)
    row = NotificationTemplate.objects.select_for_update().get(pk=template.pk)
    if messages.from_file(row.code, row.channel, row.language) is None:
        _require_may_stop(messages.declared(row.code), is_active=False)
    NotificationTemplate.objects.filter(pk=row.pk).update(is_active=False, updated_at=at)
    records.record("notifications.text.stopped", on=row, by=by, at=at, before=_facts(row))


def preview(*, template: NotificationTemplate, subject: str | None = None, body: str | None = None) -> dict[str, Any]:
    """The text filled in with the message's examples, and how many SMS it costs. Raises UnknownPlaceholder."""
    said = messages.declared(template.code)
    text = messages.Text(
        subject=template.subject if subject is None else subject, body=template.body if body is None else body
    )
    _require_known_words(said, text)
    filled = rules.filled(text.body, said.placeholders, template.language)
    is_sms = template.channel == "SMS"
    return {
        "subject": rules.filled(text.subject, said.placeholders, template.language),
        "body": rules.for_sms(filled) if is_sms else filled,
        "segments": rules.segments(rules.for_sms(filled)) if is_sms else None,
        "placeholders": sorted(said.placeholders),
    }


def _one_line(subject: str) -> str:
    """No mail leaves with a subject of two."""
    return " ".join(subject.split())


def _require_known_words(said: messages.Message, text: messages.Text) -> None:
    if strange := rules.placeholders(text.subject + text.body) - set(said.placeholders):
        raise UnknownPlaceholder(
            _("This message does not know %(strange)s. It knows %(known)s. Nothing was saved.")
            % {
                "strange": ", ".join(f"{{{word}}}" for word in sorted(strange)),
                "known": ", ".join(f"{{{word}}}" for word in sorted(said.placeholders)) or _("no words in braces"),
            }
        )


def _require_may_stop(said: messages.Message, is_active: bool) -> None:  # noqa: FBT001
    if not is_active and said.topic in ALWAYS:
        raise CannotSilence(_("Messages about security and money cannot be stopped. Nothing was changed."))


def _facts(row: NotificationTemplate) -> dict[str, Any]:
    return {"subject": row.subject, "body": row.body, "version": row.version, "is_active": row.is_active}
