"""How people repaid, which loans may fail, and what was noticed early."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.states import WarningStatus
from apps.kernel.triggers import append_only


class PaymentHistoryAnalysis(models.Model):
    """A person's instalments that had fallen due by a moment: paid in time, late, not at all. Written once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    on_time = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    missed = models.PositiveIntegerField()
    repayment_rate = models.DecimalField(
        max_digits=5, decimal_places=4, null=True, help_text=_("None: nothing was due")
    )
    average_days_late = models.DecimalField(max_digits=7, decimal_places=2)
    worst_days_late = models.PositiveIntegerField()
    analysed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "payment history analyses"
        constraints = [
            models.CheckConstraint(
                condition=Q(repayment_rate=None) | Q(repayment_rate__gte=0, repayment_rate__lte=1),
                name="repayment_rate_is_a_share",
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="histories_of_a_person")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user_id} {self.analysed_at:%Y-%m-%d}"


class DefaultPrediction(models.Model):
    """The chance that one live loan fails within a number of days, and what drives it. Written once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    loan_reference = models.CharField(max_length=120)
    horizon_days = models.PositiveSmallIntegerField()
    probability = models.DecimalField(max_digits=7, decimal_places=6)
    band = models.CharField(
        max_length=6,
        choices=[("LOW", _("Low")), ("MEDIUM", _("Medium")), ("HIGH", _("High")), ("SEVERE", _("Severe"))],
    )
    drivers = models.JSONField(default=list)
    model_version = models.CharField(max_length=60)
    predicted_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="a_prediction_is_a_probability"
            ),
            models.CheckConstraint(condition=Q(horizon_days__gte=1), name="a_prediction_looks_ahead"),
        ]
        indexes = [models.Index(fields=["loan_reference", "-id"], name="predictions_of_a_loan")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.loan_reference}: {self.probability}"


class Signal(models.TextChoices):
    """What was noticed about a live loan."""

    DAYS_LATE = "DAYS_LATE", _("An instalment is late")
    MISSED_TWO = "MISSED_TWO", _("Two or more instalments are unpaid")
    INCOME_FELL = "INCOME_FELL", _("Money in has fallen by half")
    BALANCE_SHORT = "BALANCE_SHORT", _("The balance does not cover the next instalment")
    RISK_ROSE = "RISK_ROSE", _("The risk has doubled since the loan was decided")


class Severity(models.TextChoices):
    """How soon somebody should look."""

    NOTICE = "NOTICE", _("Worth a look")
    SERIOUS = "SERIOUS", _("Look this week")
    SEVERE = "SEVERE", _("Look today")


class EarlyWarning(models.Model):
    """Something noticed about a live loan; open once for each signal until it is closed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    loan_reference = models.CharField(max_length=120)
    signal = models.CharField(max_length=14, choices=Signal.choices)
    severity = models.CharField(max_length=7, choices=Severity.choices)
    facts = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=WarningStatus.choices, default=WarningStatus.OPEN)
    raised_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agreed = models.CharField(max_length=500, blank=True, default="", help_text=_("What was agreed, by who closed it"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_by=None) | Q(status="CLOSED") & ~Q(agreed=""), name="who_closes_a_warning_says_why"
            ),
            models.UniqueConstraint(
                fields=["loan_reference", "signal"], condition=~Q(status="CLOSED"), name="a_signal_is_open_once"
            ),
            models.CheckConstraint(condition=Q(signal__in=Signal.values), name="signal_is_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="severity_is_known"),
            models.CheckConstraint(
                condition=Q(status="CLOSED", closed_at__isnull=False)
                | (~Q(status="CLOSED") & Q(closed_at__isnull=True)),
                name="a_closed_warning_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["-raised_at"], condition=~Q(status="CLOSED"), name="warnings_not_closed")]

    def __str__(self) -> str:
        return f"{self.loan_reference}: {self.signal}"
