"""Money of a payment that goes back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.payments.models.payment import Payment


class Refund(models.Model):
    """Money of a payment inside the bank that goes back to its payer: all of it or a part (minor units)."""

    class Status(models.TextChoices):
        """Where it stands."""

        WAITING = "WAITING", _("Waiting for approval")
        DONE = "DONE", _("Done")
        RETURNED = "RETURNED", _("Not approved")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    status = models.CharField(max_length=8, choices=Status.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=12, unique=True)
    key = models.CharField(max_length=120, help_text=_("The form, sent once"))
    approval = models.ForeignKey("kernel.Approval", on_delete=models.PROTECT, null=True, related_name="+")
    from_takings = models.BooleanField(
        default=False, help_text=_("Out of what the shop was not paid out yet, rather than from an account")
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    transfer_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    class Meta:
        permissions = [("refund_transactions", "Can send payments back")]
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], name="a_refund_form_counts_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_refund_gives_something"),
            models.CheckConstraint(condition=Q(from_takings=False) | Q(status="DONE"), name="takings_pay_what_is_done"),
            models.CheckConstraint(
                condition=Q(status="DONE", transfer_id__isnull=False, done_at__isnull=False)
                | (~Q(status="DONE") & Q(transfer_id=None, done_at=None)),
                name="done_refunds_are_in_the_books",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
