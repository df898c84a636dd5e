"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.db import migrations, models

INDEXES = [
    ("gateway_webhookdelivery_endpoint_id_7957bdc6", "gateway_webhookdelivery", "endpoint_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("gateway", "0002_connections_to_providers"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="webhookdelivery",
                    name="endpoint",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="gateway.webhookendpoint",
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
