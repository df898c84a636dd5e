"""What the database refuses, whoever asks: changes to what is written, and entries that do not hold together.

Rows of the books are written while a posting function runs: PostgreSQL puts `posting` (no schema has that name) at the
end of `search_path` for the length of that function and takes it away when it ends, also by an error. A setting of our
own would read better, but PostgreSQL lets only a superuser attach one to a function, and the bank's role is none.
Everything else that touches these rows meets KB090.

The path `public, pg_temp, posting` is safe for functions that run with their owner's rights. `pg_catalog` is not named
and so is searched first; `pg_temp` is named and so is searched after `public`, where left unnamed it would come before:
no temporary table shadows one of ours, and functions and operators are never looked for there.
"""

from django.db import migrations

COLUMNS = r"""
-- The transaction that wrote the transfer: its entries come in that one, or never.
ALTER TABLE ledger_transfer ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE SEQUENCE ledger_transfer_id AS bigint OWNED BY ledger_transfer.id;

-- What does not belong together is refused at once, not at the end of the transaction: no queue of checks to keep.
DO $$
DECLARE
    key record;
BEGIN
    FOR key IN SELECT conname, conrelid::regclass AS place FROM pg_constraint
                WHERE contype = 'f' AND condeferrable AND conrelid::regclass::text LIKE 'ledger\_%'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', key.place, key.conname);
    END LOOP;
END $$;

-- Balance rows are rewritten with each posting: room on the page keeps those updates out of the index (HOT).
ALTER TABLE ledger_balance SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- Numbers below a hundred million belong to the chart: the account 1010-KES is 404 1010.
ALTER TABLE ledger_account ALTER COLUMN id RESTART WITH 100000000;
"""
COLUMNS_BACK = """
DROP SEQUENCE ledger_transfer_id;
ALTER TABLE ledger_transfer DROP COLUMN xact;
ALTER TABLE ledger_balance RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
"""

REFUSALS = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'KB090', TABLE = TG_TABLE_NAME,
        MESSAGE = format('%s of %s is refused: the books are written by posting and corrected by a reversal',
                         TG_OP, TG_TABLE_NAME);
END $$;

-- Written once, never again.
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON ledger_period_change
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();

-- Never taken away.
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_balance FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_hold FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_period FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_transfer EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_entry EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_seal EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_account EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_balance EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_hold EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_period_change EXECUTE FUNCTION ledger_refuse_change();

-- What an account is stays what it is.
CREATE TRIGGER account_stays_what_it_is BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.id, OLD.code, OLD.kind, OLD.currency, OLD.role, OLD.mode, OLD.parent_id, OLD.opened_at)
          IS DISTINCT FROM
          (NEW.id, NEW.code, NEW.kind, NEW.currency, NEW.role, NEW.mode, NEW.parent_id, NEW.opened_at))
    EXECUTE FUNCTION ledger_refuse_change();
-- By statement: a trigger on each row would lock and log every row a second time before its update.
CREATE TRIGGER balance_stays_where_it_is BEFORE UPDATE OF account_id, currency, side ON ledger_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER hold_stays_what_it_is BEFORE UPDATE OF id, reference, body_hash, account_id, amount_minor, currency,
    created_at ON ledger_hold FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Only by the posting functions; for entries, the look below asks the same. Asked by a function, because the text of a
-- trigger's WHEN is read anew for every statement. Names are given in full: the path is the caller's own.
CREATE FUNCTION ledger_by_posting_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.<>) 'public, pg_temp, posting' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB090', TABLE = TG_TABLE_NAME,
            MESSAGE = pg_catalog.format(
                '%s of %s is refused: the books are written by posting and corrected by a reversal', TG_OP, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER by_posting_only BEFORE INSERT ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_posting_only();
CREATE TRIGGER by_posting_only BEFORE INSERT OR UPDATE ON ledger_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_posting_only();
CREATE TRIGGER by_posting_only BEFORE INSERT OR UPDATE ON ledger_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_posting_only();
CREATE TRIGGER by_posting_only BEFORE INSERT OR UPDATE OF is_blocked, is_closed ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_posting_only();
"""
REFUSALS_BACK = """
DROP FUNCTION ledger_refuse_change() CASCADE;
DROP FUNCTION ledger_by_posting_only() CASCADE;
"""

HOLD_TOGETHER = """
-- One look at all the entries of a statement: each has a transfer of this very transaction, an id that says so, and an
-- account of its own currency that takes entries; and each currency of each transfer comes to nothing. It stands in for
-- two foreign keys and cannot be got round by adding entries later. Row by row the same would cost a fifth of the whole
-- posting. Parents are looked up by their keys in subqueries, which no plan turns into a join over whole tables.
CREATE FUNCTION ledger_entries_hold_together() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    IF pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.<>) 'public, pg_temp, posting' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB090', TABLE = TG_TABLE_NAME,
            MESSAGE = pg_catalog.format(
                '%s of %s is refused: the books are written by posting and corrected by a reversal', TG_OP, TG_TABLE_NAME);
    END IF;
    SELECT n.transfer_id, n.currency, sum(n.amount_minor) AS adds_up_to INTO wrong
      FROM written n
     GROUP BY n.transfer_id, n.currency, n.booked_on
    HAVING sum(n.amount_minor) <> 0
        OR NOT bool_and((n.id = n.transfer_id * 1000 + n.leg AND n.leg > 0 AND n.leg < 1000
               AND (SELECT a.currency = n.currency AND a.role = 'POSTING' FROM ledger_account a WHERE a.id = n.account_id))
               IS TRUE)
        OR (SELECT t.xact = pg_current_xact_id() AND t.booked_on = n.booked_on
              FROM ledger_transfer t WHERE t.id = n.transfer_id) IS NOT TRUE
     LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    -- What is wrong with them, in words.
    PERFORM FROM ledger_transfer t
      WHERE t.id = wrong.transfer_id AND t.xact = pg_current_xact_id()
        AND t.booked_on = ALL (SELECT n.booked_on FROM written n WHERE n.transfer_id = wrong.transfer_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB012', TABLE = TG_TABLE_NAME, MESSAGE = format(
            'transfer %s is not of this transaction and day: entries are never added later', wrong.transfer_id);
    END IF;
    PERFORM FROM written n LEFT JOIN ledger_account a ON a.id = n.account_id
      WHERE n.transfer_id = wrong.transfer_id AND (a.currency IS DISTINCT FROM n.currency OR a.role <> 'POSTING');
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', TABLE = TG_TABLE_NAME, MESSAGE = format(
            'transfer %s has entries on accounts that are not there, take no entries, or are in another currency',
            wrong.transfer_id);
    END IF;
    PERFORM FROM written n
      WHERE n.transfer_id = wrong.transfer_id AND (n.leg NOT BETWEEN 1 AND 999 OR n.id <> n.transfer_id * 1000 + n.leg);
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB010', TABLE = TG_TABLE_NAME, MESSAGE = format(
            'transfer %s has entries whose id is not the transfer''s and the leg, 1 to 999', wrong.transfer_id);
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'KB010', TABLE = TG_TABLE_NAME, MESSAGE = format(
        'transfer %s does not balance in %s: its entries come to %s', wrong.transfer_id, wrong.currency, wrong.adds_up_to);
END $$;
CREATE TRIGGER entries_hold_together AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_hold_together();
"""
HOLD_TOGETHER_BACK = """
DROP FUNCTION ledger_entries_hold_together() CASCADE;
"""

# Replication roles (session_replication_role) pass ordinary triggers by; these fire for them as well.
ALWAYS = """
DO $$
DECLARE
    guard record;
BEGIN
    FOR guard IN
        SELECT t.tgname, t.tgrelid::regclass AS place FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE p.proname IN ('ledger_refuse_change', 'ledger_by_posting_only', 'ledger_entries_hold_together')
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.place, guard.tgname);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_accounts_and_entries")]

    operations = [
        migrations.RunSQL(COLUMNS, COLUMNS_BACK),
        migrations.RunSQL(REFUSALS, REFUSALS_BACK),
        migrations.RunSQL(HOLD_TOGETHER, HOLD_TOGETHER_BACK),
        migrations.RunSQL(ALWAYS, migrations.RunSQL.noop),
    ]
