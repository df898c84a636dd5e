"""Which customers were seen with which device, and how old the SIM of a phone is."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DevicePrint(models.Model):
    """A device as its requests describe it, hashed with the bank's key, and one customer who paid from it.

    `names_itself`: it brought an id of its own (the app's installation, the browser's cookie). Only such a print is
    the same for two customers because it is the same device; what a browser says of itself many phones have alike.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    value = models.CharField(max_length=64)
    names_itself = models.BooleanField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["value", "user"], name="one_print_a_customer"),
            models.CheckConstraint(condition=Q(first_seen_at__lte=F("last_seen_at")), name="a_print_is_seen_in_order"),
        ]
        indexes = [models.Index(fields=["user", "-last_seen_at"], name="prints_of_a_customer")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.value[:8]}"


class SimAge(models.Model):
    """What an operator last said of a customer's SIM, and whether it is to be asked again.

    `answered_at` without `changed_on` is an answer: not within what the operator remembers (three months).
    A silent operator leaves the answer before; without one nothing is known, and the screen says so.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+")
    wanted_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    changed_on = models.DateField(null=True)
    source = models.CharField(max_length=20, blank=True, default="")
    silence = models.CharField(max_length=80, blank=True, default="", help_text=_("Why there was no answer last time"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(changed_on=None) | Q(answered_at__isnull=False),
                                   name="a_sim_change_was_answered"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["wanted_at"], condition=Q(wanted_at__isnull=False), name="sims_to_ask_about")]

    def __str__(self) -> str:
        return str(self.user_id)
