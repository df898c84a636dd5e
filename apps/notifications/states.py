"""Where a message stands, and which move may follow which."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.kernel.states import Moves


class Channel(models.TextChoices):
    """How a message travels."""

    SMS = "SMS", "SMS"
    EMAIL = "EMAIL", _("E-mail")
    PUSH = "PUSH", _("Push")
    IN_APP = "IN_APP", _("In the app")
    WHATSAPP = "WHATSAPP", "WhatsApp"
    TELEGRAM = "TELEGRAM", "Telegram"
    VOICE = "VOICE", _("Call")


class Topic(models.TextChoices):
    """What a message is about; people choose by topic, but security and money cannot be silenced."""

    SECURITY = "SECURITY", _("Security")
    MONEY = "MONEY", _("Money in and out")
    SERVICE = "SERVICE", _("Your accounts and products")
    REMINDER = "REMINDER", _("Reminders")
    MARKETING = "MARKETING", _("Offers and news")


class AlertType(models.TextChoices):
    """What an alert in the app is about."""

    LOW_BALANCE = "LOW_BALANCE", _("Low balance")
    BILL_DUE = "BILL_DUE", _("Bill due")
    BUDGET_WARNING = "BUDGET_WARNING", _("Budget nearly used")
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED", _("Budget exceeded")
    LARGE_PAYMENT = "LARGE_PAYMENT", _("Large payment")
    LOAN_DUE = "LOAN_DUE", _("Loan due")
    SECURITY = "SECURITY", _("Security")


# What people may ask for. Budgets raise theirs once there are budgets: a choice that nothing keeps is no choice.
CHOSEN_ALERTS = [
    (kind.value, kind.label) for kind in AlertType if kind not in {AlertType.BUDGET_WARNING, AlertType.BUDGET_EXCEEDED}
]


class MessageStatus(models.TextChoices):
    """Where a message stands."""

    QUEUED = "QUEUED", _("Waiting")
    SENDING = "SENDING", _("Being sent")
    SENT = "SENT", _("Sent")
    DELIVERED = "DELIVERED", _("Delivered")
    FAILED = "FAILED", _("Not delivered")
    BOUNCED = "BOUNCED", _("Returned")
    UNKNOWN = "UNKNOWN", _("Not known")


S = MessageStatus
# UNKNOWN: the provider may have taken it. Only the provider's own word leads out of it, never a second try.
MESSAGE = Moves(
    {
        S.QUEUED: [S.SENDING, S.FAILED],
        S.SENDING: [S.SENT, S.QUEUED, S.FAILED, S.BOUNCED, S.UNKNOWN],
        S.SENT: [S.DELIVERED, S.FAILED, S.BOUNCED],
        S.UNKNOWN: [S.SENT, S.DELIVERED, S.FAILED, S.BOUNCED],
    }
)
FINAL = frozenset({S.DELIVERED, S.FAILED, S.BOUNCED})
