"""What notifications hold of a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.kernel import personal
from apps.kernel.personal import Held, Part, Step, Swept, swept
from apps.kernel.triggers import erasing
from apps.notifications.models import Alert, AlertSubscription, CommunicationPreference, Message, SecureMessage
from apps.notifications.states import FINAL, MessageStatus

OVER = [*FINAL, MessageStatus.SENT, MessageStatus.UNKNOWN]
BLANK: dict[str, Any] = {"to": None, "to_print": None, "to_masked": "", "subject": None, "body": None, "fallback": None}

personal.holds(
    Part("messages", "notifications.Message", "user",
         ("code", "topic", "channel", "language", "to_masked", "subject", "body", "status", "created_at", "sent_at")),
    Part("letters", "notifications.SecureMessage", "thread__customer", ("thread_id", "body", "created_at"),
         covers=("notifications.SecureThread.customer", "notifications.SecureMessage.author")),
    Part("alerts", "notifications.Alert", "user", ("type", "message", "about", "created_at", "is_read")),
    Part("alert_choices", "notifications.AlertSubscription", "user", ("type", "channel", "is_on", "updated_at")),
    Part("notice_choices", "notifications.CommunicationPreference", "user",
         ("channel", "topic", "is_allowed", "quiet_from", "quiet_to")),
)  # fmt: skip
personal.leave_out(
    "Work of staff.",
    "notifications.NotificationTemplate.edited_by",
    "notifications.TemplateVersion.edited_by",
    "notifications.TemplateVersion.allowed_by",
)


def _forget_choices(people: Sequence[int], at: datetime) -> int:
    models = (Alert, AlertSubscription, CommunicationPreference)
    return sum(model.objects.filter(user_id__in=people).delete()[0] for model in models)


def _blank_messages(people: Sequence[int], at: datetime) -> int:
    """Whom a message went to and what it said; that one was sent, when and for how much stays."""
    return Message.objects.filter(user_id__in=people).update(**BLANK)


def _delete_letters(people: Sequence[int], at: datetime) -> int:
    """The one way by which a letter, written once, may go: the law's time is over. Its thread stays, without words."""
    with erasing(SecureMessage):
        return SecureMessage.objects.filter(thread__customer_id__in=people).delete()[0]


def _old_messages(before: datetime, held: Held) -> Swept:
    old = Message.objects.filter(created_at__lt=before, status__in=OVER, to__isnull=False)
    return swept(old, held, **BLANK)


personal.erases(
    Step("notifications.choices", at_once=True, act=_forget_choices),
    Step("notifications.messages", at_once=False, act=_blank_messages),
    Step("notifications.letters", at_once=False, act=_delete_letters),
)
personal.retains("ALERTS", lambda before, held: swept(Alert.objects.filter(created_at__lt=before), held))
personal.retains("MESSAGES", _old_messages)
