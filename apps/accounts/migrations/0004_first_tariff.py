"""The tariff the bank opens with, and the duty the law puts on fees. Sending inside KitBank has no row: it is free."""

from datetime import date

from django.db import migrations

OPENED = date(2023, 7, 1)
DUTY = [
    ("MONEY_TRANSFER", "0.15", date(2023, 7, 1), "Excise Duty Act, First Schedule Part II, by the Finance Act 2023"),
    ("OTHER", "0.20", date(2018, 7, 1), "Excise Duty Act, First Schedule Part II, by the Finance Act 2018"),
]
# charged for, then bands: up to (shillings), flat (shillings), share, most (shillings)
TARIFF = {
    "CASH_WITHDRAWAL": [(5_000, 25, "0", None), (50_000, 50, "0", None), (None, 0, "0.00100", 500)],
    "MOBILE_MONEY": [(100, 0, "0", None), (1_500, 7, "0", None), (5_000, 12, "0", None), (15_000, 18, "0", None),
                     (250_000, 25, "0", None)],
    "BILL_PAYMENT": [(100, 0, "0", None), (5_000, 10, "0", None), (250_000, 20, "0", None)],
    "MERCHANT_PAYMENT": [(250_000, 0, "0", None)],
    "EXTERNAL_TRANSFER": [(1_000, 15, "0", None), (50_000, 40, "0", None), (200_000, 80, "0", None),
                          (999_999, 150, "0", None)],
    "INTERNATIONAL_REMITTANCE": [(None, 100, "0.01000", 5_000)],
}  # fmt: skip


def minor(shillings):
    return None if shillings is None else shillings * 100


def seed(apps, schema_editor):
    DutyRate = apps.get_model("accounts", "DutyRate")
    FeeRule = apps.get_model("accounts", "FeeRule")
    FeeBand = apps.get_model("accounts", "FeeBand")
    for duty_class, rate, valid_from, source in DUTY:
        DutyRate.objects.create(duty_class=duty_class, rate=rate, valid_from=valid_from, source=source)
    for charged_for, bands in TARIFF.items():
        rule = FeeRule.objects.create(charged_for=charged_for, currency="KES", valid_from=OPENED)
        for upto, flat, rate, most in bands:
            FeeBand.objects.create(
                rule=rule, upto_minor=minor(upto), flat_minor=minor(flat), rate=rate, most_minor=minor(most)
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_tariffs")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
