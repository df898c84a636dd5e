from django.db import migrations

from apps.kernel.sealing import key_clear  # no SQL can: the key never reaches the database


def key(_apps, _editor):
    """Payees outside the bank whom payments were stopped to, or who are blocked."""
    key_clear("fraud_flaggedtransaction", "payee")
    key_clear("fraud_blockeditem", "value")


class Migration(migrations.Migration):
    """Each batch commits by itself: a run that dies is finished by the next."""

    atomic = False
    dependencies = [
        ("fraud", "0008_no_index_twice"),
    ]

    operations = [migrations.RunPython(key, migrations.RunPython.noop)]
