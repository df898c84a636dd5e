"""Where a batch's money stands between its payer and its payees, and the product of the bank's own accounts."""

from django.db import migrations

NUMBERS = {"KES": 404, "USD": 840, "EUR": 978, "GBP": 826, "UGX": 800, "TZS": 834}
HOUSE = {"name": "Account of the bank itself", "account_type": "TRANSACTION", "currency": "KES", "is_active": False}


def seed(apps, schema_editor):
    apps.get_model("accounts", "Product").objects.get_or_create(code="HOUSE", defaults=HOUSE)
    line = {"name": "Bulk payments on the way", "kind": "LIABILITY", "role": "POSTING", "mode": 1, "parent_id": 2000}
    apps.get_model("ledger", "ChartLine").objects.get_or_create(number=2195, defaults=line)
    apps.get_model("ledger", "GlPurpose").objects.get_or_create(code="bulk:payouts", defaults={"line_id": 2195})
    with schema_editor.connection.cursor() as cursor:
        for currency, number in NUMBERS.items():
            cursor.execute("SELECT ledger_ensure_chart(%s, %s, statement_timestamp())", [currency, number])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_exchange_lines"),
        ("ledger", "0010_holidays"),
        ("payments", "0007_bulk_payments"),
    ]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
