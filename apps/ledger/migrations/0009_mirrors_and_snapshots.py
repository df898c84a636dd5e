"""A reversal is the mirror of what it reverses, whoever calls the posting function; and no posting works on an old
snapshot, in which a period that was closed since still looks open.
"""

from django.db import migrations

MIRROR = """
-- After the statement that writes transfer and entries together.
CREATE FUNCTION ledger_reversal_mirrors() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM ledger_transfer t WHERE t.id = NEW.reverses_id AND t.reverses_id IS NULL;
    IF NOT FOUND OR EXISTS (
        SELECT FROM (SELECT true AS there, e.leg, e.account_id, -e.amount_minor AS amount, e.currency FROM ledger_entry e
                      WHERE e.id BETWEEN NEW.reverses_id * 1000 AND NEW.reverses_id * 1000 + 999) o
          FULL JOIN (SELECT true AS there, e.leg, e.account_id, e.amount_minor AS amount, e.currency FROM ledger_entry e
                      WHERE e.id BETWEEN NEW.id * 1000 AND NEW.id * 1000 + 999) m USING (leg, account_id, amount, currency)
         WHERE o.there IS NULL OR m.there IS NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'KB012', TABLE = TG_TABLE_NAME,
            MESSAGE = format('transfer %s is not the mirror of %s', NEW.id, NEW.reverses_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reversal_mirrors AFTER INSERT ON ledger_transfer
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_reversal_mirrors();
ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER reversal_mirrors;
"""

# Asked where a transfer is written, once a statement.
FRESH = """
CREATE FUNCTION ledger_sees_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.<>) 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB090', TABLE = TG_TABLE_NAME,
            MESSAGE = 'postings are made in READ COMMITTED: a snapshot does not see what was closed since';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sees_now BEFORE INSERT ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger_sees_now();
ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER sees_now;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_exchange_positions")]

    operations = [
        migrations.RunSQL(MIRROR, "DROP FUNCTION ledger_reversal_mirrors() CASCADE"),
        migrations.RunSQL(FRESH, "DROP FUNCTION ledger_sees_now() CASCADE"),
    ]
