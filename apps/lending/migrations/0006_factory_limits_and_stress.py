"""What the product factory, limits by staff, collateral and stress tests keep; scenarios and figures to begin with."""

import uuid
from datetime import date
from decimal import Decimal

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import apps.kernel.fields

START = date(2024, 1, 1)
BASEL = "Basel II standardised approach, as the Central Bank's CBK/PG/03 has it, recalled: confirm before relying on it"
OURS = "Assumption of the bank's treasurer: a judgement, not a rule"
ASSUMPTIONS = [
    ("WEIGHT", "", "1", BASEL),
    ("WEIGHT", "101", "0", BASEL),  # cash in the vault
    ("WEIGHT", "102", "0", BASEL),  # tills
    ("WEIGHT", "103", "0", BASEL),  # on the way between them
    ("WEIGHT", "104", "0.2", BASEL),  # mobile money at its provider's trust banks
    ("WEIGHT", "105", "0.2", BASEL),  # clearing
    ("WEIGHT", "106", "0.2", BASEL),  # other banks
    ("WEIGHT", "107", "0.2", BASEL),  # placements
    ("WEIGHT", "108", "0", BASEL),  # government securities in shillings
    ("WEIGHT", "109", "0", "Held for customers, not an asset at the bank's risk"),
    ("FUNDING", "", "0", OURS),
    ("FUNDING", "202", "0.5", OURS),  # savings
    ("FUNDING", "203", "1", OURS),  # fixed deposits
    ("FUNDING", "204", "0.5", OURS),  # goal savings
    ("FUNDING", "224", "1", OURS),  # borrowings
    ("MINIMUM", "", "0.105", "Core capital with the conservation buffer, CBK/PG/03, recalled: confirm"),
]
SCENARIOS = [
    {
        "code": "MILD",
        "name": "A bad season",
        "name_sw": "Msimu mbaya",
        "about": "Half as many loans again fail, a little more is lost of each, rates rise by one point.",
        "about_sw": "Mikopo inayoshindwa inaongezeka kwa nusu, hasara ya kila mmoja inapanda kidogo, riba ya soko +1.",
        "pd_factor": "1.5", "loss_points": "0.05", "rate_points": "0.01", "failing_share": "0.02",
    },
    {
        "code": "SEVERE",
        "name": "A severe shock",
        "name_sw": "Mshtuko mkubwa",
        "about": "Three times as many loans fail, a fifth more is lost of each, rates rise by four points, and one "
        "borrower in ten loses their income.",
        "about_sw": "Mikopo inayoshindwa inakuwa mara tatu, hasara inaongezeka kwa moja ya tano, riba ya soko +4, na "
        "mkopaji mmoja kati ya kumi anapoteza kipato.",
        "pd_factor": "3", "loss_points": "0.2", "rate_points": "0.04", "failing_share": "0.1",
    },
    {
        "code": "OWN",
        "name": "A scenario of one's own",
        "name_sw": "Hali unayochagua mwenyewe",
        "about": "Nothing happens until you write what shall happen.",
        "about_sw": "Hakuna kinachotokea hadi uandike kitakachotokea.",
        "pd_factor": "1", "loss_points": "0", "rate_points": "0", "failing_share": "0",
    },
]  # fmt: skip


def seed(apps, schema_editor):
    for kind, accounts, value, source in ASSUMPTIONS:
        apps.get_model("lending", "RiskAssumption").objects.create(
            kind=kind, accounts=accounts, value=Decimal(value), valid_from=START, source=source
        )
    for one in SCENARIOS:
        figures = {name: Decimal(one[name]) for name in ("pd_factor", "loss_points", "rate_points", "failing_share")}
        words = {name: one[name] for name in ("code", "name", "name_sw", "about", "about_sw")}
        apps.get_model("lending", "StressScenario").objects.create(**words, **figures, valid_from=START, source=OURS)


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0005_top_ups_tranches_and_back_dating"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CollateralPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("content_type", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", apps.kernel.fields.EncryptedText(help_text="Base64", row="public_id")),
                ("made_at", models.DateTimeField()),
                (
                    "collateral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="lending.collateral"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("collateral", "sha256"), name="a_paper_is_kept_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("content_type__in", ["image/jpeg", "image/png", "application/pdf"]), ("size__gt", 0)
                        ),
                        name="a_paper_is_a_photo_or_a_pdf",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="CollateralRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("PAID", "The loan is paid back"),
                            ("NOT_LENT", "The loan was not paid out"),
                            ("AGREED", "Two people of the bank agreed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("made_at", models.DateTimeField()),
                (
                    "collateral",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="release", to="lending.collateral"
                    ),
                ),
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
                        condition=models.Q(
                            models.Q(("why", "AGREED"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="an_agreed_release_says_why",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="CreditLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("currency", models.CharField(max_length=8)),
                ("until", models.DateField(help_text="The last day it holds")),
                ("reason", models.CharField(help_text="The customer reads it", max_length=300)),
                (
                    "approval_id",
                    models.BigIntegerField(help_text="The request it came from, carried out once", unique=True),
                ),
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
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lending.loanproduct"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_limits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "product", "-id"], name="limits_of_a_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", None), ("amount_minor__gte", 0), _connector="OR"),
                        name="a_limit_is_not_owed",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="a_limit_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_by", models.F("decided_by")), _negated=True),
                            models.Q(("asked_by", models.F("user")), _negated=True),
                            models.Q(("decided_by", models.F("user")), _negated=True),
                        ),
                        name="nobody_sets_their_own_limit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskAssumption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("WEIGHT", "Risk weight of assets"),
                            ("FUNDING", "Share of a rise in rates that is passed on to funds"),
                            ("MINIMUM", "Least core capital over risk-weighted assets"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "accounts",
                    models.CharField(blank=True, default="", help_text="How codes of accounts begin", max_length=10),
                ),
                ("value", models.DecimalField(decimal_places=4, max_digits=6)),
                ("valid_from", models.DateField()),
                ("source", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "accounts", "valid_from"), name="one_assumption_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0), ("value__lte", 10)), name="an_assumption_is_a_share"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="StressRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("currency", models.CharField(max_length=8)),
                ("book_on", models.DateField(help_text="The book and the books of this day")),
                ("inputs", models.JSONField()),
                ("model", models.JSONField(help_text="Which arithmetic, with every figure it assumed and its source")),
                ("results", models.JSONField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lending.loanproduct",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StressScenario",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=60)),
                ("name_sw", models.CharField(max_length=60)),
                ("about", models.CharField(max_length=300)),
                ("about_sw", models.CharField(max_length=300)),
                (
                    "pd_factor",
                    models.DecimalField(decimal_places=3, help_text="Times as many loans fail", max_digits=6),
                ),
                (
                    "loss_points",
                    models.DecimalField(decimal_places=4, help_text="More is lost of each that fails", max_digits=5),
                ),
                ("rate_points", models.DecimalField(decimal_places=4, help_text="Rates a year rise by", max_digits=5)),
                (
                    "failing_share",
                    models.DecimalField(
                        decimal_places=4, help_text="Of borrowers who pay: lose their income and stop", max_digits=5
                    ),
                ),
                ("valid_from", models.DateField()),
                ("source", models.CharField(max_length=200)),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lending.loanproduct",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "valid_from"), name="one_scenario_of_a_name_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("loss_points__gte", 0),
                            ("loss_points__lte", 1),
                            ("pd_factor__gte", 0),
                            ("pd_factor__lte", 100),
                            ("failing_share__gte", 0),
                            ("failing_share__lte", 1),
                            ("rate_points__gte", -1),
                            ("rate_points__lte", 1),
                        ),
                        name="a_scenario_is_possible",
                    ),
                ]
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="collateral",
            name="rows_are_written_once",
        ),
        migrations.AddField(
            model_name="collateral",
            name="charged_minor",
            field=models.BigIntegerField(null=True, help_text="How much of its value stands for this loan"),
        ),
        migrations.AddField(
            model_name="collateral",
            name="expires_on",
            field=models.DateField(help_text="From this day on it must be valued again", null=True),
        ),
        migrations.AddField(
            model_name="collateral",
            name="number",
            field=apps.kernel.fields.EncryptedText(null=True, row="public_id"),
        ),
        migrations.AddField(
            model_name="collateral",
            name="number_print",
            field=apps.kernel.fields.Fingerprint(null=True, of="number"),
        ),
        migrations.AddField(
            model_name="collateral",
            name="owner_name",
            field=models.CharField(blank=True, default="", help_text="Empty: the borrower", max_length=120),
        ),
        migrations.AddField(
            model_name="collateral",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        # numbers were open until now and nothing asked for them; they are kept in the description, to be sealed when
        # the thing is valued again
        migrations.RunSQL(
            "UPDATE lending_collateral SET public_id = gen_random_uuid(), charged_minor = value_minor, "
            "described = left(trim(described || ' ' || serial), 200)",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(model_name="collateral", name="serial"),
        migrations.AlterField(
            model_name="collateral",
            name="charged_minor",
            field=models.BigIntegerField(help_text="How much of its value stands for this loan"),
        ),
        migrations.AlterField(
            model_name="collateral",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="productterms",
            name="least_score",
            field=models.PositiveSmallIntegerField(default=0, help_text="The decision score, 0 to 1000"),
        ),
        migrations.AddField(
            model_name="productterms",
            name="rounding",
            field=models.CharField(
                choices=[("HALF_EVEN", "A half to the even digit"), ("HALF_UP", "A half up"), ("UP", "Always up")],
                default="HALF_EVEN",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="collateral",
            index=models.Index(fields=["number_print"], name="pledges_of_a_thing"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="collateral",
            trigger=pgtrigger.compiler.Trigger(
                name="pledges_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='RAISE EXCEPTION \'pgtrigger: Cannot delete or update of "public_id", "loan_id", "kind", "described", "number_print", "owner_name", "currency", "value_minor", "charged_minor", "valued_on", "valued_by", "expires_on", "replaces_id", "made_by_id", "made_at" rows from % table\', TG_TABLE_NAME;',
                    hash="0355436d83a1b0702aad1adf45dc10e920ed760f",
                    operation='DELETE OR UPDATE OF "public_id", "loan_id", "kind", "described", "number_print", "owner_name", "currency", "value_minor", "charged_minor", "valued_on", "valued_by", "expires_on", "replaces_id", "made_by_id", "made_at"',
                    pgid="pgtrigger_pledges_are_written_once_6c5ca",
                    table="lending_collateral",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="collateral",
            constraint=models.CheckConstraint(
                condition=models.Q(("charged_minor__gte", 0), ("charged_minor__lte", models.F("value_minor"))),
                name="no_more_pledged_than_it_is_worth",
            ),
        ),
        migrations.AddConstraint(
            model_name="collateral",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_on", None), ("expires_on__gt", models.F("valued_on")), _connector="OR"),
                name="a_valuation_holds_for_a_while",
            ),
        ),
        migrations.AddConstraint(
            model_name="productterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reference", ""),
                    models.Q(("least_rate", None), ("most_rate", None), ("rate_per", "YEAR")),
                    _connector="OR",
                ),
                name="a_margin_is_a_year",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="riskassumption",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a83708ba5a0e680648fc8209a348bde62717a7f4",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_25f6a",
                    table="lending_riskassumption",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="riskassumption",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="2ea5faf9ec58da73de4e7dd876a080804205e7d5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_50d9a",
                    table="lending_riskassumption",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="stressrun",
            name="scenario",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="lending.stressscenario"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="collateralpaper",
            trigger=pgtrigger.compiler.Trigger(
                name="papers_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='RAISE EXCEPTION \'pgtrigger: Cannot delete or update of "public_id", "collateral_id", "name", "content_type", "size", "sha256", "made_by_id" rows from % table\', TG_TABLE_NAME;',
                    hash="992afa52d86a9a3908474cbe184b59b561959dd3",
                    operation='DELETE OR UPDATE OF "public_id", "collateral_id", "name", "content_type", "size", "sha256", "made_by_id"',
                    pgid="pgtrigger_papers_are_written_once_1bc2a",
                    table="lending_collateralpaper",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="collateralrelease",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="84a086b080b3223e44635efa97a267c22da2e2fd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_d995f",
                    table="lending_collateralrelease",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="collateralrelease",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="87b0b71ad4f3e70754703b78e5adf80a76a27e49",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_8660a",
                    table="lending_collateralrelease",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="creditlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e53af05fd7c15eead4d25735cf936ca3c7fa0f2e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_7c356",
                    table="lending_creditlimit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="creditlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="c3a9d7a61c342ef2c96b4b7636050fa97619a722",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_3e51b",
                    table="lending_creditlimit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stressscenario",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="957102ef434be1ba23359f9edc4a366fa4ca9c15",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_2e228",
                    table="lending_stressscenario",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stressscenario",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="d274aca60b50c93d092674d01cbd96b1530e9bd3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_2faea",
                    table="lending_stressscenario",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stressrun",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c05fea214cdb669dcbc57c7473dda701d2adf0cf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_49647",
                    table="lending_stressrun",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stressrun",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="87b291199b307584cb44b662f741933314c1db37",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_f247a",
                    table="lending_stressrun",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
