from django.db import migrations

from apps.kernel.sealing import seal_clear  # no SQL can seal: the keys never reach the database


def seal(_apps, _editor):
    """Files sent to banks, and what they tell of our accounts: names, accounts and phones of payers and payees."""
    seal_clear("payments_bankfile", {"content_clear": "content"}, row="message_id")
    seal_clear("payments_banknews", {"raw_clear": "raw"}, row="sha256")


class Migration(migrations.Migration):
    """Each batch commits by itself: a run that dies is finished by the next."""

    atomic = False
    dependencies = [
        ("payments", "0023_columns_for_sealed_words"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
