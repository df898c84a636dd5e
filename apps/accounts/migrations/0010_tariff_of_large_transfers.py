"""From November 2026 what PesaLink does not carry goes by RTGS, at a price: the tariff to other banks gets a last band."""

from datetime import date

from django.db import migrations

FROM = date(2026, 11, 1)
BANDS = [(1_000, 15), (50_000, 40), (200_000, 80), (999_999, 150), (None, 500)]  # up to, flat: shillings


def seed(apps, schema_editor):
    rule = apps.get_model("accounts", "FeeRule").objects.create(
        charged_for="EXTERNAL_TRANSFER", currency="KES", valid_from=FROM
    )
    for upto, flat in BANDS:
        apps.get_model("accounts", "FeeBand").objects.create(
            rule=rule, upto_minor=None if upto is None else upto * 100, flat_minor=flat * 100
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_airtime_is_free")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
