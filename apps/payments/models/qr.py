"""The QR codes that ask for a payment."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.kernel.money import MoneyOf


class QrCode(models.Model):
    """A code that asks to be paid: open, or for one amount once."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="qr_codes")
    reference = models.CharField(max_length=16, unique=True)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="a_code_asks_for_something"
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(amount_minor=None), name="one_open_code_per_account"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
