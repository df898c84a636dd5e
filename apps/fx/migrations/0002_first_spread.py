"""The currencies the bank quotes, and its first spread."""

from django.db import migrations


def seed(apps, schema_editor):
    currency, spread = apps.get_model("fx", "Currency"), apps.get_model("fx", "Spread")
    for code in ("KES", "USD", "EUR", "GBP", "UGX", "TZS", "RWF", "ZAR"):
        currency.objects.get_or_create(code=code)
    spread.objects.get_or_create(valid_from="2020-01-01", defaults={"rate": "0.01500"})


class Migration(migrations.Migration):
    dependencies = [("fx", "0001_rates_and_quotes")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
