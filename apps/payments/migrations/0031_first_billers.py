"""The billers the directory opens with: only paybills their owners publish; staff write down the others.

Account patterns are wide where the biller publishes none: they stop a slip of the finger, and M-Pesa has the last word.
"""

from datetime import date

from django.db import migrations

OPENED = date(2023, 7, 1)
# code, name, category, paybill, label, label in Kiswahili, pattern, example
BILLERS = [
    ("kplc-prepaid", "KPLC Prepaid", "POWER", "888880", "Meter number", "Namba ya mita", "[0-9]{11}", "14253647586"),
    ("kplc-postpaid", "KPLC Postpaid", "POWER", "888888", "Account number", "Namba ya akaunti", "[0-9]{6,10}",
     "123456789"),
    ("nairobi-water", "Nairobi Water", "WATER", "444400", "Account number", "Namba ya akaunti", "[0-9]{5,10}",
     "1234567"),
    ("dstv", "DStv", "TV", "444900", "Smartcard number", "Namba ya kadi", "[0-9]{10,11}", "1023456789"),
    ("gotv", "GOtv", "TV", "423655", "IUC number", "Namba ya IUC", "[0-9]{10}", "2012345678"),
    ("ecitizen", "eCitizen", "TAX", "222222", "Bill reference", "Namba ya ankara", "[A-Z0-9]{4,13}", "ABCDE12"),
    ("kra", "Kenya Revenue Authority", "TAX", "222222", "Payment slip number (PRN)", "Namba ya PRN",
     "[0-9]{13}", "2020260001234"),
]  # fmt: skip


def seed(apps, schema_editor):
    names = ("code", "name", "category", "paybill", "account_label", "account_label_sw", "account_pattern", "example")
    biller = apps.get_model("payments", "Biller")
    for row in BILLERS:
        biller.objects.create(valid_from=OPENED, **dict(zip(names, row, strict=True)))


class Migration(migrations.Migration):
    dependencies = [("payments", "0030_billers_and_airtime")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
