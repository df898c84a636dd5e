"""Constitutions: every version a group ever had, and who accepted it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.chamas.rules import constitution
from apps.chamas.rules.constitution import Constitution
from apps.kernel.triggers import append_only


class VersionStatus(models.TextChoices):
    """Where a version stands; a group is run by the one in force."""

    PROPOSED = "PROPOSED", _("Proposed")
    IN_FORCE = "IN_FORCE", _("In force")
    RETIRED = "RETIRED", _("Replaced")
    DROPPED = "DROPPED", _("Not agreed on")


class ConstitutionVersion(models.Model):
    """One version of the rules; what is said in it never changes. A cycle keeps the version it began by."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    rules = models.JSONField()
    status = models.CharField(max_length=8, choices=VersionStatus.choices, default=VersionStatus.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "version"], name="constitutions_are_numbered"),
            models.UniqueConstraint(fields=["group"], condition=Q(status="IN_FORCE"), name="one_constitution_in_force"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(status="PROPOSED"), name="one_constitution_is_proposed_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="PROPOSED", in_force_at=None, over_at=None)
                | Q(status="IN_FORCE", in_force_at__isnull=False, over_at=None)
                | Q(status="RETIRED", in_force_at__isnull=False, over_at__gte=F("in_force_at"))
                | Q(status="DROPPED", in_force_at=None, over_at__isnull=False),
                name="constitutions_have_their_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} v{self.version}"

    @property
    def terms(self) -> Constitution:
        """What it says, as a value."""
        return constitution.read(self.rules)


class ConstitutionAcceptance(models.Model):
    """A member read a version and agreed to it."""

    version = models.ForeignKey(
        ConstitutionVersion, on_delete=models.PROTECT, related_name="acceptances", db_index=False
    )
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="acceptances")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["version", "member"], name="a_version_is_accepted_once")]

    def __str__(self) -> str:
        return f"{self.version} · {self.member_id}"
