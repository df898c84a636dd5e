"""The model beside the rules by version, and how far today's payments are from those it was made of."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only


class AnomalyStatus(models.TextChoices):
    """Where a model stands."""

    CANDIDATE = "CANDIDATE", _("Trained, not in use")
    IN_USE = "IN_USE", _("In use")
    RETIRED = "RETIRED", _("Retired")


class AnomalyModel(models.Model):
    """A forest as text that anyone can read, its hash, its figures and its card. Never a pickle.

    It says how odd a payment is (the fact `anomaly`); what that weighs is a rule, with versions and back-test.
    """

    name = models.CharField(max_length=60, unique=True)
    status = models.CharField(max_length=9, choices=AnomalyStatus.choices, default=AnomalyStatus.CANDIDATE)
    artefact = models.TextField(help_text=_("JSON: the trees as lists of numbers"))
    artefact_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the artefact, looked at on every load"))
    trained_on = models.CharField(max_length=120)
    is_synthetic = models.BooleanField(help_text=_("Made from invented payments"))
    seed = models.BigIntegerField()
    metrics = models.JSONField(default=dict)
    reference = models.JSONField(default=dict, help_text=_("How the scores of training were spread, for drift"))
    card = models.JSONField(default=dict)
    trained_at = models.DateTimeField()
    trained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    in_use_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_because = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="IN_USE"), name="one_anomaly_model_in_use"),
            models.CheckConstraint(condition=Q(status__in=AnomalyStatus.values), name="anomaly_status_is_known"),
            models.CheckConstraint(
                condition=(Q(status="RETIRED", retired_at__isnull=False) & ~Q(retired_because=""))
                | (~Q(status="RETIRED") & Q(retired_at=None)),
                name="a_retired_anomaly_model_says_when_and_why",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="anomaly_models_stay_as_trained",
                exclude=["status", "in_use_from", "retired_at", "retired_because"],
            ),
            pgtrigger.Protect(name="anomaly_models_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name


class AnomalyReading(models.Model):
    """One weekly look: the population stability index of the scores against those of training."""

    model = models.ForeignKey(AnomalyModel, on_delete=models.PROTECT, related_name="readings", db_index=False)
    on_date = models.DateField()
    checks = models.PositiveIntegerField()
    psi = models.DecimalField(max_digits=8, decimal_places=4)
    bands = models.JSONField(help_text=_("How many checks fell into each band of training"))
    taken_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["model", "on_date"], name="one_anomaly_reading_a_day"),
            models.CheckConstraint(condition=Q(psi__gte=0), name="a_stability_index_is_not_negative"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.model_id} {self.on_date}"
