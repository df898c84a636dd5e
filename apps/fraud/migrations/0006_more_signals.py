"""The look sees device, hours, payee, lists and blocks besides, answers with facts by name; rules that ask for them."""

from datetime import UTC, datetime

from django.db import migrations

# Two payments of one account at once would not see each other, so they look one after the other. The lock comes before
# any row's of the account, and whoever holds a row never waits for it, so nobody waits in a ring. What waited for it
# has an earlier time than what it waited for, so the look reaches a minute past it. The function is VOLATILE on
# purpose: the look is a statement of its own, and so sees what was committed while it waited.
#
# Each part reads a few rows by an index: the last fifty lines out of the account, the session that asks, the last two
# hundred lines of the payee's account, and what is written about the people. What nobody knows is null: missing.
_LOOK = """
CREATE FUNCTION fraud_look(account bigint, person bigint, moment timestamptz, amount bigint, kind text, payee text,
                           payee_account bigint, address inet, stay uuid, OUT facts jsonb, OUT rules text)
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
               'seconds_since_last', GREATEST(EXTRACT(epoch FROM moment - max(l.posted_at)), 0)::int,
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
               'minutes_since_sim_change', floor(EXTRACT(epoch FROM moment - c.sim_changed_at) / 60)::int)
      INTO more
      FROM users_user u LEFT JOIN fraud_accesschange c ON c.user_id = u.id WHERE u.id = person;
    facts := facts || COALESCE(more, '{}');

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
              AND f.reviewed_at > moment - interval '180 days'),
        'is_blocked', EXISTS (SELECT 1 FROM fraud_blockeditem b
            WHERE b.lifted_at IS NULL AND (b.until IS NULL OR b.until > moment)
              AND (b.kind, b.value) IN (('PAYEE', fraud_look.payee), ('IP', host(address)), ('DEVICE', device)))));

    SELECT json_agg(json_build_array(r.code, r.version, r.expression, r.weight::text, r.customer_may_answer)
                    ORDER BY r.place)::text
      INTO rules
      FROM (SELECT DISTINCT ON (f.code) f.code, f.version, f.expression, f.weight, f.customer_may_answer, f.is_active,
                   min(f.id) OVER (PARTITION BY f.code) AS place
              FROM fraud_fraudrule f WHERE f.valid_from <= moment + interval '1 minute'
             ORDER BY f.code, f.version DESC) r
     WHERE r.is_active;
END
$$;
"""

# (code, expression, weight, the customer's yes counts, English, Kiswahili); amounts in shillings.
FIRST = [
    ("NEW_DEVICE_LARGE", "device_age_hours < 24 and customer_age_days > 7 and amount >= KES 20000", "0.500", False,
     "A large amount from a device first seen {device_age_hours} hours ago: {amount}",
     "Kiasi kikubwa kutoka kwa kifaa kilichoonekana mara ya kwanza saa {device_age_hours} zilizopita: {amount}"),
    ("NEW_PASSWORD", "hours_since_password_change < 24 and is_new_recipient and amount >= KES 20000", "0.300", False,
     "To someone new, {hours_since_password_change} hours after the password was changed",
     "Kwa mtu mpya, saa {hours_since_password_change} baada ya nenosiri kubadilishwa"),
    ("SIM_SWAP", "minutes_since_sim_change < 4320 and amount >= KES 5000", "0.500", False,
     "{minutes_since_sim_change} minutes after the SIM was changed", "Dakika {minutes_since_sim_change} baada ya laini kubadilishwa"),
    ("MULE", "payers_in_a_day >= 8 and payee_passed_on_percent >= 80", "0.500", False,
     "The account that is paid has {payers_in_a_day} payers today and passes on {payee_passed_on_percent} % within the hour",
     "Akaunti inayolipwa ina walipaji {payers_in_a_day} leo na hupitisha {payee_passed_on_percent} % ndani ya saa moja"),
    ("PAYEE_FRAUD", "payee_confirmed_frauds >= 1", "0.500", False,
     "This payee had {payee_confirmed_frauds} payments that were fraud", "Mlipwaji huyu alikuwa na malipo {payee_confirmed_frauds} ya ulaghai"),
    ("STRUCTURING", "repeats_in_a_day >= 3 and (amount >= KES 225000 and amount < KES 250000 "
     "or amount >= KES 900000 and amount < KES 1000000)", "0.500", True,
     "Just below a limit, again and again: {repeats_in_a_day} alike in a day before this {amount}",
     "Chini kidogo ya kikomo, tena na tena: {repeats_in_a_day} yanayofanana kwa siku kabla ya hili la {amount}"),
    ("UNUSUAL_HOUR", "payments_known >= 20 and payments_at_this_hour = 0 and amount > 2 * usual", "0.150", True,
     "This account never pays at this hour ({hour}:00), and {amount} is more than usual",
     "Akaunti hii hailipi kamwe saa hii ({hour}:00), na {amount} ni zaidi ya kawaida"),
    ("SANCTIONS_OPEN", "has_open_sanctions_hit", "0.500", False,
     "Payer or payee may be on a sanctions list", "Mlipaji au mlipwaji huenda yuko kwenye orodha ya vikwazo"),
    ("SANCTIONS", "has_confirmed_sanctions_hit", "1.000", False,
     "Payer or payee is on a sanctions list", "Mlipaji au mlipwaji yuko kwenye orodha ya vikwazo"),
    ("BLOCKED", "is_blocked", "1.000", False,
     "The device, the address or the payee is blocked", "Kifaa, anwani au mlipwaji amezuiwa"),
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
        ("accounts", "0011_loan_lines"),
        ("fraud", "0005_rules_in_a_language"),
        ("kyc", "0005_known_watch_lists"),
        ("users", "0005_ussd_pins"),
    ]

    operations = [
        migrations.RunSQL("DROP FUNCTION fraud_look(bigint, timestamptz)", migrations.RunSQL.noop),
        migrations.RunSQL(
            _LOOK, "DROP FUNCTION fraud_look(bigint, bigint, timestamptz, bigint, text, text, bigint, inet, uuid)"
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
