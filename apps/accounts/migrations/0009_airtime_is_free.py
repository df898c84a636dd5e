"""Airtime costs nothing on top, up to the most that is sold at once: the network leaves the bank its commission."""

from datetime import date

from django.db import migrations


def seed(apps, schema_editor):
    rule = apps.get_model("accounts", "FeeRule").objects.create(
        charged_for="AIRTIME", currency="KES", valid_from=date(2023, 7, 1)
    )
    apps.get_model("accounts", "FeeBand").objects.create(rule=rule, upto_minor=1_000_000, flat_minor=0, rate="0")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_first_merchant_fee")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
