"""A check keeps which version of each rule it asked; looking and waiting for one's turn are one call."""

from django.db import migrations, models

# Two payments of one account at once would not see each other, so they look one after the other. The lock comes before
# any row's of the account, and whoever holds a row never waits for it, so nobody waits in a ring. What waited for it
# has an earlier time than what it waited for, so the look reaches a minute past it. The function is VOLATILE on
# purpose: the look is a statement of its own, and so sees what was committed while it waited.
_LOOK = """
CREATE FUNCTION fraud_look(account bigint, moment timestamptz, OUT often bigint, OUT day_minor bigint, OUT usual bigint,
                           OUT seconds int, OUT rules json)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4205002, (account % 2147483648)::int);
    WITH lately AS (
        SELECT t.amount_minor, t.posted_at FROM accounts_transaction t
         WHERE t.account_id = account AND t.amount_minor < 0 AND t.txn_type NOT IN ('FEE', 'EXCISE_DUTY')
           AND t.posted_at <= moment + interval '1 minute'
         ORDER BY t.id DESC LIMIT 50
    )
    SELECT count(*) FILTER (WHERE l.posted_at > moment - interval '10 minutes'),
           COALESCE(-sum(l.amount_minor) FILTER (WHERE l.posted_at > moment - interval '1 day'), 0)::bigint,
           CASE WHEN count(*) >= 5 THEN (-avg(l.amount_minor))::bigint END,
           GREATEST(EXTRACT(epoch FROM moment - max(l.posted_at)), 0)::int,
           (SELECT json_object_agg(r.code, json_build_array(r.threshold::text, r.weight::text, r.version)) FROM (
                SELECT DISTINCT ON (f.code) f.code, f.threshold, f.weight, f.version, f.is_active
                  FROM fraud_fraudrule f ORDER BY f.code, f.version DESC
            ) r WHERE r.is_active)
      INTO often, day_minor, usual, seconds, rules
      FROM lately l;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("fraud", "0003_disputes")]

    operations = [
        migrations.AddField(
            model_name="fraudcheck",
            name="rule_versions",
            field=models.JSONField(default=dict, help_text="The version of each rule that was asked"),
        ),
        migrations.RunSQL(_LOOK, "DROP FUNCTION fraud_look(bigint, timestamptz)"),
    ]
