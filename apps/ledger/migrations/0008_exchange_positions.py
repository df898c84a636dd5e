"""The home-currency side of each position, and what exchange earns: lines of the chart, their purposes, accounts."""

from django.db import migrations

# number, name, kind
LINES = [
    (1411, "Position in US dollars, home equivalent", "ASSET"),
    (1412, "Position in euros, home equivalent", "ASSET"),
    (1413, "Position in pounds sterling, home equivalent", "ASSET"),
    (1414, "Position in Ugandan shillings, home equivalent", "ASSET"),
    (1415, "Position in Tanzanian shillings, home equivalent", "ASSET"),
    (1416, "Position in Rwandan francs, home equivalent", "ASSET"),
    (1417, "Position in South African rand, home equivalent", "ASSET"),
    (4085, "Foreign exchange spread", "INCOME"),
]
PURPOSES = {
    "fx:equivalent:USD": 1411,
    "fx:equivalent:EUR": 1412,
    "fx:equivalent:GBP": 1413,
    "fx:equivalent:UGX": 1414,
    "fx:equivalent:TZS": 1415,
    "fx:equivalent:RWF": 1416,
    "fx:equivalent:ZAR": 1417,
    "fx:spread": 4085,
}
CURRENCIES = {"KES": 404, "USD": 840, "EUR": 978, "GBP": 826, "UGX": 800, "TZS": 834}


def seed(apps, schema_editor):
    line, purpose = apps.get_model("ledger", "ChartLine"), apps.get_model("ledger", "GlPurpose")
    for number, name, kind in LINES:
        parent = 1000 if kind == "ASSET" else 4000
        defaults = {"name": name, "kind": kind, "role": "POSTING", "mode": 1, "parent_id": parent}
        line.objects.get_or_create(number=number, defaults=defaults)
    for code, number in PURPOSES.items():
        purpose.objects.get_or_create(code=code, defaults={"line_id": number})
    with schema_editor.connection.cursor() as cursor:
        for currency, number in CURRENCIES.items():
            cursor.execute("SELECT ledger_ensure_chart(%s, %s, statement_timestamp())", [currency, number])


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_evidence")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
