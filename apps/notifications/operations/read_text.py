"""How a text reads: checked against the words its message knows, and filled in with the message's examples."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.notifications import messages, rules, texts
from apps.notifications.errors import UnknownPlaceholder
from apps.notifications.models import NotificationTemplate


def preview(*, template: NotificationTemplate, subject: str | None = None, body: str | None = None) -> dict[str, Any]:
    """The text filled in with the message's examples, and how many SMS it costs. Raises UnknownPlaceholder."""
    said = messages.declared(template.code)
    text = messages.Text(
        subject=template.subject if subject is None else subject, body=template.body if body is None else body
    )
    require_known_words(said, text)
    reads = _filled(said, text, template.channel, template.language)
    return {**reads, "placeholders": sorted(said.placeholders)}


def readings(code: str, channel: str, instead: Mapping[str, messages.Text | None]) -> dict[str, Any]:
    """What people of each language read on a channel, were these texts `instead` in force (None: taken out of use);
    None for a language in which nothing is said. Words that a message does not know any more stay in their braces.
    """
    said = messages.declared(code)
    heard = {language: texts.text_as_if(code, channel, language, instead) for language in messages.LANGUAGES}
    return {language: text and _filled(said, text, channel, language) for language, text in heard.items()}


def _filled(said: messages.Message, text: messages.Text, channel: str, language: str) -> dict[str, Any]:
    strange = rules.placeholders(text.subject + text.body) - set(said.placeholders)
    examples = {**said.placeholders, **{word: f"{{{word}}}" for word in strange}}
    body = rules.filled(text.body, examples, language)
    is_sms = channel == "SMS"
    return {
        "subject": rules.filled(text.subject, examples, language),
        "body": rules.for_sms(body) if is_sms else body,
        "segments": rules.segments(rules.for_sms(body)) if is_sms else None,
    }


def require_known_words(said: messages.Message, text: messages.Text) -> None:
    """Raises UnknownPlaceholder for a word in braces that the message does not have."""
    if strange := rules.placeholders(text.subject + text.body) - set(said.placeholders):
        raise UnknownPlaceholder(
            _("This message does not know %(strange)s. It knows %(known)s. Nothing was saved.")
            % {
                "strange": ", ".join(f"{{{word}}}" for word in sorted(strange)),
                "known": ", ".join(f"{{{word}}}" for word in sorted(said.placeholders)) or _("no words in braces"),
            }
        )
