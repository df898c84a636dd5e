from django.db import migrations

from apps.kernel.sealing import key_clear, seal_clear  # no SQL can seal: the keys never reach the database

KEEPERS = ["payments_payment", "payments_payee", "payments_standingorder", "payments_bulkrow"]


def seal(_apps, _editor):
    """Phones, paybill accounts and accounts at other banks, of payments and whom they are to."""
    for table in KEEPERS:
        typed = {"payee_typed_clear": "payee_typed"} if table == "payments_bulkrow" else {}
        seal_clear(table, {"destination_clear": "destination", "payee_address_clear": "payee_address", **typed})
        key_clear(table, "payee_key")


class Migration(migrations.Migration):
    """Each batch commits by itself: a run that dies is finished by the next."""

    atomic = False
    dependencies = [
        ("payments", "0027_columns_for_sealed_places"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
