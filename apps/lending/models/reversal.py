"""A repayment that was taken back: by whom, why, and where its money went."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only
from apps.lending.models.loan import Loan
from apps.lending.models.schedule import Repayment


class Because(models.TextChoices):
    """Why a repayment is taken back, in words that the borrower reads."""

    PAYER = "PAYER", _("The payer or M-Pesa took the money back")
    WRONG_LOAN = "WRONG_LOAN", _("It was meant for another loan")
    TWICE = "TWICE", _("It was recorded twice")
    MISTAKE = "MISTAKE", _("It was recorded by mistake")


class RepaymentReversal(models.Model):
    """A repayment that does not count any more; once for each. Its money is on the account it came from, or went on to
    the loan it was meant for (`moved_to`). `version` is the schedule that counts again; none for a recovery.
    """

    repayment = models.OneToOneField(Repayment, on_delete=models.PROTECT, related_name="reversal")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="reversals")
    because = models.CharField(max_length=10, choices=Because.choices)
    reason = models.TextField(max_length=500, help_text=_("In the words of who asked"))
    transfer_id = models.BigIntegerField(unique=True)
    version = models.PositiveSmallIntegerField(null=True)
    moved_to = models.ForeignKey(Loan, on_delete=models.PROTECT, null=True, related_name="+")
    reversed_on = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(because__in=Because.values), name="why_it_was_taken_back_is_known"),
            models.CheckConstraint(condition=~Q(asked_by=F("decided_by")), name="two_take_a_repayment_back"),
            models.CheckConstraint(
                condition=Q(moved_to=None) | ~Q(moved_to=F("loan")), name="it_went_on_to_another_loan"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.repayment_id}: {self.because}"
