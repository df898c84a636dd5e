"""What keeps staff honest: whom they are connected with, and where they broke the glass to see more than their role."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

GLASS_LASTS = timedelta(minutes=30)


class ConnectionKind(models.TextChoices):
    """What a member of staff has to do with a customer."""

    SELF = "SELF", _("Their own profile as a customer")
    FAMILY = "FAMILY", _("Family")
    HOUSEHOLD = "HOUSEHOLD", _("They live together")
    BUSINESS = "BUSINESS", _("Business together")
    FRIEND = "FRIEND", _("A close friend")


class StaffConnection(models.Model):
    """A member of staff and a customer they must keep away from; what has ended stays written down."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=ConnectionKind.choices)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["staff", "customer"], condition=Q(ended_at=None), name="connected_once"),
            models.CheckConstraint(condition=~Q(staff=F("customer")), name="a_connection_joins_two_profiles"),
            models.CheckConstraint(condition=Q(kind__in=ConnectionKind.values), name="connection_kind_is_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_by=F("staff"))),
                name="another_person_ends_a_connection",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} – {self.customer_id}"


class Verdict(models.TextChoices):
    """What a reviewer finds of a glass that was broken."""

    JUSTIFIED = "JUSTIFIED", _("There was need")
    NOT_JUSTIFIED = "NOT_JUSTIFIED", _("There was no need")


class GlassQuerySet(models.QuerySet["BreakGlass"]):
    """Broken glass by moment and review."""

    def open_at(self, at: object) -> "GlassQuerySet":
        """Those that still let somebody see."""
        return self.filter(opened_at__lte=at, expires_at__gt=at, ended_at=None)

    def unreviewed(self) -> "GlassQuerySet":
        """Those nobody has looked into."""
        return self.filter(reviewed_at=None)


class BreakGlass(models.Model):
    """A member of staff saw one customer whole for half an hour, beyond their role; another person says whether
    there was need."""

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=13, choices=Verdict.choices, blank=True, default="")
    note = models.CharField(max_length=400, blank=True, default="")

    objects = GlassQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("break_glass", "Can see one customer whole for half an hour, in need"),
            ("review_glass", "Can review where the glass was broken"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["viewer", "customer"], condition=Q(reviewed_at=None), name="one_broken_glass_waits_for_review"
            ),
            models.CheckConstraint(condition=~Q(viewer=F("customer")), name="no_one_breaks_glass_on_themselves"),
            models.CheckConstraint(condition=~Q(reason=""), name="broken_glass_has_a_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("opened_at"), expires_at__lte=F("opened_at") + GLASS_LASTS),
                name="broken_glass_lasts_half_an_hour_at_most",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, verdict="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False, verdict__in=Verdict.values)
                   & ~Q(reviewed_by=F("viewer")) & ~Q(note="")),
                name="another_person_reviews_broken_glass",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["opened_at"], condition=Q(reviewed_at=None), name="broken_glass_waiting")]

    def __str__(self) -> str:
        return f"{self.viewer_id} → {self.customer_id}"
