"""The account a business holds; opened by its owners once the bank knows it."""

from django.db import migrations


def seed(apps, schema_editor):
    apps.get_model("accounts", "Product").objects.get_or_create(
        code="BUSINESS", defaults={"name": "Business account", "account_type": "BUSINESS", "currency": "KES"}
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_business_accounts_and_mandates")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
