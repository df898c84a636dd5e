"""Changing what the bank says: asked by one who looks after content, allowed by another, with every version kept."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import approvals, records
from apps.kernel.models import Approval, ApprovalStatus
from apps.notifications import messages, policies
from apps.notifications.errors import CannotSilence, StaleText, TextExists
from apps.notifications.models import NotificationTemplate
from apps.notifications.operations.read_text import readings, require_known_words
from apps.notifications.queries import ALWAYS, CHANGE_TEXT, about_text
from apps.notifications.texts import keep_version

ADD, EDIT, STOP = "added", "edited", "stopped"
RIGHT = "notifications.manage_content"


def ask_new_text(
    *, code: str, channel: str, language: str, subject: str, body: str, reason: str, by: Any, at: datetime
) -> Approval:
    """Ask for a text in a place that has none; a second person must allow it.

    Raises NotAllowed, UnknownMessage, UnknownPlaceholder, TextExists, AlreadyAsked.
    """
    policies.require_may_edit_texts(by)
    text = messages.Text(subject=_one_line(subject), body=body)
    require_known_words(messages.declared(code), text)
    if NotificationTemplate.objects.filter(code=code, channel=channel, language=language).exists():
        raise _exists()
    row = NotificationTemplate(code=code, channel=channel, language=language, version=0)
    return _asked(ADD, row, text, is_active=True, reason=reason, by=by, at=at)


def ask_text_change(
    *,
    template: NotificationTemplate,
    reason: str,
    by: Any,
    at: datetime,
    subject: str | None = None,
    body: str | None = None,
    is_active: bool | None = None,
    version: int | None = None,
) -> Approval:
    """Ask for another wording; once a second person allowed it, it wins over the file. `version` is the one the editor
    saw.

    Raises NotAllowed, UnknownPlaceholder, StaleText, CannotSilence, AlreadyAsked.
    """
    policies.require_may_edit_texts(by)
    row = NotificationTemplate.objects.get(pk=template.pk)
    if version is not None and version != row.version:
        raise StaleText(_("Somebody has changed this text meanwhile. Nothing was saved. Look at it again."))
    text = messages.Text(
        subject=row.subject if subject is None else _one_line(subject), body=row.body if body is None else body
    )
    require_known_words(messages.declared(row.code), text)
    wanted = row.is_active if is_active is None else is_active
    _require_may_become(EDIT, row, wanted)
    return _asked(EDIT, row, text, is_active=wanted, reason=reason, by=by, at=at)


def ask_text_stop(*, template: NotificationTemplate, reason: str, by: Any, at: datetime) -> Approval:
    """Ask to take a text out of use; once allowed, the file it came from speaks again, if there is one.

    Raises NotAllowed, AlreadyAsked, CannotSilence when there is no file and the message must be heard.
    """
    policies.require_may_edit_texts(by)
    row = NotificationTemplate.objects.get(pk=template.pk)
    _require_may_become(STOP, row, is_active=False)
    text = messages.Text(subject=row.subject, body=row.body)
    return _asked(STOP, row, text, is_active=False, reason=reason, by=by, at=at)


def _asked(
    act: str, row: NotificationTemplate, text: messages.Text, *, is_active: bool, reason: str, by: Any, at: datetime
) -> Approval:
    place = {"code": row.code, "channel": str(row.channel), "language": str(row.language)}
    seen = _seen(row, text, is_active=is_active)
    before: dict[str, Any] = {"subject": row.subject, "body": row.body, "in use": row.is_active} if row.version else {}
    return approvals.ask(
        kind=CHANGE_TEXT,
        subject=about_text(row.code, row.channel, row.language),
        payload={**place, "act": act, "subject": text.subject, "body": text.body, "is_active": is_active, "seen": seen},
        before={**before, "reads": readings(row.code, row.channel, {})},
        after={"subject": text.subject, "body": text.body, "in use": is_active, "reads": seen["reads"]},
        reason=reason,
        by=by,
        at=at,
    )


def _seen(row: NotificationTemplate, text: messages.Text, *, is_active: bool) -> dict[str, Any]:
    """What who asks and who allows look at, and what must still be so when it is done."""
    language = str(row.language)
    reads = readings(row.code, row.channel, {language: text if is_active else None})
    return {"version": row.version, "in use": row.is_active, "reads": reads}


def readings_of(request: Approval) -> tuple[dict[str, Any], dict[str, Any]]:
    """How people read it before and after, by language: as things stand while it waits, then as it was shown."""
    asked = request.payload
    if request.status != ApprovalStatus.PENDING or not messages.is_declared(asked["code"]):
        return request.before["reads"], request.after["reads"]
    text = messages.Text(subject=asked["subject"], body=asked["body"])
    instead = {asked["language"]: text if asked["is_active"] else None}
    return readings(asked["code"], asked["channel"], {}), readings(asked["code"], asked["channel"], instead)


def run_text_change(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """The approved change, from now on. Raises StaleText, TextExists, and what asking raises, looked at again."""
    row, text = _held(payload), messages.Text(subject=payload["subject"], body=payload["body"])
    if payload["act"] != STOP:  # one whose words the message knows no more must be stoppable
        require_known_words(messages.declared(row.code), text)
    _require_as_seen(row, text, payload)
    _require_may_become(payload["act"], row, payload["is_active"])
    before = _facts(row) if row.version else {}
    row.is_active = payload["is_active"]
    if payload["act"] == STOP:
        NotificationTemplate.objects.filter(pk=row.pk).update(is_active=False, updated_at=at)
    elif payload["act"] == EDIT:
        keep_version(row, text, by=maker, at=at, allowed_by=checker)
    else:
        _add(row, text, by=maker, at=at, allowed_by=checker)
    after = {**_facts(row), "asked_by": maker.pk}
    records.record(f"notifications.text.{payload['act']}", on=row, by=checker, at=at, before=before, after=after)
    return {"text": row.pk, "version": row.version}


def _add(row: NotificationTemplate, text: messages.Text, **who_and_when: Any) -> None:
    """Nothing that is not there yet can be locked: a deployment may have brought a text in the same moment."""
    try:
        with transaction.atomic():
            keep_version(row, text, **who_and_when)
    except IntegrityError as no:
        raise _exists() from no


def _held(payload: dict[str, Any]) -> NotificationTemplate:
    """The text of a request's place, locked; one that is not written yet where there is none."""
    place = {name: payload[name] for name in ("code", "channel", "language")}
    rows = NotificationTemplate.objects.select_for_update().filter(**place)
    return rows.first() or NotificationTemplate(**place, version=0)


def _require_as_seen(row: NotificationTemplate, text: messages.Text, payload: dict[str, Any]) -> None:
    """Neither the text nor, where it is taken out of use, what speaks in its place may be another by now. What the
    other language says is not part of the change, so a change of it stands in nobody's way.
    """
    language = payload["language"]
    seen, now_ = payload["seen"], _seen(row, text, is_active=payload["is_active"])
    if any(seen[fact] != now_[fact] for fact in ("version", "in use")) or (
        seen["reads"][language] != now_["reads"][language]
    ):
        raise StaleText(
            _(
                "This text was changed after the request. Nothing was saved. Return the request, or take it back; "
                "if the change is still wanted, ask for it anew."
            )
        )


def _require_may_become(act: str, row: NotificationTemplate, is_active: bool) -> None:  # noqa: FBT001
    """What must be heard stays in use, unless it is stopped and its file speaks. Raises CannotSilence."""
    if is_active or not row.is_active or messages.declared(row.code).topic not in ALWAYS:
        return
    if act == EDIT or messages.from_file(row.code, row.channel, row.language) is None:
        raise CannotSilence(_("Messages about security and money cannot be stopped. Nothing was changed."))


def _exists() -> TextExists:
    return TextExists(_("This message has a text for that channel and language already. Edit that one."))


def _one_line(subject: str) -> str:
    """No mail leaves with a subject of two."""
    return " ".join(subject.split())


def _facts(row: NotificationTemplate) -> dict[str, Any]:
    return {"subject": row.subject, "body": row.body, "version": row.version, "is_active": row.is_active}


def register_kind() -> None:
    """Called in `AppConfig.ready()`."""
    approvals.register(
        approvals.Kind(
            code=CHANGE_TEXT, label=_("What a message says"), permission=RIGHT, run=run_text_change, alone=True
        )
    )
