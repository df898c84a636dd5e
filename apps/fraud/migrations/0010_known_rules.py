"""The look hands out the rules only to whom does not have them yet: working them out was a quarter of it."""

from importlib import import_module

from django.db import migrations

before = import_module("apps.fraud.migrations.0007_the_watch_sees_more")

# As before, except that `held` names the rows of rules whose time has come, which are never changed, and `rules` is
# empty where the caller knows what these rows come to.
_LOOK = """
CREATE FUNCTION fraud_look(account bigint, person bigint, moment timestamptz, amount bigint, kind text, payee text,
                           payee_account bigint, address inet, stay uuid, print text, names_itself boolean,
                           known text, OUT facts jsonb, OUT held text, OUT rules text, OUT model text)
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

    SELECT string_agg(f.id::text, ',' ORDER BY f.id) INTO held
      FROM fraud_fraudrule f WHERE f.valid_from <= moment + interval '1 minute';
    IF held IS DISTINCT FROM known THEN
        SELECT json_agg(json_build_array(r.code, r.version, r.expression, r.weight::text, r.customer_may_answer)
                        ORDER BY r.place)::text
          INTO rules
          FROM (SELECT DISTINCT ON (f.code) f.code, f.version, f.expression, f.weight, f.customer_may_answer, f.is_active,
                       min(f.id) OVER (PARTITION BY f.code) AS place
                  FROM fraud_fraudrule f WHERE f.valid_from <= moment + interval '1 minute'
                 ORDER BY f.code, f.version DESC) r
         WHERE r.is_active;
    END IF;
    SELECT m.id || ' ' || m.artefact_hash INTO model FROM fraud_anomalymodel m WHERE m.status = 'IN_USE';
END
$$;
"""
_GONE = """
DROP FUNCTION fraud_look(bigint, bigint, timestamptz, bigint, text, text, bigint, inet, uuid, text, boolean, text);
"""
_GONE_BEFORE = """
DROP FUNCTION fraud_look(bigint, bigint, timestamptz, bigint, text, text, bigint, inet, uuid, text, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("fraud", "0009_key_payees")]

    operations = [migrations.RunSQL(_GONE_BEFORE + _LOOK, _GONE + before._LOOK)]
