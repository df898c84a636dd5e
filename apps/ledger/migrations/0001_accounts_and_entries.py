"""The tables of the books; what Django cannot say about them follows in 0002."""

import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(db_collation="C", max_length=64)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ASSET", "Asset"),
                            ("LIABILITY", "Liability"),
                            ("EQUITY", "Equity"),
                            ("INCOME", "Income"),
                            ("EXPENSE", "Expense"),
                        ],
                        max_length=9,
                    ),
                ),
                ("currency", models.CharField(max_length=8)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("HEADING", "Heading"),
                            ("CONTROL", "Control account"),
                            ("POSTING", "Posting account"),
                        ],
                        default="POSTING",
                        max_length=7,
                    ),
                ),
                ("mode", models.SmallIntegerField(choices=[(0, "Locked balance"), (1, "Derived balance")], default=0)),
                ("owner_reference", models.CharField(blank=True, default="", max_length=120)),
                ("is_blocked", models.BooleanField(default=False, help_text="Takes no entries for now")),
                ("is_closed", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="ledger.ledgeraccount",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_account",
                "ordering": ["code"],
                "permissions": [
                    ("view_books", "Can read the books"),
                    ("reverse_transfer", "Can reverse a transfer, four eyes"),
                    ("close_periods", "Can open, close and reopen periods"),
                ],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("owner_reference", ""), _negated=True),
                        fields=["owner_reference"],
                        name="account_by_owner",
                    ),
                    models.Index(condition=models.Q(("is_blocked", True)), fields=["id"], name="blocked_accounts"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="account_code_is_unique"),
                    models.CheckConstraint(condition=models.Q(("mode__in", [0, 1])), name="account_mode_is_known"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["ASSET", "LIABILITY", "EQUITY", "INCOME", "EXPENSE"])),
                        name="account_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["HEADING", "CONTROL", "POSTING"])),
                        name="account_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_closed", False), ("is_blocked", True), _connector="OR"),
                        name="closed_takes_no_entries",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role", "POSTING"), ("mode", 1), _connector="OR"),
                        name="only_posting_accounts_lock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="account_is_not_its_own_parent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SnapshotRun",
            fields=[
                ("as_of", models.DateField(primary_key=True, serialize=False)),
                ("upto_transfer", models.BigIntegerField()),
                ("first_later_transfer", models.BigIntegerField()),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_snapshot_run",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("upto_transfer", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "ledger_watermark",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BusinessDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[("OPEN", "Open"), ("CLOSING", "Closing"), ("CLOSED", "Closed")],
                        default="OPEN",
                        max_length=7,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "ledger_business_day",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("status", "CLOSED"), _negated=True),
                        name="one_business_day_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChartLine",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ASSET", "Asset"),
                            ("LIABILITY", "Liability"),
                            ("EQUITY", "Equity"),
                            ("INCOME", "Income"),
                            ("EXPENSE", "Expense"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("HEADING", "Heading"),
                            ("CONTROL", "Control account"),
                            ("POSTING", "Posting account"),
                        ],
                        max_length=7,
                    ),
                ),
                ("mode", models.SmallIntegerField(choices=[(0, "Locked balance"), (1, "Derived balance")])),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="ledger.chartline",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_chart_line",
                "ordering": ["number"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1000), ("number__lte", 9999)),
                        name="chart_numbers_have_four_digits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EodRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("RUNNING", "Running"),
                            ("FAILED", "Failed"),
                            ("DONE", "Done"),
                        ],
                        default="RUNNING",
                        max_length=7,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "day",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="run", to="ledger.businessday"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_eod_run",
                "ordering": ["-day_id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="EodStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("position", models.IntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("RUNNING", "Running"),
                            ("FAILED", "Failed"),
                            ("DONE", "Done"),
                        ],
                        default="WAITING",
                        max_length=7,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.TextField(blank=True, default="", help_text="What it did, or why it failed")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ledger.eodrun"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_eod_step",
                "ordering": ["position", "name"],
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("run", "name"), name="a_step_runs_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="GlPurpose",
            fields=[
                ("code", models.CharField(db_collation="C", max_length=60, primary_key=True, serialize=False)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="purposes", to="ledger.chartline"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_gl_purpose",
                "ordering": ["code"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LockedBalance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="locked_balance",
                        serialize=False,
                        to="ledger.ledgeraccount",
                    ),
                ),
                ("currency", models.CharField(max_length=8)),
                ("side", models.SmallIntegerField()),
                ("posted_minor", models.BigIntegerField(default=0)),
                ("held_minor", models.BigIntegerField(default=0)),
                ("floor_minor", models.BigIntegerField(default=0)),
                ("seq", models.BigIntegerField(default=0, help_text="How many entries it has taken")),
                ("is_blocked", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "ledger_balance",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("held_minor__gte", 0),
                            (
                                "posted_minor__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("floor_minor"), "+", models.F("held_minor")
                                ),
                            ),
                        ),
                        name="funds_cover_holds_and_floor",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(db_collation="C", max_length=120)),
                ("body_hash", models.BinaryField(max_length=32)),
                ("amount_minor", models.BigIntegerField()),
                ("captured_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=8)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("CAPTURED", "Captured"),
                            ("RELEASED", "Released"),
                            ("EXPIRED", "Expired"),
                        ],
                        default="OPEN",
                        max_length=8,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="ledger.ledgeraccount"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_hold",
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("status", "OPEN")), fields=["expires_at"], name="holds_by_expiry")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reference",), name="a_reference_holds_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="hold_sets_something_aside"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("captured_minor__gte", 0), ("captured_minor__lte", models.F("amount_minor"))
                        ),
                        name="hold_covers_its_captures",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("captured_minor__lt", models.F("amount_minor")), ("ended_at", None), ("status", "OPEN")
                            ),
                            models.Q(("captured_minor__gt", 0), ("ended_at__isnull", False), ("status", "CAPTURED")),
                            models.Q(("ended_at__isnull", False), ("status__in", ["RELEASED", "EXPIRED"])),
                            _connector="OR",
                        ),
                        name="hold_status_is_true",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyRollup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("booked_on", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("entry_count", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.ledgeraccount",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_daily_rollup",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("account", "booked_on"), name="one_rollup_a_day")],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                (
                    "status",
                    models.CharField(choices=[("OPEN", "Open"), ("CLOSED", "Closed")], default="OPEN", max_length=6),
                ),
            ],
            options={
                "db_table": "ledger_period",
                "ordering": ["first_on"],
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("status", "CLOSED")), fields=["last_on"], name="closed_periods")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_on__lte", models.F("last_on"))), name="period_starts_before_it_ends"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("first_on"), models.F("last_on"), models.Value("[]"), function="daterange"
                                ),
                                "&&",
                            )
                        ],
                        name="periods_do_not_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PeriodChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(choices=[("OPEN", "Open"), ("CLOSED", "Closed")], max_length=6)),
                ("reason", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="ledger.period"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_period_change",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("block", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first_entry", models.BigIntegerField()),
                ("last_entry", models.BigIntegerField()),
                ("entry_count", models.IntegerField()),
                ("root", models.BinaryField(max_length=32)),
                (
                    "previous",
                    models.BinaryField(
                        help_text="The chain hash of the seal before; zeros for the first", max_length=32
                    ),
                ),
                ("chain", models.BinaryField(help_text="The hash of this seal with the one before", max_length=32)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_seal",
                "default_permissions": (),
                "indexes": [models.Index(fields=["last_entry"], name="seal_of_entry")],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("balance_minor", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.ledgeraccount",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_column="as_of",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="ledger.snapshotrun",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_snapshot",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("account", "run"), name="one_snapshot_a_day")],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("reference", models.CharField(db_collation="C", max_length=120)),
                ("body_hash", models.BinaryField(max_length=32)),
                ("kind", models.CharField(max_length=40)),
                ("narrative", models.CharField(max_length=240)),
                ("details", models.JSONField(blank=True, null=True)),
                ("booked_on", models.DateField(help_text="The day it counts for")),
                ("created_at", models.DateTimeField(help_text="The moment it was posted")),
                (
                    "reverses",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_transfer",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("reference",), name="a_reference_posts_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", False)),
                        fields=("reverses",),
                        name="a_transfer_is_reversed_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("leg", models.SmallIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=8)),
                (
                    "balance_after",
                    models.BigIntegerField(help_text="Minor units; empty for derived balances", null=True),
                ),
                (
                    "seq",
                    models.BigIntegerField(
                        help_text="The account's count of entries; empty for derived balances", null=True
                    ),
                ),
                ("booked_on", models.DateField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="ledger.ledgeraccount",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "db_table": "ledger_entry",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["account", "-id"], name="entries_of_account"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["booked_on"], name="entries_by_day", pages_per_range=32
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="entry_moves_something"
                    )
                ],
            },
        ),
    ]
