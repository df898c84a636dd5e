"""Rules become expressions of the language with sentences for people, dated and written once; what they said stays."""

import datetime
import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Each of the six with its own figure, in the words of the language. Figures of amounts were cents.
_FILL = """
UPDATE fraud_fraudrule rule SET expression = format(said.expression, said.figure),
       sentence_en = said.en, sentence_sw = said.sw
  FROM (SELECT old.id, told.expression, told.en, told.sw,
               trim_scale(CASE WHEN told.is_money THEN old.threshold / 100 ELSE old.threshold END)::text AS figure
          FROM fraud_fraudrule old JOIN (VALUES
    ('VELOCITY', false, 'sent_in_ten_minutes >= %s', 'Many payments in ten minutes: {sent_in_ten_minutes} before this one',
     'Malipo mengi ndani ya dakika kumi: {sent_in_ten_minutes} kabla ya hili'),
    ('VELOCITY_EXTREME', false, 'sent_in_ten_minutes >= %s',
     'Very many payments in ten minutes: {sent_in_ten_minutes} before this one',
     'Malipo mengi mno ndani ya dakika kumi: {sent_in_ten_minutes} kabla ya hili'),
    ('LARGE_AMOUNT', true, 'amount >= KES %s', 'A large amount: {amount}', 'Kiasi kikubwa: {amount}'),
    ('LARGE_TO_NEW', true, 'is_new_recipient and amount >= KES %s',
     'A large amount to someone never paid before: {amount}', 'Kiasi kikubwa kwa mtu ambaye hajawahi kulipwa: {amount}'),
    ('UNUSUAL_AMOUNT', false, 'amount > %s * usual', 'Far more than this account usually pays: {amount}, usually {usual}',
     'Zaidi sana ya kawaida ya akaunti hii: {amount}, kwa kawaida {usual}'),
    ('LARGE_DAY', true, 'sent_in_a_day + amount >= KES %s', 'Much sent in one day: {sent_in_a_day} before this {amount}',
     'Pesa nyingi zimetumwa kwa siku moja: {sent_in_a_day} kabla ya hizi {amount}')
               ) told (code, is_money, expression, en, sw) ON told.code = old.code) said
 WHERE said.id = rule.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("fraud", "0004_rule_versions"),
        ("users", "0005_ussd_pins"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("password_changed_at", models.DateTimeField(null=True)),
                ("sim_changed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BackTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30)),
                ("expression", models.CharField(max_length=400)),
                ("weight", models.DecimalField(decimal_places=3, max_digits=4)),
                ("is_active", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("checks", models.PositiveIntegerField()),
                ("without_facts", models.PositiveIntegerField(help_text="Checks from before facts were kept")),
                ("hits", models.PositiveIntegerField(help_text="Checks for which the rule itself holds")),
                ("today", models.JSONField(help_text="How many are allowed, held and blocked by the rules of today")),
                ("would", models.JSONField(help_text="The same with the proposed version")),
                ("samples", models.JSONField(default=list)),
                ("warnings", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("hits__lte", models.F("checks"))), name="a_rule_holds_for_checks_it_saw"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("since__lt", models.F("until"))), name="a_back_test_goes_forward"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="BlockedItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("DEVICE", "Device"), ("IP", "Internet address"), ("PAYEE", "Payee")], max_length=6
                    ),
                ),
                ("value", models.CharField(max_length=80)),
                ("why", models.CharField(max_length=300)),
                ("until", models.DateTimeField(null=True)),
                ("blocked_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_because", models.CharField(blank=True, default="", max_length=300)),
                (
                    "blocked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("kind", "value"),
                        name="a_thing_is_blocked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["DEVICE", "IP", "PAYEE"])), name="blocked_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("value", ""), _negated=True), models.Q(("why", ""), _negated=True)
                        ),
                        name="a_block_says_what_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gt", models.F("blocked_at")), _connector="OR"),
                        name="a_block_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at", None), ("lifted_by", None)),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                models.Q(("lifted_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_lifted_block_says_who_and_why",
                    ),
                ]
            },
        ),
        migrations.RemoveConstraint(
            model_name="fraudrule",
            name="fraud_rule_is_known",
        ),
        migrations.AlterField(
            model_name="fraudrule",
            name="code",
            field=models.CharField(max_length=30),
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="expression",
            field=models.CharField(default="", max_length=400),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="sentence_en",
            field=models.CharField(default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="sentence_sw",
            field=models.CharField(default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="valid_from",
            field=models.DateTimeField(default=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="customer_may_answer",
            field=models.BooleanField(default=True, help_text="The customer's own yes is worth something"),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="fraudrule",
            name="threshold",
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="asks_customer",
            field=models.BooleanField(default=False, help_text="The customer may say whether it was them"),
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="customer_said",
            field=models.CharField(
                blank=True,
                choices=[("", "No answer yet"), ("YES", "It was me"), ("NO", "It was not me")],
                default="",
                max_length=3,
            ),
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="escalated_at",
            field=models.DateTimeField(help_text="When it was told that the promise is nearly over", null=True),
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="payee",
            field=models.CharField(blank=True, default="", help_text="Who would be paid", max_length=80),
        ),
        migrations.AddField(
            model_name="fraudcheck",
            name="facts",
            field=models.JSONField(default=dict, help_text="What was known; rules are tried on it before they hold"),
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="allowed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="flaggedtransaction",
            index=models.Index(
                condition=models.Q(("status", "CONFIRMED"), models.Q(("payee", ""), _negated=True)),
                fields=["payee", "reviewed_at"],
                name="frauds_of_a_payee",
            ),
        ),
        migrations.AddIndex(
            model_name="fraudcheck",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["checked_at"], name="checks_by_time"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fraudrule",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2506ac1d5a986a24c04144b38009927b7987d68b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_f676e",
                    table="fraud_fraudrule",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fraudrule",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="a4845b9b8a0f9710bc51181407470954993ee11f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_16027",
                    table="fraud_fraudrule",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="flaggedtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer_said__in", ["", "YES", "NO"])), name="what_was_said_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="flaggedtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("customer_said", ""),
                    models.Q(("asks_customer", True), models.Q(("status", "OPEN"), _negated=True)),
                    _connector="OR",
                ),
                name="an_answer_was_asked_for_and_decides",
            ),
        ),
        migrations.AddField(
            model_name="fraudrule",
            name="back_test",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fraud.backtest"
            ),
        ),
        migrations.AddConstraint(
            model_name="fraudrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[A-Z][A-Z_]*$")), name="fraud_rule_has_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="fraudrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expression", ""), _negated=True),
                    models.Q(("sentence_en", ""), _negated=True),
                    models.Q(("sentence_sw", ""), _negated=True),
                ),
                name="a_rule_says_what_it_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="fraudrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asked_by", None), models.Q(("asked_by", models.F("allowed_by")), _negated=True), _connector="OR"
                ),
                name="a_rule_has_two_pairs_of_eyes",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="backtest",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="87bbd898498ce706a9a6f82f3d7f66370befdd0f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_42029",
                    table="fraud_backtest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="backtest",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="234463299d6bb3faccae8f65caa54b8731a95a3b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_721a0",
                    table="fraud_backtest",
                    when="BEFORE",
                ),
            ),
        ),
    ]
