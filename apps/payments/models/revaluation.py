"""What a position in a currency was worth at the end of a day."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money, MoneyOf
from apps.kernel.triggers import append_only


class Revaluation(models.Model):
    """One currency's position at one day's closing rate, and the unrealised gain or loss that was booked for it.

    `position_minor` is in minor units of `currency`, positive when the bank is long; the rest is in the home currency.
    """

    day = models.DateField()
    currency = models.CharField(max_length=8)
    position_minor = models.BigIntegerField()
    rate = models.DecimalField(max_digits=24, decimal_places=10)
    rate_at = models.DateTimeField()
    home_currency = models.CharField(max_length=8)
    carried_minor = models.BigIntegerField(help_text=_("What the books said it was worth before"))
    value_minor = models.BigIntegerField(help_text=_("What it is worth at the closing rate"))
    transfer_id = models.BigIntegerField(null=True, help_text=_("The transfer in the books; none when nothing changed"))
    made_at = models.DateTimeField()

    position = MoneyOf("position_minor")
    carried, value = MoneyOf("carried_minor", "home_currency"), MoneyOf("value_minor", "home_currency")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "currency"], name="a_position_is_revalued_once_a_day"),
            models.CheckConstraint(
                condition=Q(transfer_id__isnull=True, value_minor=F("carried_minor"))
                | (Q(transfer_id__isnull=False) & ~Q(value_minor=F("carried_minor"))),
                name="a_change_of_value_is_in_the_books",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"

    @property
    def gain(self) -> Money:
        """What was booked, as money."""
        return Money(self.gain_minor, self.home_currency)

    @property
    def gain_minor(self) -> int:
        """What was booked: a gain, or a loss below nothing."""
        return self.value_minor - self.carried_minor
