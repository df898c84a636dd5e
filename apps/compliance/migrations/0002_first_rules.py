"""The rules the watch opens with: version 1 of each, with figures that a person confirms (amounts in cents)."""

from datetime import UTC, datetime

from django.db import migrations

FIRST = [
    ("STRUCTURING", {"count": 3, "days": 7, "usd": 15000}, "HIGH"),
    ("RAPID_IN_OUT", {"hours": 24, "least_minor": 15000000, "share": "0.80", "times_usual": "1.5"}, "HIGH"),
    ("DORMANT_ACTIVE", {"days": 180, "least_minor": 5000000}, "MEDIUM"),
    ("ROUND_TRIP", {"days": 14, "hops": 4, "least_minor": 10000000, "share": "0.70"}, "HIGH"),
    ("ROUND_AMOUNTS", {"count": 6, "days": 7, "least_minor": 5000000, "multiple_minor": 1000000}, "LOW"),
    ("VELOCITY", {"count": 15, "times_usual": "5"}, "LOW"),
    ("CASH_OVER", {"usd": 15000}, "LOW"),
    ("MANY_TO_ONE", {"count": 8, "hours": 24, "least_minor": 10000000}, "HIGH"),
    ("ONE_TO_MANY", {"count": 8, "hours": 24, "least_minor": 10000000}, "MEDIUM"),
    ("DRAIN", {"hours": 24, "least_minor": 10000000, "share": "0.90", "times_usual": "2"}, "HIGH"),
    ("CORRIDOR", {"countries": "IR,KP,MM", "least_minor": 1}, "MEDIUM"),
]


def seed(apps, schema_editor):
    AmlRule = apps.get_model("compliance", "AmlRule")
    for code, parameters, severity in FIRST:
        AmlRule.objects.create(
            code=code,
            parameters=parameters,
            severity=severity,
            source="POCAMLA and the bank's own judgement; to be confirmed by the MLRO",
            since=datetime(2026, 1, 1, tzinfo=UTC),
        )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_the_watch")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
