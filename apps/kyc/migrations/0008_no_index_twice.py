"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("kyc_kycdocument_user_id_c91cf7f8", "kyc_kycdocument", "user_id"),
    ("kyc_listversion_watch_list_id_e5503931", "kyc_listversion", "watch_list_id"),
    ("kyc_screeninghit_user_id_d63dc30f", "kyc_screeninghit", "user_id"),
    ("kyc_verificationworkflow_user_id_6e97d719", "kyc_verificationworkflow", "user_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("kyc", "0007_directors_and_owners"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="kycdocument",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="listversion",
                    name="watch_list",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="kyc.watchlist",
                    ),
                ),
                migrations.AlterField(
                    model_name="screeninghit",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="verificationworkflow",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
