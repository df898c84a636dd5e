"""Payments out of business accounts: written down by one, paid when as many as the mandate asks have signed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.payments.models.bulk import BulkPayment
from apps.payments.models.payment import Payment
from apps.users.models import BusinessProfile


class JointStatus(models.TextChoices):
    """Where it stands."""

    WAITING = "WAITING", _("Waiting for signatures")
    SIGNED = "SIGNED", _("Signed and sent")
    DECLINED = "DECLINED", _("Turned down")
    CANCELLED = "CANCELLED", _("Taken back")
    EXPIRED = "EXPIRED", _("Not signed in time")


class JointQuerySet(models.QuerySet["JointPayment"]):
    """Joint payments by who may see them."""

    def visible_to(self, user: Any) -> "JointQuerySet":
        """Of the businesses one belongs to."""
        return self.filter(business__in=BusinessProfile.objects.visible_to(user))

    def whole(self) -> "JointQuerySet":
        """With the payment, its maker and its signatures, in two queries."""
        rows = self.select_related("business__party", "made_by", "payment__from_account__owner", "payment__to_account")
        return rows.prefetch_related("signatures__user")


class JointPayment(models.Model):
    """A payment of a business that waits for signatures. Nothing is set aside meanwhile: one signatory alone could
    otherwise lock up what belongs to all. The funds are looked at when the last one signs.
    """

    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, related_name="+", db_index=False)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="joint")
    status = models.CharField(max_length=9, choices=JointStatus.choices, default=JointStatus.WAITING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    over_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    over_because = models.CharField(max_length=200, blank=True, default="")

    objects = JointQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JointStatus.values), name="joint_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="WAITING", over_at=None) | (~Q(status="WAITING") & Q(over_at__isnull=False)),
                name="what_is_over_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["WAITING", "EXPIRED"], over_by=None)
                | (Q(status__in=["SIGNED", "DECLINED", "CANCELLED"]) & Q(over_by__isnull=False)),
                name="somebody_ended_a_joint_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-id"], name="joint_payments_of_a_business"),
            models.Index(fields=["expires_at"], condition=Q(status="WAITING"), name="joint_payments_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.payment)


class JointSignature(models.Model):
    """One signatory agreed to one payment, with proof. Whether it counts is asked again with each that follows."""

    joint = models.ForeignKey(JointPayment, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["joint", "user"], name="a_payment_is_signed_once_each")]

    def __str__(self) -> str:
        return f"{self.joint_id}: {self.user_id}"


class BulkSignature(models.Model):
    """One signatory allowed a batch that the mandate wants signed by more than two."""

    bulk = models.ForeignKey(BulkPayment, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["bulk", "user"], name="a_batch_is_signed_once_each")]

    def __str__(self) -> str:
        return f"{self.bulk_id}: {self.user_id}"
