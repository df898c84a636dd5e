"""Money abroad: the corridors it can take, and what was promised to a person for one of them."""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pgtrigger import ReadOnly

from apps.fx.models import Quote
from apps.kernel.money import MoneyOf


class Method(models.TextChoices):
    """How the payee gets it."""

    IBAN = "IBAN", _("Bank account with an IBAN")
    ACCOUNT = "ACCOUNT", _("Bank account")
    WALLET = "WALLET", _("Mobile wallet")


class Purpose(models.TextChoices):
    """What it is for: ISO 20022 external purpose codes (ExternalPurpose1Code) that people mean."""

    FAMI = "FAMI", _("Family maintenance")
    EDUC = "EDUC", _("School or university fees")
    MDCS = "MDCS", _("Medical care")
    RENT = "RENT", _("Rent")
    GDDS = "GDDS", _("Goods bought")
    SCVE = "SCVE", _("Services bought")
    SALA = "SALA", _("Salary")
    SAVG = "SAVG", _("Savings")
    GIFT = "GIFT", _("Gift")


class CorridorQuerySet(models.QuerySet["Corridor"]):
    """Corridors by day."""

    def on(self, day: date) -> "CorridorQuerySet":
        """What holds on a day: of each country, currency and method the newest row, when it is open."""
        newest = self.filter(valid_from__lte=day).order_by("country", "currency", "method", "-valid_from")
        newest = newest.distinct("country", "currency", "method")
        return self.filter(pk__in=newest.values("pk"), is_open=True).order_by("country", "method")


class Corridor(models.Model):
    """A way to a country in a currency by a partner, from a day on. Limits are minor units of what arrives."""

    country = models.CharField(max_length=2, help_text=_("ISO 3166"))
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=7, choices=Method.choices)
    partner = models.CharField(max_length=40)
    least_minor = models.BigIntegerField()
    most_minor = models.BigIntegerField()
    working_days = models.PositiveSmallIntegerField(help_text=_("It arrives after so many; 0 is the same day"))
    is_open = models.BooleanField(default=True)
    valid_from = models.DateField()

    least, most = MoneyOf("least_minor"), MoneyOf("most_minor")

    objects = CorridorQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["country", "currency", "method", "valid_from"], name="a_corridor_changes_once_a_day"
            ),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="a_corridor_has_a_method"),
            models.CheckConstraint(
                condition=Q(least_minor__gt=0, most_minor__gte=models.F("least_minor")), name="a_corridor_has_limits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.currency} {self.method}"


class RemittanceQuote(models.Model):
    """What sending abroad costs and brings: rate and fee are locked until the exchange's quote runs out.

    One that nobody used goes with the exchange's quote, a month later.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    corridor = models.ForeignKey(Corridor, on_delete=models.PROTECT, related_name="quotes")
    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, related_name="remittance")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    fee_minor = models.BigIntegerField()
    duty_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    arrives_on = models.DateField()
    created_at = models.DateTimeField()

    fee, duty = MoneyOf("fee_minor"), MoneyOf("duty_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(fee_minor__gte=0, duty_minor__gte=0), name="a_remittance_fee_is_a_fee")
        ]
        triggers = [ReadOnly(name="remittance_quotes_keep_their_word")]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def total(self) -> Any:
        """What leaves the account."""
        return self.quote.give + self.fee + self.duty
