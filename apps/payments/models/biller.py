"""The directory of billers: who takes bills by paybill, and what an account with them looks like."""

import re
from datetime import date

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.kernel.triggers import append_only


class BillerCategory(models.TextChoices):
    """What a bill is for."""

    POWER = "POWER", _("Electricity")
    WATER = "WATER", _("Water")
    TV = "TV", _("Television")
    INTERNET = "INTERNET", _("Internet")
    SCHOOL = "SCHOOL", _("School")
    COUNTY = "COUNTY", _("County")
    TAX = "TAX", _("Tax and government")
    HEALTH = "HEALTH", _("Health")
    OTHER = "OTHER", _("Other bills")


class BillerQuerySet(models.QuerySet["Biller"]):
    """Billers by what holds."""

    def on(self, day: date) -> "BillerQuerySet":
        """Of each biller the row that holds on a day, those that were closed left out."""
        latest = Biller.objects.filter(code=OuterRef("code"), valid_from__lte=day).order_by("-valid_from")
        return self.filter(pk=Subquery(latest.values("pk")[:1]), is_active=True)

    def found_by(self, text: str) -> "BillerQuerySet":
        """By a part of the name, the code or the paybill."""
        text = " ".join(text.split())[:60]
        return self.filter(Q(name__icontains=text) | Q(code__iexact=text) | Q(paybill=text)) if text else self

    def in_order(self) -> "BillerQuerySet":
        """By name."""
        return self.order_by("name", "code")


class Biller(models.Model):
    """What holds of one biller from a day on; a change is a new row, so a receipt can always be explained.

    `account_pattern` is matched against the whole account (`rules.check_pattern` says which patterns are taken).
    Amounts are minor units of shillings.
    """

    code = models.SlugField(max_length=24, help_text=_("Short and lasting, like kplc-prepaid"), db_index=False)
    valid_from = models.DateField()
    name = models.CharField(max_length=60)
    category = models.CharField(max_length=8, choices=BillerCategory.choices)
    paybill = models.CharField(max_length=7)
    account_label = models.CharField(max_length=40, help_text=_("What the account is called: Meter number"))
    account_label_sw = models.CharField(max_length=40, help_text=_("The same in Kiswahili"))
    account_pattern = models.CharField(max_length=80)
    example = models.CharField(max_length=13)
    least_minor = models.BigIntegerField(default=100)
    most_minor = models.BigIntegerField(default=25_000_000)
    is_active = models.BooleanField(default=True)

    objects = BillerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="one_change_of_a_biller_a_day"),
            models.CheckConstraint(condition=Q(category__in=BillerCategory.values), name="biller_category_is_known"),
            models.CheckConstraint(
                condition=Q(least_minor__gt=0, most_minor__gte=F("least_minor")), name="a_biller_takes_some_amount"
            ),
            models.CheckConstraint(condition=Q(paybill__regex=r"^[0-9]{5,7}$"), name="a_paybill_has_5_to_7_digits"),
        ]
        permissions = [("manage_billers", "Can change the directory of billers")]
        triggers = append_only()

    def __str__(self) -> str:
        return self.name

    def label_in(self, language: str) -> str:
        """What the account is called."""
        return self.account_label_sw if language.startswith("sw") else self.account_label

    def takes(self, account: str) -> bool:
        """Whether an account looks like one of theirs."""
        return re.fullmatch(self.account_pattern, account, re.ASCII) is not None

    @property
    def least(self) -> Money:
        """The smallest bill."""
        return Money(self.least_minor, "KES")

    @property
    def most(self) -> Money:
        """The largest bill."""
        return Money(self.most_minor, "KES")
