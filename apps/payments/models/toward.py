"""Where money can go, as a payee and a standing order keep it: the same words as on a payment."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, TransactionType
from apps.kernel.fields import EncryptedJSON, EncryptedText

PERSON = TransactionType.P2P_TRANSFER


def goes_somewhere(name: str) -> models.CheckConstraint:
    """An account of this bank, or a rail: never both, never neither."""
    return models.CheckConstraint(
        condition=Q(rail="internal", to_account__isnull=False) | (~Q(rail="internal") & Q(to_account=None)), name=name
    )


class Toward(models.Model):
    """A place that can be paid: an account of this bank, or somewhere a rail goes. `payee_key` knows it again."""

    kind = models.CharField(max_length=24, choices=TransactionType.choices)
    rail = models.CharField(max_length=12, default="internal", help_text=_("What carries it"))
    to_account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    destination = EncryptedJSON()
    payee_name = models.CharField(max_length=140, help_text=_("The verified name, as it was shown"))
    payee_address = EncryptedText(null=True, help_text=_("Phone or account number, as it is shown"))
    payee_key = models.CharField(max_length=80, help_text=_("Who it is, to know them again"))

    class Meta:
        abstract = True

    def where(self) -> dict[str, Any]:
        """The same place for another row."""
        return {field.name: getattr(self, field.name) for field in Toward._meta.get_fields()}
