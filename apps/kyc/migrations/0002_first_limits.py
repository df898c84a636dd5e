"""The limits the bank opens with (KES, minor units); each later change is a row of its own."""

from datetime import date

from django.db import migrations

FIRST = {
    "TIER_1": (50_000_00, 100_000_00, 100_000_00),
    "TIER_2": (250_000_00, 500_000_00, 1_000_000_00),
    "TIER_3": (1_000_000_00, 3_000_000_00, None),
}


def seed(apps, schema_editor):
    TierLimit = apps.get_model("kyc", "TierLimit")
    for tier, amounts in FIRST.items():
        for kind, amount in zip(("SINGLE", "DAILY", "BALANCE"), amounts, strict=True):
            TierLimit.objects.get_or_create(
                tier=tier,
                kind=kind,
                currency="KES",
                valid_from=date(2020, 1, 1),
                defaults={"amount_minor": amount, "source": "KitBank product rule"},
            )


class Migration(migrations.Migration):
    dependencies = [("kyc", "0001_tier_limits")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
