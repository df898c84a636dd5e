"""Texts, messages, choices, alerts and the inbox."""

from apps.notifications.models.alert import Alert, AlertSubscription
from apps.notifications.models.inbox import SecureMessage, SecureThread
from apps.notifications.models.message import Message, ProviderReport, Unwanted
from apps.notifications.models.preference import CommunicationPreference
from apps.notifications.models.template import NotificationTemplate, TemplateVersion

__all__ = [
    "Alert",
    "AlertSubscription",
    "CommunicationPreference",
    "Message",
    "NotificationTemplate",
    "ProviderReport",
    "SecureMessage",
    "SecureThread",
    "TemplateVersion",
    "Unwanted",
]
