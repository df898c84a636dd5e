"""What staff decided that one person may borrow, in place of what their savings or deposits allow."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.kernel.triggers import append_only
from apps.lending.models.product import LoanProduct


class CreditLimitQuerySet(models.QuerySet["CreditLimit"]):
    """Limits by staff, by when they hold."""

    def in_force(self, on: date) -> "CreditLimitQuerySet":
        """The newest word for each person and product, as long as its last day has not passed; also a word that
        takes a limit back (`amount_minor` None).
        """
        newest = self.model._default_manager.filter(user=models.OuterRef("user"), product=models.OuterRef("product"))
        last = models.Subquery(newest.order_by("-pk").values("pk")[:1])
        return self.filter(pk=last, until__gte=on)


class CreditLimit(models.Model):
    """One person may borrow up to `amount` by one product until a day, asked by one officer and allowed by another.

    The newest row of a person and product counts; nothing is ever changed. None as amount takes the limit back. The
    reason is told to the customer.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="credit_limits", db_index=False
    )
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=8)
    until = models.DateField(help_text=_("The last day it holds"))
    reason = models.CharField(max_length=300, help_text=_("The customer reads it"))
    approval_id = models.BigIntegerField(unique=True, help_text=_("The request it came from, carried out once"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = CreditLimitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor=None) | Q(amount_minor__gte=0), name="a_limit_is_not_owed"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_limit_says_why"),
            models.CheckConstraint(
                condition=~Q(asked_by=F("decided_by")) & ~Q(asked_by=F("user")) & ~Q(decided_by=F("user")),
                name="nobody_sets_their_own_limit",
            ),
        ]
        indexes = [models.Index(fields=["user", "product", "-id"], name="limits_of_a_person")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user_id} {self.product_id}: {self.amount_minor}"

    @property
    def amount(self) -> Money | None:
        """None where the row takes a limit back."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @staticmethod
    def of(user: Any, product_ids: list[int], on: date) -> dict[int, "CreditLimit"]:
        """Limits of a person that hold on a day, by product, in one query."""
        rows = CreditLimit.objects.in_force(on).filter(user=user, product__in=product_ids)
        return {row.product_id: row for row in rows if row.amount_minor is not None}
