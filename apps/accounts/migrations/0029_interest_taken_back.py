"""Interest that was paid wrongly and taken back by two, with its tax."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0028_cash_that_was_taken_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InterestReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owed_minor", models.BigIntegerField()),
                ("transfer_id", models.BigIntegerField(help_text="The transfer that answers the payment")),
                (
                    "unearned_transfer_id",
                    models.BigIntegerField(help_text="By which the bank owes the rest no more", null=True),
                ),
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "allowed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back",
                        to="accounts.interestpayment",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("owed_minor__gte", 0)), name="interest_still_owed_is_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_by", models.F("allowed_by")), _negated=True),
                        name="no_one_takes_interest_back_alone",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interestreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e1bcb01e91898ece8cdff27ea824353c0b3721ac",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_767f5",
                    table="accounts_interestreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interestreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="2edb083057d21482f6c7dd90955d07a9f88f87fe",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_a6492",
                    table="accounts_interestreturn",
                    when="BEFORE",
                ),
            ),
        ),
    ]
