"""What taking payments costs a shop: one per cent of a day's sales."""

from datetime import date

from django.db import migrations


def seed(apps, schema_editor):
    rule = apps.get_model("accounts", "FeeRule").objects.create(
        charged_for="MERCHANT_FEE", currency="KES", valid_from=date(2023, 7, 1)
    )
    apps.get_model("accounts", "FeeBand").objects.create(rule=rule, rate="0.01000")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_merchant_fee_and_categories")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
