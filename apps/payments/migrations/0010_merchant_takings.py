"""Where what shops take stands until they are paid out."""

from django.db import migrations

NUMBERS = {"KES": 404, "USD": 840, "EUR": 978, "GBP": 826, "UGX": 800, "TZS": 834}


def seed(apps, schema_editor):
    line = {"name": "Takings of shops to be paid out", "kind": "LIABILITY", "role": "POSTING", "mode": 1}
    apps.get_model("ledger", "ChartLine").objects.get_or_create(number=2085, defaults={**line, "parent_id": 2000})
    apps.get_model("ledger", "GlPurpose").objects.get_or_create(code="merchants:takings", defaults={"line_id": 2085})
    with schema_editor.connection.cursor() as cursor:
        for currency, number in NUMBERS.items():
            cursor.execute("SELECT ledger_ensure_chart(%s, %s, statement_timestamp())", [currency, number])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_first_merchant_fee"),
        ("payments", "0009_merchants_sales_and_settlements"),
    ]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
