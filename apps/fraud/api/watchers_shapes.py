"""How back-tests, models, devices, SIMs and the quality of rules are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.fraud.api.serializers import BackTestShown
from apps.fraud.models import AnomalyModel, AnomalyReading, BackTestJob, SimAge
from apps.users.api.serializers import Strict


class BackTestJobShown(serializers.ModelSerializer[BackTestJob]):
    """A back-test: `done` of `total` checks were looked at; its figures once it is DONE."""

    id = serializers.UUIDField(source="public_id")
    status: Any = serializers.CharField()
    figures = BackTestShown(source="back_test", allow_null=True)

    class Meta:
        model = BackTestJob
        fields = ["id", "code", "expression", "weight", "is_active", "status", "done", "total", "why", "asked_at",
                  "ended_at", "figures"]  # fmt: skip


class AnomalyDriftShown(serializers.ModelSerializer[AnomalyReading]):
    """One look: how far a week's payments are from those of training (0.25 and more is far)."""

    class Meta:
        model = AnomalyReading
        fields = ["on_date", "checks", "psi"]


class AnomalyModelShown(serializers.ModelSerializer[AnomalyModel]):
    """A model with its card; the trees themselves stay in the bank."""

    status: Any = serializers.CharField()
    metrics: Any = serializers.DictField()
    card: Any = serializers.DictField()
    readings = AnomalyDriftShown(many=True)

    class Meta:
        model = AnomalyModel
        fields = ["id", "name", "status", "artefact_hash", "trained_on", "is_synthetic", "seed", "metrics", "card",
                  "trained_at", "in_use_from", "retired_at", "retired_because", "readings"]  # fmt: skip


class WhyModel(Strict):
    """Why."""

    why = serializers.CharField(max_length=300)


class JudgePayee(Strict):
    """Whether the payee took part in fraud, and what was found out."""

    is_fraud = serializers.BooleanField()
    note = serializers.CharField(max_length=300)


class OfUser(Strict):
    """Of whom."""

    user = serializers.IntegerField(min_value=1, max_value=2**62)


class PayingDeviceShown(serializers.Serializer[Any]):
    """A device by its print; `customers` is how many paid from it, and only known of one that names itself."""

    device_fingerprint = serializers.CharField(source="value")
    names_itself = serializers.BooleanField()
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    customers = serializers.IntegerField(allow_null=True)


class SimAgeShown(serializers.ModelSerializer[SimAge]):
    """`answered_at` without `changed_on`: not within three months. `silence`: why there was no answer last time."""

    class Meta:
        model = SimAge
        fields = ["user", "wanted_at", "asked_at", "answered_at", "changed_on", "source", "silence"]


class RuleQualityShown(serializers.Serializer[Any]):
    """A rule: held payments it was part of, those decided, and those of them that were nothing."""

    code = serializers.CharField()
    held = serializers.IntegerField()
    decided = serializers.IntegerField()
    cleared = serializers.IntegerField()
    false_percent = serializers.IntegerField(allow_null=True)
