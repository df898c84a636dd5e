"""The card that decides on a fresh bank: made by `manage.py train_credit --write` from an invented year, and saying so."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from django.db import migrations

CARD = Path(__file__).with_name("first_card.json")
HASH = "b644eb98cd4a639278c273db28ad56534f8e951f24679aa038a37e4362a75a42"  # of the card itself: another file is not this migration


def seed(apps, schema_editor):
    ModelVersion = apps.get_model("credit_scoring", "ModelVersion")
    told = json.loads(CARD.read_text())
    if not told["artefact_hash"] == HASH == sha256(told["artefact"].encode()).hexdigest():
        raise ValueError(f"{CARD.name} is not the card that was shipped")
    opened = datetime(2026, 11, 21, tzinfo=UTC)
    if not ModelVersion.objects.filter(status="CHAMPION").exists():
        ModelVersion.objects.create(**told, status="CHAMPION", trained_at=opened, in_use_from=opened)


class Migration(migrations.Migration):
    dependencies = [("credit_scoring", "0002_first_figures")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
