from django.db import migrations

from apps.kernel.sealing import seal_clear  # no SQL can seal: the keys never reach the database


def seal(_apps, _editor):
    """Whom consents pay."""
    seal_clear("open_banking_consent", {"payee_clear": "payee"})


class Migration(migrations.Migration):
    """Each batch commits by itself: a run that dies is finished by the next."""

    atomic = False
    dependencies = [
        ("open_banking", "0012_columns_for_sealed_consents"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
