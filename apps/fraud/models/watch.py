"""What is blocked, and what changed lately about a customer's access: read by the screen's one look."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class BlockedKind(models.TextChoices):
    """What can be blocked."""

    DEVICE = "DEVICE", _("Device")
    IP = "IP", _("Internet address")
    PAYEE = "PAYEE", _("Payee")


class BlockedItem(models.Model):
    """A device (its fingerprint), an address or a payee (as payments know it again) that may not take part.

    It ends by itself at `until`, or when somebody lifts it; the row stays.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=6, choices=BlockedKind.choices)
    value = models.CharField(max_length=80)
    why = models.CharField(max_length=300)
    until = models.DateTimeField(null=True)
    blocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    blocked_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=Q(lifted_at=None), name="a_thing_is_blocked_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=BlockedKind.values), name="blocked_kind_is_known"),
            models.CheckConstraint(condition=~Q(value="") & ~Q(why=""), name="a_block_says_what_and_why"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("blocked_at")), name="a_block_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_because="")),
                name="a_lifted_block_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class AccessChange(models.Model):
    """When a customer's password and SIM were changed last, as far as the bank was told."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+")
    password_changed_at = models.DateTimeField(null=True)
    sim_changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user_id)
