"""The most a tier may borrow, whatever its score (KES, minor units)."""

from datetime import date

from django.db import migrations, models

FIRST = {"TIER_1": 15_000_00, "TIER_2": 150_000_00, "TIER_3": 500_000_00}


def seed(apps, schema_editor):
    TierLimit = apps.get_model("kyc", "TierLimit")
    for tier, amount in FIRST.items():
        TierLimit.objects.get_or_create(
            tier=tier,
            kind="LOAN",
            currency="KES",
            valid_from=date(2020, 1, 1),
            defaults={"amount_minor": amount, "source": "KitBank product rule"},
        )


class Migration(migrations.Migration):
    dependencies = [("kyc", "0002_first_limits")]

    operations = [
        migrations.AlterField(
            model_name="tierlimit",
            name="kind",
            field=models.CharField(
                choices=[
                    ("SINGLE", "One payment"),
                    ("DAILY", "Payments in a day"),
                    ("BALANCE", "Balance"),
                    ("LOAN", "Loan"),
                ],
                max_length=7,
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
