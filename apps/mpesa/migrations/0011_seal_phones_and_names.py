from django.db import migrations

from apps.kernel.sealing import seal_clear  # no SQL can seal: the keys never reach the database


def seal(_apps, _editor):
    """Phones and names of payments, and M-Pesa's words about them in its statements."""
    seal_clear(
        "mpesa_mpesatransaction", {"phone_clear": "phone", "name_clear": "name"}, prints={"phone": "phone_print"}
    )
    seal_clear("mpesa_statementrow", {"details_clear": "details", "other_party_clear": "other_party"})


class Migration(migrations.Migration):
    """Each batch commits by itself: a run that dies is finished by the next."""

    atomic = False
    dependencies = [
        ("mpesa", "0010_columns_for_sealed_phones"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
