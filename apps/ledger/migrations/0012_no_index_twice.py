"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.db import migrations, models

INDEXES = [
    ("ledger_eod_step_run_id_f9edf6be", "ledger_eod_step", "run_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0011_posting_in_fewer_steps"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="eodstep",
                    name="run",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="ledger.eodrun",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    [f"DROP INDEX {index}" for index, _table, _column in INDEXES],
                    [f"CREATE INDEX {index} ON {table} ({column})" for index, table, column in INDEXES],
                )
            ],
        )
    ]
