"""The chart of rates for fixed deposits that the bank opens with."""

from datetime import date

from django.db import migrations

OPENED = date(2023, 7, 1)
AMOUNTS = (10_000_00, 100_000_00, 1_000_000_00)
CHART = {  # months: the rate from each amount on
    1: ("0.07000", "0.07500", "0.08000"),
    3: ("0.08000", "0.08500", "0.09000"),
    6: ("0.09000", "0.09500", "0.10000"),
    12: ("0.10000", "0.10500", "0.11000"),
}
GROWING = 1_000_00  # what a deposit that grows month by month begins with, from six months on


def seed(apps, schema_editor):
    DepositChart = apps.get_model("accounts", "DepositChart")
    DepositRate = apps.get_model("accounts", "DepositRate")
    chart = DepositChart.objects.create(currency="KES", valid_from=OPENED, premature_rate="0.03000")
    for months, rates in CHART.items():
        for from_minor, rate in zip(AMOUNTS, rates, strict=True):
            DepositRate.objects.create(chart=chart, months=months, from_minor=from_minor, rate=rate)
    for months, rate in ((6, "0.08500"), (12, "0.09500")):
        DepositRate.objects.create(chart=chart, months=months, from_minor=GROWING, rate=rate)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_deposits")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
