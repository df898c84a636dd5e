"""Who may operate a business's accounts: named signatories, and how many of them sign for which amount."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.accounts.signing import Band
from apps.kernel.money import Money
from apps.users.models import BusinessProfile


class MandateStatus(models.TextChoices):
    """Where a mandate stands."""

    WAITING = "WAITING", _("Waiting for signatures")
    IN_FORCE = "IN_FORCE", _("In force")
    REPLACED = "REPLACED", _("Replaced")
    DROPPED = "DROPPED", _("Dropped")


class Needs(models.TextChoices):
    """Whose signatures a band asks for."""

    ANY = "ANY", _("Any one")
    SOME = "SOME", _("So many of them")
    ALL = "ALL", _("All of them")


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates, with what they say."""

    def whole(self) -> "MandateQuerySet":
        """With bands, signatories and signatures, in a few queries whatever their number."""
        return self.select_related("business").prefetch_related("bands", "signatories__user", "signatures__user")


class Mandate(models.Model):
    """What a business resolved about its accounts. One is in force at a time; a later one takes its place."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, related_name="mandates")
    status = models.CharField(max_length=8, choices=MandateStatus.choices, default=MandateStatus.WAITING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    approval = models.ForeignKey(
        "kernel.Approval",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Put in force by the bank"),
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["business"], condition=Q(status="IN_FORCE"), name="one_mandate_is_in_force"
            ),
            models.UniqueConstraint(fields=["business"], condition=Q(status="WAITING"), name="one_mandate_waits"),
            models.CheckConstraint(condition=Q(status__in=MandateStatus.values), name="mandate_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="WAITING", in_force_at=None, ended_at=None)
                | Q(status="IN_FORCE", in_force_at__isnull=False, ended_at=None)
                | Q(status="REPLACED", in_force_at__isnull=False, ended_at__isnull=False)
                | Q(status="DROPPED", in_force_at=None, ended_at__isnull=False),
                name="a_mandate_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_id} {self.status}"

    @property
    def rules(self) -> list[Band]:
        """Its bands as numbers."""
        return [Band(row.upto_minor, row.needs, row.count) for row in self.bands.all()]

    @property
    def named(self) -> list[int]:
        """Whom it names, by their keys."""
        return [row.user_id for row in self.signatories.all()]


class MandateBand(models.Model):
    """Amounts up to `upto_minor` of KES (none: all above) and the signatures they need."""

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="bands", db_index=False)
    upto_minor = models.BigIntegerField(null=True)
    needs = models.CharField(max_length=4, choices=Needs.choices)
    count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        ordering = [models.F("upto_minor").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["mandate", "upto_minor"], nulls_distinct=False, name="one_band_of_a_mandate_per_end"
            ),
            models.CheckConstraint(
                condition=Q(needs="SOME", count__gt=0) | Q(needs__in=["ANY", "ALL"], count=0),
                name="a_band_says_how_many",
            ),
            models.CheckConstraint(condition=Q(upto_minor=None) | Q(upto_minor__gt=0), name="a_band_has_room"),
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id}: {self.upto_minor} {self.needs}"

    @property
    def upto(self) -> Money | None:
        """Where it ends."""
        return None if self.upto_minor is None else Money(self.upto_minor, "KES")


class MandateSignatory(models.Model):
    """One whom a mandate names; who has left the business does not sign any more, whatever it names."""

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="signatories", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["mandate", "user"], name="a_signatory_is_named_once")]

    def __str__(self) -> str:
        return f"{self.mandate_id}: {self.user_id}"


class UnfreezeSignature(models.Model):
    """One who signs by the mandate agrees that money may leave a frozen account again; gone once it is let go."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="unfreezing", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="unfreezing_is_agreed_once_each")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.user_id}"


class MandateSignature(models.Model):
    """Somebody agreed to a mandate, with proof: whom it names, and who signs by the one it takes the place of."""

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["mandate", "user"], name="a_mandate_is_signed_once_each")]

    def __str__(self) -> str:
        return f"{self.mandate_id}: {self.user_id}"
