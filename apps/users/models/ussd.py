"""The secret that approves payments dialled by USSD, and how often it was guessed."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class UssdPin(models.Model):
    """One person's PIN for USSD, hashed. Every try is counted before it is looked at."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ussd_pin")
    pin_hash = models.CharField(max_length=128)
    set_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(wrong__lte=3), name="a_ussd_pin_has_three_tries"),
            models.CheckConstraint(
                condition=Q(wrong__lt=3) | Q(locked_until__isnull=False), name="a_guessed_ussd_pin_is_locked"
            ),
        ]

    def __str__(self) -> str:
        return f"USSD PIN of {self.user_id}"
