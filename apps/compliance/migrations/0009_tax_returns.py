"""Returns of tax by month, the computations behind them, and when the law wants them (to be confirmed)."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

_SEED = """
INSERT INTO compliance_taxduerule (kind, valid_from, unit, days, source) VALUES
 ('EXCISE', '2015-12-01', 'DAY_OF_NEXT_MONTH', 20,
  'Excise Duty Act 2015, s. 36(2); Tax Procedures Act 2015, s. 77; to be confirmed by the tax adviser'),
 ('WITHHOLDING', '2016-01-01', 'DAY_OF_NEXT_MONTH', 20,
  'Income Tax Act (Cap. 470), s. 35(5); Tax Procedures Act 2015, s. 77; to be confirmed by the tax adviser'),
 ('WITHHOLDING', '2023-07-01', 'WORKING_DAYS', 5,
  'Income Tax Act (Cap. 470), s. 35(5) as amended by the Finance Act 2023; to be confirmed by the tax adviser')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0008_money_through_groups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TaxLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("ACCRUED", "Came up in the month"),
                            ("REVERSED", "Given back in the month"),
                            ("LATE", "Of earlier months, after they were computed"),
                            ("PAID", "Paid over"),
                            ("ON_ACCOUNT", "Paid on account"),
                        ],
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(help_text="The kind of transfer", max_length=40)),
                ("product", models.CharField(blank=True, default="", max_length=30)),
                ("entries", models.PositiveIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TaxReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("EXCISE", "Excise duty on fees"),
                            ("WITHHOLDING", "Withholding tax on interest and dividends"),
                        ],
                        max_length=11,
                    ),
                ),
                ("currency", models.CharField(default="KES", max_length=8)),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("FILED", "Filed"), ("PAID", "Paid")],
                        default="DRAFT",
                        max_length=5,
                    ),
                ),
                ("drafted_at", models.DateTimeField()),
                ("filed_at", models.DateTimeField(null=True)),
                ("acknowledgement", models.CharField(blank=True, default="", help_text="KRA's number", max_length=60)),
                (
                    "prn",
                    models.CharField(blank=True, default="", help_text="Payment registration number", max_length=30),
                ),
                ("bank_reference", models.CharField(blank=True, default="", max_length=60)),
                ("paid_on", models.DateField(null=True)),
                ("transfer_id", models.BigIntegerField(help_text="The transfer in the books", null=True)),
            ],
            options={
                "permissions": [
                    ("view_taxes", "Can read tax returns"),
                    ("file_taxes", "Can compute and file tax returns, and pay them with a second person"),
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TaxComputation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("since_transfer", models.BigIntegerField()),
                ("upto_transfer", models.BigIntegerField()),
                ("opening_minor", models.BigIntegerField()),
                ("accrued_minor", models.BigIntegerField()),
                ("reversed_minor", models.BigIntegerField()),
                ("late_minor", models.BigIntegerField()),
                ("paid_minor", models.BigIntegerField()),
                ("on_account_minor", models.BigIntegerField()),
                ("closing_minor", models.BigIntegerField()),
                ("credit_minor", models.BigIntegerField(help_text="Overpaid in earlier months and not used yet")),
                ("payable_minor", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TaxDueRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("EXCISE", "Excise duty on fees"),
                            ("WITHHOLDING", "Withholding tax on interest and dividends"),
                        ],
                        max_length=11,
                    ),
                ),
                ("valid_from", models.DateField()),
                (
                    "unit",
                    models.CharField(
                        choices=[("DAY_OF_NEXT_MONTH", "Day of the next month"), ("WORKING_DAYS", "Working days")],
                        max_length=17,
                    ),
                ),
                ("days", models.PositiveSmallIntegerField()),
                ("source", models.CharField(help_text="The law that says so", max_length=240)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "valid_from"), name="one_change_of_due_days_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__gte", 1), ("days__lte", 28), ("unit__in", ["DAY_OF_NEXT_MONTH", "WORKING_DAYS"])
                        ),
                        name="due_is_near",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxduerule",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="83d510640c3dbf656015ef6e189e382318a1e189",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_96208",
                    table="compliance_taxduerule",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxduerule",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="46dde5f2c1436cf8eac25fed9a10e6298ea852f7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_f8bb2",
                    table="compliance_taxduerule",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="taxline",
            name="computation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="compliance.taxcomputation"
            ),
        ),
        migrations.AddField(
            model_name="taxreturn",
            name="computation",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="compliance.taxcomputation"
            ),
        ),
        migrations.AddField(
            model_name="taxreturn",
            name="computed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="taxreturn",
            name="filed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="taxreturn",
            name="follows",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="compliance.taxreturn",
            ),
        ),
        migrations.AddField(
            model_name="taxreturn",
            name="paid_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="taxreturn",
            name="pay_asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="taxcomputation",
            name="tax_return",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="computations", to="compliance.taxreturn"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxline",
            constraint=models.UniqueConstraint(
                fields=("computation", "part", "source", "product"), name="one_tax_line_a_source_and_product"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxline",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__in", ["ACCRUED", "REVERSED", "LATE", "PAID", "ON_ACCOUNT"])),
                name="tax_part_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxline",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7acf49d59d099503fb7f641b779d6162d4b0341e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_f7315",
                    table="compliance_taxline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxline",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="cfba7419ff0449dd376a8467d06cd8da4ec635f2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_99f4a",
                    table="compliance_taxline",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="taxreturn",
            index=models.Index(
                condition=models.Q(("status", "PAID"), _negated=True), fields=["due_on"], name="taxes_by_time_left"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.UniqueConstraint(fields=("kind", "currency", "first_on"), name="one_tax_return_a_month"),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.UniqueConstraint(
                condition=models.Q(("follows", None)), fields=("kind", "currency"), name="tax_returns_are_one_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.UniqueConstraint(
                condition=models.Q(("acknowledgement", ""), _negated=True),
                fields=("kind", "acknowledgement"),
                name="kra_acknowledges_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.UniqueConstraint(
                condition=models.Q(("prn", ""), _negated=True), fields=("prn",), name="a_prn_is_paid_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_on__day", 1),
                    ("kind__in", ["EXCISE", "WITHHOLDING"]),
                    ("status__in", ["DRAFT", "FILED", "PAID"]),
                ),
                name="tax_return_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("filed_by", None), models.Q(("filed_by", models.F("computed_by")), _negated=True), _connector="OR"
                ),
                name="nobody_files_their_own_figures",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledgement", ""), ("filed_at", None), ("filed_by", None), ("status", "DRAFT")),
                    models.Q(
                        models.Q(("status", "DRAFT"), _negated=True),
                        models.Q(("acknowledgement", ""), _negated=True),
                        ("computation__isnull", False),
                        ("filed_at__isnull", False),
                        ("filed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_filed_return_was_acknowledged",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("status", "PAID"), _negated=True),
                        ("paid_by", None),
                        ("paid_on", None),
                        ("prn", ""),
                        ("transfer_id", None),
                    ),
                    models.Q(
                        ("paid_on__isnull", False),
                        ("status", "PAID"),
                        ("transfer_id__isnull", False),
                        models.Q(("prn", ""), _negated=True),
                        models.Q(("bank_reference", ""), _negated=True),
                        models.Q(("paid_by", models.F("pay_asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_paid_return_was_paid_by_two",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="tax_returns_are_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="e7a3b2b469de8d051c426952a739aa682a79effe",
                    operation="DELETE",
                    pgid="pgtrigger_tax_returns_are_kept_a32d9",
                    table="compliance_taxreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="filed_figures_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'PAID' OR (OLD.status = 'FILED' AND (NEW.status = 'DRAFT' OR ROW(OLD.kind, OLD.currency, OLD.first_on, OLD.last_on, OLD.due_on, OLD.follows_id, OLD.computation_id, OLD.computed_by_id, OLD.filed_by_id, OLD.filed_at, OLD.acknowledgement) IS DISTINCT FROM ROW(NEW.kind, NEW.currency, NEW.first_on, NEW.last_on, NEW.due_on, NEW.follows_id, NEW.computation_id, NEW.computed_by_id, NEW.filed_by_id, NEW.filed_at, NEW.acknowledgement))))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="4d34f2abb2e16725a261c60ee9f7f6b9364e56ec",
                    operation="UPDATE",
                    pgid="pgtrigger_filed_figures_stay_b94fe",
                    table="compliance_taxreturn",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="taxcomputation",
            constraint=models.UniqueConstraint(fields=("tax_return", "number"), name="one_tax_computation_a_number"),
        ),
        migrations.AddConstraint(
            model_name="taxcomputation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closing_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("opening_minor"), "+", models.F("accrued_minor")
                                        ),
                                        "-",
                                        models.F("reversed_minor"),
                                    ),
                                    "+",
                                    models.F("late_minor"),
                                ),
                                "-",
                                models.F("paid_minor"),
                            ),
                            "-",
                            models.F("on_account_minor"),
                        ),
                    )
                ),
                name="tax_figures_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxcomputation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credit_minor__gte", 0),
                    (
                        "payable_minor",
                        django.db.models.functions.comparison.Greatest(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("accrued_minor"), "-", models.F("reversed_minor")
                                        ),
                                        "+",
                                        models.F("late_minor"),
                                    ),
                                    "-",
                                    models.F("credit_minor"),
                                ),
                                "-",
                                models.F("on_account_minor"),
                            ),
                            0,
                        ),
                    ),
                ),
                name="tax_payable_follows",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxcomputation",
            constraint=models.CheckConstraint(
                condition=models.Q(("since_transfer__lte", models.F("upto_transfer"))),
                name="a_tax_computation_goes_forward",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxcomputation",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="68b25350dcf8c3502726ed8ea818dda9c877a4c5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_d2da3",
                    table="compliance_taxcomputation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxcomputation",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="03991c20db13ad0ab9d2525a8fcdc011784a3376",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_a2c6e",
                    table="compliance_taxcomputation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(_SEED, migrations.RunSQL.noop),
    ]
