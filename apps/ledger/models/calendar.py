"""Public holidays that the law does not fix by itself: declared in the Kenya Gazette, written down by staff."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Holiday(models.Model):
    """A gazetted holiday. One that was written down by mistake is withdrawn, never deleted."""

    on = models.DateField()
    name = models.CharField(max_length=80)
    notice = models.CharField(max_length=80)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ledger_holiday"
        ordering = ["on", "pk"]
        default_permissions = ()
        permissions = [("manage_holidays", "Can write down gazetted holidays")]
        constraints = [
            models.UniqueConstraint(fields=["on"], condition=Q(withdrawn_at=None), name="a_day_is_gazetted_once"),
            models.CheckConstraint(condition=~Q(name=""), name="a_holiday_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
