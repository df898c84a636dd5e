"""Less to do for every transfer: only a reversal is asked what it reverses, and accounts answer from an index.

The foreign key on `reverses` was queued and called for each of a hundred thousand transfers that reverse nothing. The
trigger `reversal_mirrors` finds what is reversed, and transfers are never deleted. An account's entries are indexed
upwards: PostgreSQL fills pages well where rows of a group come in rising order, and reads them backwards as fast.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0012_no_index_twice"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transfer",
            name="reverses",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversals",
                to="ledger.transfer",
            ),
        ),
        migrations.RemoveIndex(model_name="entry", name="entries_of_account"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "id"], name="entries_of_account"),
        ),
        migrations.AddIndex(
            model_name="ledgeraccount",
            index=models.Index(fields=["id"], include=("currency", "role"), name="account_takes_entries"),
        ),
    ]
