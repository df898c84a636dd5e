"""Showing the bank what a group is: what it handed in, what was decided, and what it may do until then."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup
from apps.chamas.models.paper import GroupPaper
from apps.kernel.triggers import append_only


class GroupCheckStatus(models.TextChoices):
    """Where what a group handed in stands."""

    IN_REVIEW = "IN_REVIEW", _("We are checking")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Not approved")


class GroupCheckQuerySet(models.QuerySet["GroupCheck"]):
    """What groups handed in, as the desk asks."""

    def waiting(self) -> "GroupCheckQuerySet":
        """Not decided, the soonest promised first."""
        return self.filter(status=GroupCheckStatus.IN_REVIEW).order_by("answer_by", "pk")


class GroupCheck(models.Model):
    """Papers that a group handed in together, looked at by two of the bank; one at a time for each group."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="checks")
    papers = models.ManyToManyField(GroupPaper, related_name="+")
    is_registered = models.BooleanField(help_text=_("Or a self-help group that nobody has registered"))
    status = models.CharField(max_length=9, choices=GroupCheckStatus.choices, default=GroupCheckStatus.IN_REVIEW)
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    refused = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, help_text=_("Kinds of papers that will not do")
    )

    objects = GroupCheckQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(status="IN_REVIEW"), name="one_check_of_a_group"),
            models.CheckConstraint(condition=Q(status__in=GroupCheckStatus.values), name="group_check_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="IN_REVIEW", decided_by=None, decided_at=None)
                | Q(status__in=["APPROVED", "REJECTED"], decided_by__isnull=False, decided_at__isnull=False),
                name="a_group_check_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="APPROVED") | (Q(asked_by__isnull=False) & ~Q(asked_by=F("decided_by"))),
                name="two_of_the_bank_know_a_group",
            ),
            models.CheckConstraint(
                condition=Q(status="REJECTED") | Q(refused=[]), name="papers_are_refused_with_the_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.status}"

    def is_late(self, at: datetime) -> bool:
        """Whether an answer was promised before now."""
        return self.status == GroupCheckStatus.IN_REVIEW and self.answer_by < at


class GroupLimitKind(models.TextChoices):
    """What of a group that is not verified is limited."""

    HELD = "HELD", _("Money that lies in the group")
    MONTH_OUT = "MONTH_OUT", _("Money that leaves in a month")


class GroupLimit(models.Model):
    """What a group that the bank has not verified may do from a day on; the newest day that has come is in force."""

    kind = models.CharField(max_length=9, choices=GroupLimitKind.choices)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField(null=True, blank=True, help_text=_("None: no limit"))
    valid_from = models.DateField()
    source = models.CharField(max_length=200, help_text=_("Where the figure comes from"))

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["kind", "currency", "valid_from"], name="one_limit_of_groups_a_day"),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="a_limit_of_groups_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.currency} {self.valid_from}"
