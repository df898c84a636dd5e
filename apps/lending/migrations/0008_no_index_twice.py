"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("lending_classmove_loan_id_b9a2ef19", "lending_classmove", "loan_id"),
    ("lending_collateralpaper_collateral_id_74bbc6d4", "lending_collateralpaper", "collateral_id"),
    ("lending_collectionentry_case_id_839eebcf", "lending_collectionentry", "case_id"),
    ("lending_collectionletter_case_id_921c415e", "lending_collectionletter", "case_id"),
    ("lending_creditlimit_user_id_99b27dcc", "lending_creditlimit", "user_id"),
    ("lending_guarantee_guarantor_id_49eab06c", "lending_guarantee", "guarantor_id"),
    ("lending_instalment_schedule_id_64bfec28", "lending_instalment", "schedule_id"),
    ("lending_loan_borrower_id_171844f4", "lending_loan", "borrower_id"),
    ("lending_loanentry_loan_id_89eff395", "lending_loanentry", "loan_id"),
    ("lending_loanfee_terms_id_594cc69d", "lending_loanfee", "terms_id"),
    ("lending_lossband_table_id_63df3558", "lending_lossband", "table_id"),
    ("lending_productterms_product_id_f35689f8", "lending_productterms", "product_id"),
    ("lending_promise_loan_id_e9dca893", "lending_promise", "loan_id"),
    ("lending_repayment_loan_id_9a45d64c", "lending_repayment", "loan_id"),
    ("lending_schedule_loan_id_b1d26a96", "lending_schedule", "loan_id"),
    ("lending_tranche_loan_id_4be1e4bc", "lending_tranche", "loan_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0007_room_for_a_days_updates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="classmove",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="lending.loan",
                    ),
                ),
                migrations.AlterField(
                    model_name="collateralpaper",
                    name="collateral",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="lending.collateral",
                    ),
                ),
                migrations.AlterField(
                    model_name="collectionentry",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="lending.collectioncase",
                    ),
                ),
                migrations.AlterField(
                    model_name="collectionletter",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="lending.collectioncase",
                    ),
                ),
                migrations.AlterField(
                    model_name="creditlimit",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_limits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="guarantee",
                    name="guarantor",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guarantees",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="instalment",
                    name="schedule",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="lending.schedule",
                    ),
                ),
                migrations.AlterField(
                    model_name="loan",
                    name="borrower",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loans",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="loanentry",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="lending.loan",
                    ),
                ),
                migrations.AlterField(
                    model_name="loanfee",
                    name="terms",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="lending.productterms",
                    ),
                ),
                migrations.AlterField(
                    model_name="lossband",
                    name="table",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bands",
                        to="lending.losstable",
                    ),
                ),
                migrations.AlterField(
                    model_name="productterms",
                    name="product",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="lending.loanproduct",
                    ),
                ),
                migrations.AlterField(
                    model_name="promise",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="lending.loan",
                    ),
                ),
                migrations.AlterField(
                    model_name="repayment",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repayments",
                        to="lending.loan",
                    ),
                ),
                migrations.AlterField(
                    model_name="schedule",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to="lending.loan",
                    ),
                ),
                migrations.AlterField(
                    model_name="tranche",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tranches",
                        to="lending.loan",
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
