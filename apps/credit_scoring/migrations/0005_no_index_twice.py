"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("credit_scoring_bureaureport_user_id_0cb4d2a6", "credit_scoring_bureaureport", "user_id"),
    ("credit_scoring_creditscore_model_id_9f517ed3", "credit_scoring_creditscore", "model_id"),
    ("credit_scoring_creditscore_user_id_ed537018", "credit_scoring_creditscore", "user_id"),
    ("credit_scoring_decision_user_id_d9303e31", "credit_scoring_decision", "user_id"),
    ("credit_scoring_driftreading_model_id_05ef4408", "credit_scoring_driftreading", "model_id"),
    ("credit_scoring_featuresnapshot_user_id_17773c8d", "credit_scoring_featuresnapshot", "user_id"),
    ("credit_scoring_loaneligibility_user_id_e0f785cf", "credit_scoring_loaneligibility", "user_id"),
    ("credit_scoring_paymenthistoryanalysis_user_id_76679294", "credit_scoring_paymenthistoryanalysis", "user_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("credit_scoring", "0004_what_was_agreed_on_warnings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="bureaureport",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="creditscore",
                    name="model",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="credit_scoring.modelversion",
                    ),
                ),
                migrations.AlterField(
                    model_name="creditscore",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="driftreading",
                    name="model",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="credit_scoring.modelversion",
                    ),
                ),
                migrations.AlterField(
                    model_name="featuresnapshot",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="loaneligibility",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="paymenthistoryanalysis",
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
