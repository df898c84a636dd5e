"""Alerts in the app, and by which other channels a person wants them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.notifications.states import AlertType, Channel


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts by person and by whether they still ask for attention."""

    def owned_by(self, user: Any) -> "AlertQuerySet":
        """This person's, without the deleted ones."""
        return self.filter(user=user, deleted_at=None)

    def standing(self) -> "AlertQuerySet":
        """Not dismissed."""
        return self.filter(dismissed_at=None)

    def unread(self) -> "AlertQuerySet":
        """Not read and not dismissed."""
        return self.standing().filter(is_read=False)


class Alert(models.Model):
    """Something a person should look at."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    type = models.CharField(max_length=15, choices=AlertType.choices)
    code = models.CharField(max_length=80)
    about = models.CharField(max_length=120, blank=True, default="", help_text=_("A reference: accounts/7"))
    message = models.TextField()
    created_at = models.DateTimeField()
    is_read = models.BooleanField(default=False)
    dismissed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(type__in=AlertType.values), name="alert_type_is_known")]
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(deleted_at=None), name="alerts_of_a_person"),
            models.Index(fields=["user", "code", "about", "-created_at"], name="alerts_said_before"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.created_at:%Y-%m-%d}"

    @property
    def is_standing(self) -> bool:
        """Not dismissed."""
        return self.dismissed_at is None


class SubscriptionQuerySet(models.QuerySet["AlertSubscription"]):
    """Subscriptions by person."""

    def owned_by(self, user: Any) -> "SubscriptionQuerySet":
        """This person's."""
        return self.filter(user=user)


class AlertSubscription(models.Model):
    """By which channel, beside the app, a person wants alerts of a type."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    type = models.CharField(max_length=15, choices=AlertType.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    is_on = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "type", "channel"], name="one_subscription_each")]

    def __str__(self) -> str:
        return f"{self.type} by {self.channel}: {self.is_on}"
