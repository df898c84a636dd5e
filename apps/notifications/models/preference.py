"""What people want to hear, by which channel, and when they want quiet."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.notifications.states import Channel, Topic


class CommunicationPreference(models.Model):
    """One person's choice for one topic on one channel; no row means: yes, with the bank's quiet hours."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    topic = models.CharField(max_length=10, choices=Topic.choices)
    is_allowed = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True, help_text=_("East Africa Time"))
    quiet_to = models.TimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "channel", "topic"], name="one_choice_per_channel_and_topic"),
            models.CheckConstraint(
                condition=Q(is_allowed=True) | ~Q(topic__in=["SECURITY", "MONEY"]),
                name="security_and_money_are_always_heard",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.channel} {self.topic}: {self.is_allowed}"
