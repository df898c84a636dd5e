"""Many transfers with one call, by the same rules: payroll, interest, fees.

SQLSTATE KB014: another transaction posted one of the references meanwhile; nothing was kept, ask again.
"""

from django.db import migrations

POST_MANY = """
-- Legs name their posting by its place (from 1) and stand in that order. Balances are locked in account order, then each
-- leg's running balance is what it would be one posting after the other: an account that does not cover one of them on
-- the way refuses the whole call, naming the reference. Answers with one row: which postings are new, their transfers,
-- and the running balance and number of each of their legs, in order; what was there before is asked of ledger_replay.
-- Text arrays are unnested, never subscripted: PostgreSQL walks them from the start each time.
CREATE FUNCTION ledger_post_many(
    p_references text[], p_body_hashes bytea[], p_kinds text[], p_narratives text[], p_details jsonb[], p_booked_on date[],
    p_created_at timestamptz[], p_leg_posting int[], p_leg int[], p_accounts bigint[], p_amounts bigint[],
    p_currencies text[], OUT fresh int[], OUT ids bigint[], OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp, ledger_hand
    SET jit = off AS $$  -- arrays of unknown length look enormous to the planner, and compiling costs more than running
DECLARE
    wrong record;
    kept bigint;
BEGIN
    SELECT u.reference INTO wrong
      FROM unnest(p_references, p_body_hashes) AS u (reference, body_hash)
      JOIN ledger_transfer t ON t.reference = u.reference
     WHERE t.body_hash <> u.body_hash LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB002', MESSAGE = 'the reference was used for another posting',
            DETAIL = json_build_object('reference', wrong.reference)::text;
    END IF;
    fresh := ARRAY(SELECT u.nth::int FROM unnest(p_references) WITH ORDINALITY AS u (reference, nth)
                     LEFT JOIN ledger_transfer t ON t.reference = u.reference
                    WHERE t.id IS NULL ORDER BY u.nth);

    SELECT p.name, u.day INTO wrong
      FROM ledger_period p
      JOIN (SELECT DISTINCT d.day FROM unnest(p_booked_on) WITH ORDINALITY AS d (day, nth)
              JOIN unnest(fresh) AS f (nth) ON f.nth = d.nth) u ON u.day BETWEEN p.first_on AND p.last_on
     WHERE p.status = 'CLOSED' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB004', MESSAGE = 'the period is closed',
            DETAIL = json_build_object('period', wrong.name, 'booked_on', wrong.day)::text;
    END IF;

    PERFORM FROM ledger_balance b
      WHERE b.account_id IN (SELECT v.account FROM unnest(p_accounts, p_leg_posting) AS v (account, nth)
                               JOIN unnest(fresh) AS f (nth) ON f.nth = v.nth)
      ORDER BY b.account_id FOR UPDATE;

    SELECT a.id, a.code INTO wrong
      FROM (SELECT DISTINCT v.account FROM unnest(p_accounts, p_leg_posting) AS v (account, nth)
              JOIN unnest(fresh) AS f (nth) ON f.nth = v.nth) u
      JOIN ledger_account a ON a.id = u.account WHERE a.is_blocked LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB003', MESSAGE = 'the account takes no entries',
            DETAIL = json_build_object('account', wrong.id, 'code', wrong.code)::text;
    END IF;

    PERFORM pg_current_xact_id();  -- before the ids are drawn: jobs that cut by id wait for transactions
    ids := ARRAY(SELECT nextval('ledger_transfer_id') FROM generate_series(1, cardinality(fresh)));
    INSERT INTO ledger_transfer (id, reference, body_hash, kind, narrative, details, booked_on, created_at, reverses_id)
    SELECT f.id, u.reference, u.body_hash, u.kind, u.narrative, u.details, u.day, u.at, NULL
      FROM unnest(p_references, p_body_hashes, p_kinds, p_narratives, p_details, p_booked_on, p_created_at)
           WITH ORDINALITY AS u (reference, body_hash, kind, narrative, details, day, at, nth)
      JOIN unnest(fresh, ids) AS f (nth, id) ON f.nth = u.nth
     ORDER BY f.id
        ON CONFLICT (reference) DO NOTHING;
    GET DIAGNOSTICS kept = ROW_COUNT;
    IF kept <> cardinality(fresh) THEN
        RAISE EXCEPTION USING ERRCODE = 'KB014', MESSAGE = 'a reference was posted meanwhile';
    END IF;

    WITH legs AS MATERIALIZED (
        SELECT f.id AS transfer_id, l.nth, l.leg, l.account, l.amount, l.currency, d.day, b.account_id AS locked, b.side,
               b.held_minor, b.floor_minor,
               (b.posted_minor + b.side * sum(l.amount) OVER one_by_one)::bigint AS running,
               CASE WHEN b.account_id IS NOT NULL THEN b.seq + row_number() OVER one_by_one END AS seq,
               lead(l.nth) OVER in_turn AS next_nth
          FROM unnest(p_leg_posting, p_leg, p_accounts, p_amounts, p_currencies)
               AS l (nth, leg, account, amount, currency)
          JOIN unnest(fresh, ids) AS f (nth, id) ON f.nth = l.nth
          JOIN unnest(p_booked_on) WITH ORDINALITY AS d (day, nth) ON d.nth = l.nth
          LEFT JOIN ledger_balance b ON b.account_id = l.account
        WINDOW in_turn AS (PARTITION BY l.account ORDER BY l.nth, l.leg),
               one_by_one AS (in_turn ROWS UNBOUNDED PRECEDING)
    ), short AS MATERIALIZED (
        SELECT n.nth, n.account, n.currency, n.side, n.running, n.held_minor, n.floor_minor,
               (SELECT n.side * sum(o.amount)::bigint FROM legs o WHERE o.nth = n.nth AND o.account = n.account) AS net
          FROM legs n
         WHERE n.next_nth IS DISTINCT FROM n.nth AND n.running - n.held_minor < n.floor_minor
         ORDER BY n.transfer_id LIMIT 1
    ), written AS (
        INSERT INTO ledger_entry
            (id, transfer_id, leg, account_id, amount_minor, currency, balance_after, seq, booked_on)
        SELECT n.transfer_id * 1000 + n.leg, n.transfer_id, n.leg, n.account, n.amount, n.currency, n.running, n.seq, n.day
          FROM legs n WHERE NOT EXISTS (SELECT FROM short)
         ORDER BY n.transfer_id, n.leg
    ), balanced AS (
        UPDATE ledger_balance b SET posted_minor = n.running, seq = n.seq
          FROM legs n
         WHERE n.next_nth IS NULL AND n.locked IS NOT NULL AND b.account_id = n.account
           AND NOT EXISTS (SELECT FROM short)
    )
    SELECT s.*, o.* INTO wrong
      FROM (SELECT array_agg(n.running ORDER BY n.transfer_id, n.leg) AS all_balances,
                   array_agg(n.seq ORDER BY n.transfer_id, n.leg) AS all_seqs FROM legs n) o
      LEFT JOIN short s ON true;
    IF wrong.account IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KB001', MESSAGE = 'insufficient funds', DETAIL = json_build_object(
            'account', wrong.account, 'available', wrong.running - wrong.net - wrong.held_minor - wrong.floor_minor,
            'needed', -wrong.net, 'currency', wrong.currency, 'reference', p_references[wrong.nth])::text;
    END IF;
    balances := COALESCE(wrong.all_balances, '{}');
    seqs := COALESCE(wrong.all_seqs, '{}');
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_chart")]

    operations = [migrations.RunSQL(POST_MANY, "DROP FUNCTION ledger_post_many")]
