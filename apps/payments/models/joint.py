"""What leaves business accounts: written down by one, paid when as many as the mandate asks have signed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.payments.models.bulk import BulkPayment
from apps.payments.models.payment import Payment
from apps.payments.models.standing import OrderStatus, StandingOrder
from apps.users.models import BusinessProfile


class JointStatus(models.TextChoices):
    """Where it stands."""

    WAITING = "WAITING", _("Waiting for signatures")
    SIGNED = "SIGNED", _("Signed and sent")
    DECLINED = "DECLINED", _("Turned down")
    CANCELLED = "CANCELLED", _("Taken back")
    EXPIRED = "EXPIRED", _("Not signed in time")


class JointOrderStatus(models.TextChoices):
    """Where a standing order of a business stands; SIGNED, the order itself says the rest."""

    WAITING = "WAITING", _("Waiting for signatures")
    SIGNED = "SIGNED", _("Signed")
    DECLINED = "DECLINED", _("Turned down")
    CANCELLED = "CANCELLED", _("Taken back")
    EXPIRED = "EXPIRED", _("Not signed in time")
    STOPPED = "STOPPED", _("Stopped")


class WaitsForSignatures(models.Model):
    """What somebody wrote down for a business, until when it may be signed, and who ended that."""

    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    over_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    over_because = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        abstract = True


def _ends_at(name: str) -> models.CheckConstraint:
    """What does not wait any more has the time at which that ended."""
    return models.CheckConstraint(
        condition=Q(status="WAITING", over_at=None) | (~Q(status="WAITING") & Q(over_at__isnull=False)), name=name
    )


def _ends_by(name: str, *statuses: str) -> models.CheckConstraint:
    """Somebody brought it to one of `statuses`; time alone to EXPIRED."""
    nobody, somebody = Q(status__in=["WAITING", "EXPIRED"], over_by=None), Q(status__in=statuses)
    return models.CheckConstraint(condition=nobody | (somebody & Q(over_by__isnull=False)), name=name)


class JointQuerySet(models.QuerySet["JointPayment"]):
    """Joint payments by who may see them."""

    def visible_to(self, user: Any) -> "JointQuerySet":
        """Of the businesses one belongs to."""
        return self.filter(business__in=BusinessProfile.objects.visible_to(user))

    def whole(self) -> "JointQuerySet":
        """With the payment, its maker and its signatures, in two queries."""
        rows = self.select_related("business__party", "made_by", "payment__from_account__owner", "payment__to_account")
        return rows.prefetch_related("signatures__user")


class JointPayment(WaitsForSignatures):
    """A payment of a business that waits for signatures. Nothing is set aside meanwhile: one signatory alone could
    otherwise lock up what belongs to all. The funds are looked at when the last one signs.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="joint")
    status = models.CharField(max_length=9, choices=JointStatus.choices, default=JointStatus.WAITING)

    objects = JointQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JointStatus.values), name="joint_status_is_known"),
            _ends_at("what_is_over_has_a_time"),
            _ends_by("somebody_ended_a_joint_payment", "SIGNED", "DECLINED", "CANCELLED"),
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


class JointOrderQuerySet(models.QuerySet["JointOrder"]):
    """Standing orders of businesses by who may see them."""

    def visible_to(self, user: Any) -> "JointOrderQuerySet":
        """Of the businesses one belongs to."""
        return self.filter(business__in=BusinessProfile.objects.visible_to(user))

    def whole(self) -> "JointOrderQuerySet":
        """With the order, its maker and its signatures, in two queries."""
        rows = self.select_related(
            "business__party", "made_by", "over_by", "replaces__order", "order__owner", "order__to_account",
            "order__from_account__owner", "order__from_account__product",
        )  # fmt: skip
        return rows.prefetch_related("signatures__user")


class JointOrder(WaitsForSignatures):
    """A standing order of a business: in force once as many have signed as the mandate asks for what each date takes.
    They are counted again on each date, by the mandate of that day. `total_minor` is that amount with what it cost on
    the day it was signed last, in the order's currency.
    """

    order = models.OneToOneField(StandingOrder, on_delete=models.PROTECT, related_name="joint")
    status = models.CharField(max_length=9, choices=JointOrderStatus.choices, default=JointOrderStatus.WAITING)
    total_minor = models.BigIntegerField()
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    objects = JointOrderQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JointOrderStatus.values), name="joint_order_status_is_known"),
            models.CheckConstraint(condition=Q(total_minor__gt=0), name="a_joint_order_takes_something"),
            _ends_at("an_order_that_is_over_has_a_time"),
            _ends_by("somebody_ended_a_joint_order", "SIGNED", "DECLINED", "CANCELLED", "STOPPED"),
        ]
        indexes = [
            models.Index(fields=["business", "-id"], name="joint_orders_of_a_business"),
            models.Index(fields=["expires_at"], condition=Q(status="WAITING"), name="joint_orders_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.order)

    @property
    def total(self) -> Money:
        """What each date takes, as it was when it was signed last."""
        return Money(self.total_minor, self.order.currency)

    @property
    def is_in_force(self) -> bool:
        """Signed, and with dates to come."""
        return self.status == JointOrderStatus.SIGNED and self.order.status == OrderStatus.ACTIVE


class JointOrderSignature(models.Model):
    """One signatory agreed to what each date pays, with proof. Whether it counts is asked again on each date."""

    joint = models.ForeignKey(JointOrder, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["joint", "user"], name="an_order_is_signed_once_each")]

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
