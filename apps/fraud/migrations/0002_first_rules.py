"""The rules the screen opens with (amounts in shilling cents)."""

from django.db import migrations

FIRST = [
    ("VELOCITY", 6, "0.350"),  # payments out in ten minutes
    ("VELOCITY_EXTREME", 15, "0.600"),
    ("LARGE_AMOUNT", 500_000_00, "0.300"),
    ("LARGE_TO_NEW", 50_000_00, "0.250"),
    ("UNUSUAL_AMOUNT", 5, "0.300"),  # times what the account usually pays
    ("LARGE_DAY", 1_000_000_00, "0.250"),
]


def seed(apps, schema_editor):
    FraudRule = apps.get_model("fraud", "FraudRule")
    for code, threshold, weight in FIRST:
        FraudRule.objects.create(code=code, threshold=threshold, weight=weight)


class Migration(migrations.Migration):
    dependencies = [("fraud", "0001_screening")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
