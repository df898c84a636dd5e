"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("mpesa_callback_about_id_fb229c72", "mpesa_callback", "about_id"),
    ("mpesa_mpesabalance_question_id_8a6b766b", "mpesa_mpesabalance", "question_id"),
    ("mpesa_mpesatransaction_user_id_f9f032da", "mpesa_mpesatransaction", "user_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("mpesa", "0012_no_phones_in_clear"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="callback",
                    name="about",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="mpesa.mpesatransaction",
                    ),
                ),
                migrations.AlterField(
                    model_name="mpesabalance",
                    name="question",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="mpesa.balancequestion",
                    ),
                ),
                migrations.AlterField(
                    model_name="mpesatransaction",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
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
