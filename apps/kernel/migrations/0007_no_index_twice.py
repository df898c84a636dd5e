"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("kernel_delivery_event_id_ac8d982d", "kernel_delivery", "event_id"),
    ("kernel_idempotencykey_user_id_bc218aeb", "kernel_idempotencykey", "user_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0006_providers_switched_off"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="delivery",
                    name="event",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="kernel.outboxevent",
                    ),
                ),
                migrations.AlterField(
                    model_name="idempotencykey",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
