"""What the watch over staff saw in the audit trail, and what somebody else made of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StaffRule(models.TextChoices):
    """What stands out in what a member of staff does."""

    LOOKS_WITHOUT_WORK = "LOOKS_WITHOUT_WORK", _("Looked at many customers and did nothing for them")
    CONNECTED = "CONNECTED", _("Looked at somebody they are connected with")
    EXPORTS_AT_NIGHT = "EXPORTS_AT_NIGHT", _("Took out lists outside working hours")
    REFUSALS = "REFUSALS", _("Tried again and again what they may not do")
    BROKEN_GLASS = "BROKEN_GLASS", _("Broke the glass")


class StaffAlert(models.Model):
    """One rule, one member of staff, one day; nobody closes their own."""

    rule = models.CharField(max_length=18, choices=StaffRule.choices)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    count = models.PositiveIntegerField(help_text=_("How often, or how many customers"))
    threshold = models.PositiveIntegerField()
    records = models.JSONField(default=list, help_text=_("Ids of records of the audit trail that show it"))
    raised_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["rule", "staff", "day"], name="one_staff_alert_a_day"),
            models.CheckConstraint(condition=Q(rule__in=StaffRule.values), name="staff_rule_is_known"),
            models.CheckConstraint(condition=Q(count__gte=F("threshold")), name="a_staff_alert_passed_its_threshold"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_by=F("staff")) & ~Q(note="")),
                name="another_person_closes_a_staff_alert",
            ),
        ]
        indexes = [models.Index(fields=["-raised_at"], condition=Q(closed_at=None), name="staff_alerts_open")]

    def __str__(self) -> str:
        return f"{self.rule} {self.staff_id} {self.day}"
