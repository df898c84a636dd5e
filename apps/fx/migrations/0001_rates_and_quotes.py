"""Currencies, rates, feeds that were not believed, the spread, quotes."""

import uuid
from decimal import Decimal

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Spread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rate", models.DecimalField(decimal_places=5, max_digits=6)),
                ("valid_from", models.DateField(unique=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lte", Decimal("0.1"))),
                        name="spread_is_a_fair_share",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Currency",
            fields=[
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("KES", "Kenyan shilling"),
                            ("USD", "US dollar"),
                            ("EUR", "Euro"),
                            ("GBP", "Pound sterling"),
                            ("UGX", "Ugandan shilling"),
                            ("TZS", "Tanzanian shilling"),
                            ("RWF", "Rwandan franc"),
                            ("ZAR", "South African rand"),
                        ],
                        max_length=8,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "currencies",
                "permissions": [
                    ("view_rates", "Can see exchange rates, positions and quotes"),
                    ("manage_rates", "Can change the spread and accept rates, four eyes"),
                ],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__in", ["KES", "USD", "EUR", "GBP", "UGX", "TZS", "RWF", "ZAR"])),
                        name="currency_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", "KES"), _negated=True), ("is_active", True), _connector="OR"
                        ),
                        name="the_home_currency_is_quoted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rate", models.DecimalField(decimal_places=10, max_digits=24)),
                ("source", models.CharField(max_length=40)),
                ("as_of", models.DateTimeField(help_text="The provider's own moment")),
                ("fetched_at", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                (
                    "base",
                    models.ForeignKey(
                        db_column="base",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fx.currency",
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        db_column="quote",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fx.currency",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["-fetched_at"], name="rates_newest_first")],
                "constraints": [
                    models.UniqueConstraint(fields=("base", "fetched_at"), name="one_rate_a_moment"),
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="a_rate_is_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("base", models.F("quote")), _negated=True), name="a_rate_has_two_currencies"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gt", models.F("fetched_at"))), name="a_rate_holds_for_a_while"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("give_currency", models.CharField(max_length=8)),
                ("give_minor", models.BigIntegerField()),
                ("get_currency", models.CharField(max_length=8)),
                ("get_minor", models.BigIntegerField()),
                ("fixed", models.CharField(choices=[("GIVE", "What you give"), ("GET", "What you get")], max_length=4)),
                ("mid_rate", models.DecimalField(decimal_places=18, max_digits=36)),
                ("rate", models.DecimalField(decimal_places=18, help_text="What the customer gets", max_digits=36)),
                ("spread_rate", models.DecimalField(decimal_places=5, max_digits=6)),
                ("home_currency", models.CharField(max_length=8)),
                ("give_worth_minor", models.BigIntegerField()),
                ("get_worth_minor", models.BigIntegerField()),
                ("rates_at", models.DateTimeField(help_text="When the rates were fetched")),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("used_at", None)), fields=["expires_at"], name="quotes_not_used")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("get_minor__gt", 0), ("get_worth_minor__gt", 0), ("give_minor__gt", 0)),
                        name="a_quote_exchanges_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("give_worth_minor__gte", models.F("get_worth_minor"))),
                        name="a_quote_never_costs_the_bank",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("give_currency", models.F("get_currency")), _negated=True),
                        name="a_quote_has_two_currencies",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used_at", None), ("used_at__lt", models.F("expires_at")), _connector="OR"),
                        name="a_quote_is_used_in_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("NOT_REACHED", "The provider did not answer"),
                            ("NOT_JSON", "The answer was not rates"),
                            ("ERROR", "The provider reported an error"),
                            ("WRONG_BASE", "Another base currency than asked"),
                            ("MISSING", "A currency is missing"),
                            ("NOT_A_RATE", "A rate is zero, negative or no number"),
                            ("OUTDATED", "The feed is old"),
                            ("JUMP", "A rate moved too far at once"),
                        ],
                        max_length=12,
                    ),
                ),
                ("detail", models.CharField(max_length=300)),
                (
                    "figures",
                    models.JSONField(blank=True, default=dict, help_text="Home units for one of each, as text"),
                ),
                ("as_of", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["-received_at"], name="refused_newest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "because__in",
                                [
                                    "NOT_REACHED",
                                    "NOT_JSON",
                                    "ERROR",
                                    "WRONG_BASE",
                                    "MISSING",
                                    "NOT_A_RATE",
                                    "OUTDATED",
                                    "JUMP",
                                ],
                            )
                        ),
                        name="a_refusal_says_why",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refusedfeed",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a5bf33f436958d30e549b2e0d8c22311e34ddf58",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_2073f",
                    table="fx_refusedfeed",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refusedfeed",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="2c161e7b8c25b361b11aac75cdbe64485d4c3cab",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_c8bd7",
                    table="fx_refusedfeed",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spread",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="957756c7967bf9920638ecc7784415595c2de770",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_2dd21",
                    table="fx_spread",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spread",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="e9625a8b2ac265ad3dca67dd78fe883d86c23ba2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_19e21",
                    table="fx_spread",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchangerate",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3392fd41c10c6d6abaf3d9b7e76e9cfe343cd602",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_4047c",
                    table="fx_exchangerate",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchangerate",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="0a79bc64f3c65bbd670ea59b5b96bf6447ac9353",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_12979",
                    table="fx_exchangerate",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="quotes_keep_their_word",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."give_currency" IS DISTINCT FROM (NEW."give_currency") OR OLD."give_minor" IS DISTINCT FROM (NEW."give_minor") OR OLD."get_currency" IS DISTINCT FROM (NEW."get_currency") OR OLD."get_minor" IS DISTINCT FROM (NEW."get_minor") OR OLD."fixed" IS DISTINCT FROM (NEW."fixed") OR OLD."mid_rate" IS DISTINCT FROM (NEW."mid_rate") OR OLD."rate" IS DISTINCT FROM (NEW."rate") OR OLD."spread_rate" IS DISTINCT FROM (NEW."spread_rate") OR OLD."home_currency" IS DISTINCT FROM (NEW."home_currency") OR OLD."give_worth_minor" IS DISTINCT FROM (NEW."give_worth_minor") OR OLD."get_worth_minor" IS DISTINCT FROM (NEW."get_worth_minor") OR OLD."rates_at" IS DISTINCT FROM (NEW."rates_at") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5448b5a3a4258e14b8fb702b0ec7f491dae78264",
                    operation="UPDATE",
                    pgid="pgtrigger_quotes_keep_their_word_6b916",
                    table="fx_quote",
                    when="BEFORE",
                ),
            ),
        ),
    ]
