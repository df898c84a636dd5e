"""The billers the directory opens with: those whose paybills their owner announced to the public; staff write others.

Kenya Power's notice of 1 September 2022 names its three paybills, and says that prepaid takes 100 to 35,000 shillings.
"""

from datetime import date

from django.db import migrations

OPENED = date(2023, 7, 1)
METER, ACCOUNT = ("Meter number", "Namba ya mita"), ("Account number", "Namba ya akaunti")
# code, name, paybill, what the account is called, its pattern, an example, least and most in shillings
BILLERS = [
    ("kplc-prepaid", "KPLC Prepaid", "888880", METER, "[0-9]{11}", "14253647586", 100, 35_000),
    ("kplc-postpaid", "KPLC Postpaid", "888888", ACCOUNT, "[0-9]{6,11}", "123456789", 10, 250_000),
]


def seed(apps, schema_editor):
    for code, name, paybill, label, pattern, example, least, most in BILLERS:
        apps.get_model("payments", "Biller").objects.create(
            code=code,
            valid_from=OPENED,
            name=name,
            category="POWER",
            paybill=paybill,
            account_label=label[0],
            account_label_sw=label[1],
            account_pattern=pattern,
            example=example,
            least_minor=least * 100,
            most_minor=most * 100,
        )


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_billers_and_airtime")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
