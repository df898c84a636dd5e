"""The card that decides on a fresh bank: made by `manage.py train_credit --write` from an invented year, and saying so."""

import json
from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

CARD = Path(__file__).with_name("first_card.json")


def seed(apps, schema_editor):
    ModelVersion = apps.get_model("credit_scoring", "ModelVersion")
    told = json.loads(CARD.read_text())
    opened = datetime(2026, 11, 21, tzinfo=UTC)
    if not ModelVersion.objects.filter(status="CHAMPION").exists():
        ModelVersion.objects.create(**told, status="CHAMPION", trained_at=opened, in_use_from=opened)


class Migration(migrations.Migration):
    dependencies = [("credit_scoring", "0002_first_figures")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
