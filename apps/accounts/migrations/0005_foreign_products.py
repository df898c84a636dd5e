"""Current accounts in the neighbours' and the world's currencies, beside the dollar account."""

from django.db import migrations

PRODUCTS = [
    ("EUR_CURRENT", "Euro account", "EUR"),
    ("GBP_CURRENT", "Pound account", "GBP"),
    ("UGX_CURRENT", "Uganda shilling account", "UGX"),
    ("TZS_CURRENT", "Tanzania shilling account", "TZS"),
]


def seed(apps, schema_editor):
    Product = apps.get_model("accounts", "Product")
    for code, name, currency in PRODUCTS:
        defaults = {"name": name, "account_type": "TRANSACTION", "currency": currency}
        Product.objects.get_or_create(code=code, defaults=defaults)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_first_tariff")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
