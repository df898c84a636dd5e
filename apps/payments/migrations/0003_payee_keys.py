"""Payments made before payees had keys get theirs."""

from django.db import migrations

FILL = "UPDATE payments_payment SET payee_key = 'accounts/' || to_account_id WHERE payee_key = ''"


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_rails_and_holds")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
