"""The text of a message: the edited row when there is one, else the file its app brought."""

from collections.abc import Mapping
from typing import Any

from django.core.checks import CheckMessage, Error

from apps.kernel.clock import now
from apps.kernel.written import Written
from apps.notifications import messages, rules
from apps.notifications.models import NotificationTemplate, TemplateVersion

_ROW = Written(
    lambda code, channel, language: NotificationTemplate.objects.filter(
        code=code, channel=channel, language=language, is_active=True
    ),
    code=".code",
    channel=".channel",
    language=".language",
)


class TextMissing(LookupError):
    """A declared message has no text; a bug that `manage.py check` finds."""


def text_for(code: str, channel: str, language: str) -> tuple[messages.Text, NotificationTemplate | None]:
    """The text in that language, or in English when it has none, with its row.

    Raises TextMissing.
    """
    for wanted in dict.fromkeys([language, "en"]):
        if own := _own_text(code, channel, wanted):
            return own
    raise TextMissing(f"{code} has no text for {channel}")


def text_as_if(
    code: str, channel: str, language: str, instead: Mapping[str, messages.Text | None]
) -> messages.Text | None:
    """What `text_for` would find were the edited texts of some languages others; `instead` holds them, None for one
    that is taken out of use, where the file speaks. None where nothing is said.
    """
    for wanted in dict.fromkeys([language, "en"]):
        if wanted in instead:
            found = instead[wanted] or messages.from_file(code, channel, wanted)
        else:
            own = _own_text(code, channel, wanted)
            found = own[0] if own else None
        if found:
            return found
    return None


def _own_text(code: str, channel: str, language: str) -> tuple[messages.Text, NotificationTemplate | None] | None:
    row: NotificationTemplate | None = _ROW.first(code=code, channel=str(channel), language=language)
    if row is not None and row.edited_by_id is not None:
        return messages.Text(subject=row.subject, body=row.body), row
    text = messages.from_file(code, channel, language)
    return (text, row) if text else None


def bring_in_texts(**_: Any) -> None:
    """After migrations: a row for every text file, renewed when the file changed, unless staff have edited it."""
    rows = {(row.code, row.channel, row.language): row for row in NotificationTemplate.objects.all()}
    for message, channel, language in messages.places():
        text = messages.from_file(message.code, channel, language)
        row = rows.get((message.code, channel, language))
        if text is None or (
            row is not None and (row.edited_by_id or (row.subject, row.body) == (text.subject, text.body))
        ):
            continue
        if row is None:
            row = NotificationTemplate(code=message.code, channel=channel, language=language, version=0)
        keep_version(row, text, by=None, at=now())


def keep_version(row: NotificationTemplate, text: messages.Text, *, by: Any, at: Any, allowed_by: Any = None) -> None:
    """Give `row` a new text, and keep it among its versions. What somebody wrote, another one allowed."""
    row.subject, row.body, row.edited_by, row.updated_at = text.subject, text.body, by, at
    row.version += 1
    row.save()
    TemplateVersion.objects.create(
        template=row,
        version=row.version,
        subject=row.subject,
        body=row.body,
        edited_by=by,
        allowed_by=allowed_by,
        at=at,
    )


def check_texts(**_: Any) -> list[CheckMessage]:
    """Django's system check: every declared message has every text, with words in braces that it knows."""
    found: list[CheckMessage] = []
    for message, channel, language in messages.places():
        name = messages.file_name(message.code, channel, language)
        text = messages.from_file(message.code, channel, language)
        if text is None:
            found.append(
                Error(f"{name} is missing", hint="Every message has a text in every language.", id="texts.E001")
            )
            continue
        if strange := rules.placeholders(text.subject + text.body) - set(message.placeholders):
            found.append(Error(f"{name} uses {sorted(strange)}, which {message.code} does not have", id="texts.E002"))
        if (channel == "EMAIL") != bool(text.subject):
            found.append(Error(f"{name}: e-mails, and only they, begin with Subject:", id="texts.E003"))
    return found
