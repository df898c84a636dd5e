"""A repayment keeps how its loan stood before it, and can be taken back by two people."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0011_who_got_other_terms_stays_in_class"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="repayment",
            name="before",
            field=models.JSONField(help_text="How the loan stood until then", null=True),
        ),
        migrations.AlterField(
            model_name="schedule",
            name="why",
            field=models.CharField(
                choices=[
                    ("FIRST", "As agreed"),
                    ("PREPAID", "Paid ahead"),
                    ("RESCHEDULED", "More time"),
                    ("MORATORIUM", "A pause"),
                    ("REAGED", "Arrears spread over what is left"),
                    ("NEW_RATE", "Another rate"),
                    ("DRAWN", "Another part paid out"),
                    ("BACK_DATED", "A payment that had come earlier"),
                    ("TAKEN_BACK", "A payment was taken back"),
                ],
                max_length=11,
            ),
        ),
        migrations.CreateModel(
            name="RepaymentReversal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("PAYER", "The payer or M-Pesa took the money back"),
                            ("WRONG_LOAN", "It was meant for another loan"),
                            ("TWICE", "It was recorded twice"),
                            ("MISTAKE", "It was recorded by mistake"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(help_text="In the words of who asked", max_length=500)),
                ("transfer_id", models.BigIntegerField(unique=True)),
                ("version", models.PositiveSmallIntegerField(null=True)),
                ("reversed_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reversals", to="lending.loan"
                    ),
                ),
                (
                    "moved_to",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lending.loan"
                    ),
                ),
                (
                    "repayment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reversal", to="lending.repayment"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("because__in", ["PAYER", "WRONG_LOAN", "TWICE", "MISTAKE"])),
                        name="why_it_was_taken_back_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_by", models.F("decided_by")), _negated=True),
                        name="two_take_a_repayment_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("moved_to", None), models.Q(("moved_to", models.F("loan")), _negated=True), _connector="OR"
                        ),
                        name="it_went_on_to_another_loan",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repaymentreversal",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ea4e0eb92c03ebc2d4b30031bb984d28773ab515",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_d769b",
                    table="lending_repaymentreversal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repaymentreversal",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="1ec464e42b806621eacda3d9e472eb3fa5416d36",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_4fbc4",
                    table="lending_repaymentreversal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
