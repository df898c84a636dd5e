"""Versions of the statistical models, and how far today's customers are from those they were made of."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.states import ModelStatus
from apps.kernel.triggers import append_only


class ModelKind(models.TextChoices):
    """How a model reckons."""

    SCORECARD = "SCORECARD", _("Scorecard (weight of evidence)")
    LIGHTGBM = "LIGHTGBM", _("Gradient boosted trees (LightGBM)")


class ModelVersion(models.Model):
    """One trained model as text that anyone can read, its hash, its figures and its card. Never a pickle."""

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=9, choices=ModelKind.choices)
    status = models.CharField(max_length=10, choices=ModelStatus.choices, default=ModelStatus.CANDIDATE)
    artefact = models.TextField(help_text=_("JSON points, or LightGBM's own text"))
    artefact_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the artefact, looked at on every load"))
    trained_on = models.CharField(max_length=120)
    is_synthetic = models.BooleanField(help_text=_("Made from invented customers"))
    seed = models.BigIntegerField(null=True)
    metrics = models.JSONField(default=dict)
    reference = models.JSONField(default=dict, help_text=_("How the training population was spread, for drift"))
    card = models.JSONField(default=dict)
    card_markdown = models.TextField(blank=True, default="")
    trained_at = models.DateTimeField()
    trained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    in_use_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_portfolio", "Can see the credit model's figures"),
            ("approve_loan", "Can see credit decisions and review them"),
            ("manage_rules", "Can change which credit model decides, four eyes"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="CHAMPION"), name="there_is_one_champion"),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="CHALLENGER"), name="there_is_one_challenger"
            ),
            models.CheckConstraint(condition=Q(status__in=ModelStatus.values), name="model_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=ModelKind.values), name="model_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(status="CHAMPION") | Q(kind="SCORECARD"), name="the_champion_is_a_scorecard"
            ),
            models.CheckConstraint(
                condition=Q(status="RETIRED", retired_at__isnull=False)
                | (~Q(status="RETIRED") & Q(retired_at__isnull=True)),
                name="a_retired_model_has_a_time",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="models_stay_as_trained", exclude=["status", "in_use_from", "retired_at"]),
            pgtrigger.Protect(name="models_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name


class DriftReading(models.Model):
    """One weekly look: the population stability index of the scores and of each characteristic, and what came true."""

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="readings", db_index=False)
    read_on = models.DateField()
    scores = models.PositiveIntegerField(help_text=_("How many scores were looked at"))
    psi = models.DecimalField(max_digits=8, decimal_places=5, null=True, help_text=_("None: too few scores to say"))
    by_characteristic = models.JSONField(default=dict)
    bands = models.JSONField(default=list, help_text=_("Share of each decision-score band, then and now"))
    calibration = models.JSONField(default=list, help_text=_("Promised and seen, by band, once loans are old enough"))
    mean_pd = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    agreement = models.JSONField(default=dict, help_text=_("How a challenger's scores stand beside the champion's"))
    is_alarm = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["model", "read_on"], name="one_drift_reading_a_day"),
            models.CheckConstraint(condition=Q(is_alarm=False) | Q(psi__isnull=False), name="an_alarm_has_a_figure"),
        ]
        indexes = [models.Index(fields=["-read_on"], name="drift_newest_first")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.model_id} {self.read_on}: {self.psi}"
