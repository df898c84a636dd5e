"""What stands behind a loan: people who guarantee it with their savings, and things that could be sold."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.lending.models.loan import Loan


class GuaranteeStatus(models.TextChoices):
    """Where a guarantee stands."""

    ASKED = "ASKED", _("Asked for")
    GIVEN = "GIVEN", _("Given")
    DECLINED = "DECLINED", _("Declined")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    RELEASED = "RELEASED", _("Free again")
    CALLED = "CALLED", _("Paid for the borrower")


class GuaranteeQuerySet(models.QuerySet["Guarantee"]):
    """Guarantees by whose they are."""

    def asked_of(self, user: Any) -> "GuaranteeQuerySet":
        """Of one's own savings."""
        return self.filter(guarantor_id=user.pk)

    def given(self) -> "GuaranteeQuerySet":
        """Those that hold money."""
        return self.filter(status=GuaranteeStatus.GIVEN)


class Guarantee(models.Model):
    """A person stands for `amount` of a loan with savings that are held (minor units).

    `held_minor` is what is held now: it falls with the principal, pro rata, and is the hold `guarantee/<id>/<times>`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="guarantees")
    guarantor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="guarantees")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    held_minor = models.BigIntegerField(default=0)
    hold_id = models.BigIntegerField(null=True)
    times = models.PositiveIntegerField(default=0, help_text=_("How often it was set aside anew"))
    status = models.CharField(max_length=9, choices=GuaranteeStatus.choices, default=GuaranteeStatus.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")
    held = MoneyOf("held_minor")

    objects = GuaranteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "guarantor"],
                condition=Q(status__in=["ASKED", "GIVEN"]),
                name="a_person_guarantees_a_loan_once",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_guarantee_is_for_something"),
            models.CheckConstraint(
                condition=Q(status="GIVEN", hold_id__isnull=False, account__isnull=False, held_minor__gt=0)
                | (~Q(status="GIVEN") & Q(held_minor=0)),
                name="a_given_guarantee_holds_money",
            ),
            models.CheckConstraint(
                condition=Q(held_minor__gte=0, held_minor__lte=F("amount_minor")), name="no_more_held_than_guaranteed"
            ),
        ]
        indexes = [models.Index(fields=["guarantor", "-id"], name="guarantees_of_a_person")]

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.guarantor_id}"


class CollateralKind(models.TextChoices):
    """What can be pledged."""

    VEHICLE = "VEHICLE", _("Vehicle")
    LAND = "LAND", _("Land")
    MACHINE = "MACHINE", _("Machine or device")
    LIVESTOCK = "LIVESTOCK", _("Livestock")
    STOCK = "STOCK", _("Goods")
    OTHER = "OTHER", _("Other")


class Collateral(models.Model):
    """A thing pledged for a loan, as it was valued (minor units). A new valuation is a new row that replaces it."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="collateral")
    kind = models.CharField(max_length=9, choices=CollateralKind.choices)
    described = models.CharField(max_length=200)
    serial = models.CharField(max_length=60, blank=True, default="", help_text=_("Registration or title number"))
    currency = models.CharField(max_length=8)
    value_minor = models.BigIntegerField()
    valued_on = models.DateField()
    valued_by = models.CharField(max_length=100)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    value = MoneyOf("value_minor")

    class Meta:
        verbose_name_plural = "collateral"
        constraints = [
            models.CheckConstraint(condition=Q(value_minor__gte=0), name="collateral_is_worth_nothing_or_more"),
            models.CheckConstraint(condition=~Q(described="") & ~Q(valued_by=""), name="collateral_is_described"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return self.described
