from django.db import migrations

from apps.kernel.sealing import key_clear, seal_clear  # no SQL can seal: the keys never reach the database


def seal(_apps, _editor):
    """Where consents and orders of apps pay to outside the bank."""
    seal_clear(
        "open_banking_paymentterms", {"destination_clear": "destination", "payee_address_clear": "payee_address"}
    )
    seal_clear("open_banking_transactionrequest", {"details_clear": "details"})
    key_clear("open_banking_paymentterms", "payee_key")


class Migration(migrations.Migration):
    """Each batch commits by itself: a run that dies is finished by the next."""

    atomic = False
    dependencies = [
        ("open_banking", "0009_columns_for_sealed_places"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
