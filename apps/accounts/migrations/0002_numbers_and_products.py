"""Where account numbers come from, and the two accounts everyone gets when they join."""

from django.db import migrations

PRODUCTS = [
    {
        "code": "CURRENT",
        "name": "Current account",
        "account_type": "TRANSACTION",
        "currency": "KES",
        "opens_at_registration": True,
    },
    {
        "code": "SAVINGS",
        "name": "Savings account",
        "account_type": "SAVINGS",
        "currency": "KES",
        "opens_at_registration": True,
        "interest_rate": "0.07500",
    },
    {"code": "USD_CURRENT", "name": "Dollar account", "account_type": "TRANSACTION", "currency": "USD"},
]


def seed(apps, schema_editor):
    Product = apps.get_model("accounts", "Product")
    for product in PRODUCTS:
        Product.objects.get_or_create(code=product["code"], defaults=product)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_accounts_lines_and_cash")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE accounts_number_seq START 1", "DROP SEQUENCE accounts_number_seq"),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
