"""Devices by their prints, the age of SIMs, the model beside the rules, back-tests as jobs; the look sees them.

What a customer's "no" says of a payee is a doubt, until staff have judged the payee.
"""

import uuid
from datetime import UTC, datetime

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# As before, and besides: the print of the device that asks and who else paid from it, days since the SIM was changed
# ("not within three months" is ninety, for seven days after it was said), doubts about the payee, and which
# model is in use. An account without payments has no time since the last one (it was 0 before).
_LOOK = """
CREATE FUNCTION fraud_look(account bigint, person bigint, moment timestamptz, amount bigint, kind text, payee text,
                           payee_account bigint, address inet, stay uuid, print text, names_itself boolean,
                           OUT facts jsonb, OUT rules text, OUT model text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    device text;
    payee_owner bigint;
    more jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(4205002, (account % 2147483648)::int);
    WITH lately AS (
        SELECT -t.amount_minor AS minor, t.posted_at, t.txn_type = kind AS is_alike,
               EXTRACT(hour FROM t.posted_at AT TIME ZONE 'Africa/Nairobi')::int AS at_hour
          FROM accounts_transaction t
         WHERE t.account_id = account AND t.amount_minor < 0 AND t.txn_type NOT IN ('FEE', 'EXCISE_DUTY')
           AND t.posted_at <= moment + interval '1 minute'
         ORDER BY t.id DESC LIMIT 50
    ), clock AS (SELECT EXTRACT(hour FROM moment AT TIME ZONE 'Africa/Nairobi')::int AS at_hour)
    SELECT jsonb_build_object(
               'sent_in_ten_minutes', count(*) FILTER (WHERE l.posted_at > moment - interval '10 minutes'),
               'sent_in_a_day', COALESCE(sum(l.minor) FILTER (WHERE l.posted_at > moment - interval '1 day'), 0)::bigint,
               'repeats_in_a_day', count(*) FILTER (WHERE l.posted_at > moment - interval '1 day'
                                                      AND abs(l.minor::numeric - amount) * 10 < amount),
               'usual', CASE WHEN count(l.minor) >= 5 THEN avg(l.minor)::bigint END,
               'usual_of_kind', CASE WHEN count(*) FILTER (WHERE l.is_alike) >= 5
                                     THEN (avg(l.minor) FILTER (WHERE l.is_alike))::bigint END,
               'seconds_since_last', CASE WHEN count(l.minor) > 0
                    THEN GREATEST(EXTRACT(epoch FROM moment - max(l.posted_at)), 0)::int END,
               'payments_known', count(l.minor),
               'payments_at_this_hour', count(*) FILTER (
                   WHERE LEAST(abs(l.at_hour - c.at_hour), 24 - abs(l.at_hour - c.at_hour)) <= 2),
               'hour', c.at_hour)
      INTO facts
      FROM clock c LEFT JOIN lately l ON true GROUP BY c.at_hour;

    SELECT d.fingerprint, jsonb_build_object(
               'device_age_hours', floor(EXTRACT(epoch FROM moment - d.first_seen_at) / 3600)::int,
               'is_trusted_device', d.is_trusted)
      INTO device, more
      FROM users_session s JOIN users_device d ON d.id = s.device_id WHERE s.id = stay AND s.user_id = person;
    facts := facts || COALESCE(more, '{}');

    SELECT jsonb_build_object(
               'customer_age_days', floor(EXTRACT(epoch FROM moment - u.created_at) / 86400)::int,
               'hours_since_password_change', floor(EXTRACT(epoch FROM moment - c.password_changed_at) / 3600)::int,
               'minutes_since_sim_change', floor(EXTRACT(epoch FROM moment - c.sim_changed_at) / 60)::int,
               'days_since_sim_change', floor(EXTRACT(epoch FROM moment - COALESCE(
                   GREATEST(c.sim_changed_at, s.changed_on::timestamp AT TIME ZONE 'Africa/Nairobi'),
                   CASE WHEN s.answered_at > moment - interval '7 days' THEN moment - interval '90 days' END
               )) / 86400)::int)
      INTO more
      FROM users_user u LEFT JOIN fraud_accesschange c ON c.user_id = u.id
      LEFT JOIN fraud_simage s ON s.user_id = u.id
     WHERE u.id = person;
    facts := facts || COALESCE(more, '{}');

    IF print <> '' THEN
        SELECT jsonb_build_object('device_print_age_hours', CASE
                   WHEN bool_or(p.value = print) THEN
                       GREATEST(floor(EXTRACT(epoch FROM moment - min(p.first_seen_at) FILTER (WHERE p.value = print)) / 3600), 0)::int
                   WHEN count(*) > 0 THEN 0 END)
          INTO more FROM fraud_deviceprint p WHERE p.user_id = person;
        facts := facts || more;
        IF names_itself THEN
            SELECT jsonb_build_object(
                       'device_customers', 1 + count(*) FILTER (WHERE o.last_seen_at > moment - interval '30 days'),
                       'is_device_of_blocked', COALESCE(bool_or(u.status = 'SUSPENDED'), false))
              INTO more
              FROM (SELECT p.user_id, p.last_seen_at FROM fraud_deviceprint p
                     WHERE p.value = print AND p.user_id <> person AND p.names_itself LIMIT 100) o
              JOIN users_user u ON u.id = o.user_id;
            facts := facts || more;
        END IF;
    END IF;

    IF payee_account IS NOT NULL THEN
        SELECT a.owner_id, jsonb_build_object(
                   'payee_age_days', floor(EXTRACT(epoch FROM moment - a.opened_at) / 86400)::int)
          INTO payee_owner, more FROM accounts_account a WHERE a.id = payee_account;
        facts := facts || COALESCE(more, '{}');
        IF payee_owner <> person THEN
            SELECT jsonb_build_object(
                       'payers_in_a_day', count(DISTINCT l.counterparty) FILTER (WHERE l.amount_minor > 0),
                       'payee_passed_on_percent',
                       LEAST(-100 * COALESCE(sum(l.amount_minor) FILTER (
                                 WHERE l.amount_minor < 0 AND l.posted_at > moment - interval '1 hour'), 0)
                             / NULLIF(sum(l.amount_minor) FILTER (WHERE l.amount_minor > 0), 0), 1000000)::int)
              INTO more
              FROM (SELECT t.counterparty, t.amount_minor, t.posted_at FROM accounts_transaction t
                     WHERE t.account_id = payee_account ORDER BY t.id DESC LIMIT 200) l
             WHERE l.posted_at > moment - interval '1 day' AND l.posted_at <= moment + interval '1 minute';
            facts := facts || more;
        END IF;
    END IF;

    SELECT jsonb_build_object('has_open_sanctions_hit', COALESCE(bool_or(h.status = 'OPEN'), false),
                              'has_confirmed_sanctions_hit', COALESCE(bool_or(h.status = 'CONFIRMED'), false))
      INTO more
      FROM kyc_screeninghit h JOIN kyc_watchlist w ON w.id = h.watch_list_id
     WHERE h.user_id IN (person, payee_owner) AND h.status IN ('OPEN', 'CONFIRMED') AND w.kind = 'SANCTIONS';
    facts := jsonb_strip_nulls(facts || more || jsonb_build_object(
        'payee_confirmed_frauds', (SELECT count(*) FROM fraud_flaggedtransaction f
            WHERE f.payee = fraud_look.payee AND f.payee <> '' AND f.status = 'CONFIRMED'
              AND f.reviewed_at > moment - interval '180 days' AND (f.customer_said <> 'NO' OR f.payee_is_fraud)),
        'payee_denials', (SELECT count(DISTINCT f.user_id) FROM fraud_flaggedtransaction f
            WHERE f.payee = fraud_look.payee AND f.payee <> '' AND f.status = 'CONFIRMED'
              AND f.reviewed_at > moment - interval '180 days' AND f.customer_said = 'NO'
              AND f.payee_is_fraud IS DISTINCT FROM false),
        'is_blocked', EXISTS (SELECT 1 FROM fraud_blockeditem b
            WHERE b.lifted_at IS NULL AND (b.until IS NULL OR b.until > moment)
              AND (b.kind, b.value) IN (('PAYEE', fraud_look.payee), ('IP', host(address)), ('DEVICE', device),
                                      ('DEVICE', NULLIF(print, ''))))));

    SELECT json_agg(json_build_array(r.code, r.version, r.expression, r.weight::text, r.customer_may_answer)
                    ORDER BY r.place)::text
      INTO rules
      FROM (SELECT DISTINCT ON (f.code) f.code, f.version, f.expression, f.weight, f.customer_may_answer, f.is_active,
                   min(f.id) OVER (PARTITION BY f.code) AS place
              FROM fraud_fraudrule f WHERE f.valid_from <= moment + interval '1 minute'
             ORDER BY f.code, f.version DESC) r
     WHERE r.is_active;
    SELECT m.id || ' ' || m.artefact_hash INTO model FROM fraud_anomalymodel m WHERE m.status = 'IN_USE';
END
$$;
"""

# (code, expression, weight, the customer's yes counts, English, Kiswahili); amounts in shillings.
FIRST = [
    ("SHARED_DEVICE", "device_customers >= 4 and amount >= KES 1000", "0.300", False,
     "{device_customers} customers paid from this device within 30 days",
     "Wateja {device_customers} wamelipa kutoka kwa kifaa hiki ndani ya siku 30"),
    ("BLOCKED_PERSONS_DEVICE", "is_device_of_blocked", "0.500", False,
     "A suspended customer used this device", "Mteja aliyesimamishwa alitumia kifaa hiki"),
    ("NEW_SIM", "days_since_sim_change < 14 and is_new_recipient and amount >= KES 20000", "0.200", False,
     "To someone new, {days_since_sim_change} days after the SIM was changed",
     "Kwa mtu mpya, siku {days_since_sim_change} baada ya laini kubadilishwa"),
    ("PAYEE_DOUBTED", "payee_denials >= 2", "0.300", False,
     "{payee_denials} customers said that payments to this payee were not theirs",
     "Wateja {payee_denials} walisema malipo kwa mlipwaji huyu hayakuwa yao"),
    ("ODD", "anomaly >= 650", "0.200", False,
     "Unlike what is usual for payments here: {anomaly} of 1,000",
     "Haifanani na malipo ya kawaida hapa: {anomaly} kati ya 1,000"),
]  # fmt: skip


def seed(apps, schema_editor):
    FraudRule = apps.get_model("fraud", "FraudRule")
    for code, expression, weight, may_answer, english, swahili in FIRST:
        FraudRule.objects.create(
            code=code,
            expression=expression,
            weight=weight,
            customer_may_answer=may_answer,
            sentence_en=english,
            sentence_sw=swahili,
            valid_from=datetime(2000, 1, 1, tzinfo=UTC),
        )


class Migration(migrations.Migration):
    dependencies = [
        ("fraud", "0006_more_signals"),
        ("users", "0005_ussd_pins"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnomalyModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("CANDIDATE", "Trained, not in use"), ("IN_USE", "In use"), ("RETIRED", "Retired")],
                        default="CANDIDATE",
                        max_length=9,
                    ),
                ),
                ("artefact", models.TextField(help_text="JSON: the trees as lists of numbers")),
                (
                    "artefact_hash",
                    models.CharField(help_text="SHA-256 of the artefact, looked at on every load", max_length=64),
                ),
                ("trained_on", models.CharField(max_length=120)),
                ("is_synthetic", models.BooleanField(help_text="Made from invented payments")),
                ("seed", models.BigIntegerField()),
                ("metrics", models.JSONField(default=dict)),
                (
                    "reference",
                    models.JSONField(default=dict, help_text="How the scores of training were spread, for drift"),
                ),
                ("card", models.JSONField(default=dict)),
                ("trained_at", models.DateTimeField()),
                ("in_use_from", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("retired_because", models.CharField(blank=True, default="", max_length=300)),
                (
                    "trained_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "IN_USE")), fields=("status",), name="one_anomaly_model_in_use"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["CANDIDATE", "IN_USE", "RETIRED"])),
                        name="anomaly_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("retired_at__isnull", False),
                                ("status", "RETIRED"),
                                models.Q(("retired_because", ""), _negated=True),
                            ),
                            models.Q(models.Q(("status", "RETIRED"), _negated=True), ("retired_at", None)),
                            _connector="OR",
                        ),
                        name="a_retired_anomaly_model_says_when_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnomalyReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on_date", models.DateField()),
                ("checks", models.PositiveIntegerField()),
                ("psi", models.DecimalField(decimal_places=4, max_digits=8)),
                ("bands", models.JSONField(help_text="How many checks fell into each band of training")),
                ("taken_at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="fraud.anomalymodel"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("model", "on_date"), name="one_anomaly_reading_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("psi__gte", 0)), name="a_stability_index_is_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackTestJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.CharField(max_length=30)),
                ("expression", models.CharField(max_length=400)),
                ("weight", models.DecimalField(decimal_places=3, max_digits=4)),
                ("is_active", models.BooleanField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("RUNNING", "Running"),
                            ("DONE", "Done"),
                            ("FAILED", "Failed"),
                        ],
                        default="WAITING",
                        max_length=7,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField()),
                ("why", models.CharField(blank=True, default="", help_text="Why it failed", max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "back_test",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fraud.backtest"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["WAITING", "RUNNING"])),
                        fields=["asked_at"],
                        name="back_tests_to_run",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["WAITING", "RUNNING", "DONE", "FAILED"])),
                        name="back_test_job_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("total"))),
                        name="a_back_test_does_no_more_than_there_is",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("back_test__isnull", False), ("status", "DONE")),
                            models.Q(models.Q(("status", "DONE"), _negated=True), ("back_test", None)),
                            _connector="OR",
                        ),
                        name="a_back_test_that_is_done_has_figures",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DevicePrint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=64)),
                ("names_itself", models.BooleanField()),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["user", "-last_seen_at"], name="prints_of_a_customer")],
                "constraints": [
                    models.UniqueConstraint(fields=("value", "user"), name="one_print_a_customer"),
                    models.CheckConstraint(
                        condition=models.Q(("first_seen_at__lte", models.F("last_seen_at"))),
                        name="a_print_is_seen_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SimAge",
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
                ("wanted_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("changed_on", models.DateField(null=True)),
                ("source", models.CharField(blank=True, default="", max_length=20)),
                (
                    "silence",
                    models.CharField(
                        blank=True, default="", help_text="Why there was no answer last time", max_length=80
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("wanted_at__isnull", False)), fields=["wanted_at"], name="sims_to_ask_about"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("changed_on", None), ("answered_at__isnull", False), _connector="OR"),
                        name="a_sim_change_was_answered",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="payee_is_fraud",
            field=models.BooleanField(help_text="What they found of the payee", null=True),
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="payee_judged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="flaggedtransaction",
            name="payee_judged_by",
            field=models.ForeignKey(
                help_text="Staff who said, after a customer's no, that the payee took part in fraud",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="fraudcheck",
            name="anomaly_because",
            field=models.JSONField(
                db_default=[], default=list, help_text="What made it odd to the model, the most telling first"
            ),
        ),
        migrations.AddField(
            model_name="fraudcheck",
            name="device_print",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="Which device asked, hashed", max_length=64
            ),
        ),
        migrations.AddConstraint(
            model_name="flaggedtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("payee_is_fraud", None), ("payee_judged_at", None), ("payee_judged_by", None)),
                    models.Q(
                        ("customer_said", "NO"),
                        ("payee_is_fraud__isnull", False),
                        ("payee_judged_at__isnull", False),
                        ("payee_judged_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_payee_is_judged_after_a_no",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anomalymodel",
            trigger=pgtrigger.compiler.Trigger(
                name="anomaly_models_stay_as_trained",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."artefact" IS DISTINCT FROM (NEW."artefact") OR OLD."artefact_hash" IS DISTINCT FROM (NEW."artefact_hash") OR OLD."trained_on" IS DISTINCT FROM (NEW."trained_on") OR OLD."is_synthetic" IS DISTINCT FROM (NEW."is_synthetic") OR OLD."seed" IS DISTINCT FROM (NEW."seed") OR OLD."metrics" IS DISTINCT FROM (NEW."metrics") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."card" IS DISTINCT FROM (NEW."card") OR OLD."trained_at" IS DISTINCT FROM (NEW."trained_at") OR OLD."trained_by_id" IS DISTINCT FROM (NEW."trained_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="df0706b08acb2aff20939dc45e319f4a4e395e42",
                    operation="UPDATE",
                    pgid="pgtrigger_anomaly_models_stay_as_trained_1ef8e",
                    table="fraud_anomalymodel",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anomalymodel",
            trigger=pgtrigger.compiler.Trigger(
                name="anomaly_models_are_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="bb741f14cc28b635053c2a5638e1f8bd457292a0",
                    operation="DELETE",
                    pgid="pgtrigger_anomaly_models_are_kept_ff6da",
                    table="fraud_anomalymodel",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anomalyreading",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c3c1fbf5a0bc7002dc87fa039419a19bc656eb5b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_9dbc4",
                    table="fraud_anomalyreading",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anomalyreading",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="48764618945187721481d4e95634d5918c86116a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_c80b7",
                    table="fraud_anomalyreading",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "DROP FUNCTION fraud_look(bigint, bigint, timestamptz, bigint, text, text, bigint, inet, uuid)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            _LOOK,
            "DROP FUNCTION fraud_look(bigint, bigint, timestamptz, bigint, text, text, bigint, inet, uuid, text, boolean)",
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
