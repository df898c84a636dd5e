"""Many transfers with one call, by the same rules: payroll, interest, fees.

When another transaction posts one of the references between look and write, the unique index refuses the whole call
(23505, `a_reference_posts_once`): nothing is kept, ask again. ON CONFLICT would cost each row a second look.
"""

from django.db import migrations

POST_MANY = """
-- Legs name their posting by its place (from 1) and stand in that order. When a reference was posted before, nothing is
-- done but to say which those are: the caller asks again for the rest. Otherwise balances are locked in account order,
-- and each leg's running balance is what it would be one posting after the other; an account that does not cover one of
-- them on the way refuses the whole call, naming the reference. Answers with the transfers in the order of postings, and
-- the running balance and number of every leg, in order.
-- Text arrays are unnested, never subscripted: PostgreSQL walks them from the start each time.
CREATE FUNCTION ledger_post_many(
    p_references text[], p_body_hashes bytea[], p_kinds text[], p_narratives text[], p_details jsonb[], p_booked_on date[],
    p_created_at timestamptz[], p_leg_posting int[], p_leg int[], p_accounts bigint[], p_amounts bigint[],
    p_currencies text[], OUT already int[], OUT ids bigint[], OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting
    SET jit = off AS $$  -- arrays of unknown length look enormous to the planner, and compiling costs more than running
DECLARE
    wrong record;
    reused text;
BEGIN
    SELECT array_agg(u.nth::int) FILTER (WHERE u.there IS NOT NULL), min(u.reference) FILTER (WHERE u.there <> u.body_hash)
      INTO already, reused
      FROM (SELECT r.nth, r.reference, r.body_hash,
                   (SELECT t.body_hash FROM ledger_transfer t WHERE t.reference = r.reference) AS there
              FROM unnest(p_references, p_body_hashes) WITH ORDINALITY AS r (reference, body_hash, nth)) u;
    IF reused IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KB002', MESSAGE = 'the reference was used for another posting',
            DETAIL = json_build_object('reference', reused)::text;
    ELSIF already IS NOT NULL THEN
        RETURN;
    END IF;

    SELECT p.name, u.day INTO wrong
      FROM ledger_period p
      JOIN (SELECT DISTINCT d.day FROM unnest(p_booked_on) AS d (day)) u ON u.day BETWEEN p.first_on AND p.last_on
     WHERE p.status = 'CLOSED' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB004', MESSAGE = 'the period is closed',
            DETAIL = json_build_object('period', wrong.name, 'booked_on', wrong.day)::text;
    END IF;

    PERFORM FROM ledger_balance b WHERE b.account_id IN (SELECT v.account FROM unnest(p_accounts) AS v (account))
      ORDER BY b.account_id FOR UPDATE;

    SELECT a.id, a.code INTO wrong FROM ledger_account a
     WHERE a.is_blocked AND a.id IN (SELECT v.account FROM unnest(p_accounts) AS v (account)) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB003', MESSAGE = 'the account takes no entries',
            DETAIL = json_build_object('account', wrong.id, 'code', wrong.code)::text;
    END IF;

    ids := ARRAY(SELECT nextval('ledger_transfer_id') FROM generate_series(1, cardinality(p_references)));
    INSERT INTO ledger_transfer (id, reference, body_hash, kind, narrative, details, booked_on, created_at, reverses_id)
    SELECT u.id, u.reference, u.body_hash, u.kind, u.narrative, u.details, u.day, u.at, NULL
      FROM unnest(ids, p_references, p_body_hashes, p_kinds, p_narratives, p_details, p_booked_on, p_created_at)
           AS u (id, reference, body_hash, kind, narrative, details, day, at);

    WITH legs AS MATERIALIZED (
        SELECT ids[l.nth] AS transfer_id, l.nth, l.leg, l.account, l.amount, l.currency, l.place,
               b.account_id AS locked, b.side, b.held_minor, b.floor_minor,
               (b.posted_minor + b.side * sum(l.amount) OVER one_by_one)::bigint AS running,
               CASE WHEN b.account_id IS NOT NULL THEN b.seq + row_number() OVER one_by_one END AS seq,
               lead(l.nth) OVER in_turn AS next_nth
          FROM unnest(p_leg_posting, p_leg, p_accounts, p_amounts, p_currencies) WITH ORDINALITY
               AS l (nth, leg, account, amount, currency, place)
          LEFT JOIN ledger_balance b ON b.account_id = l.account
        WINDOW in_turn AS (PARTITION BY l.account ORDER BY l.place), one_by_one AS (in_turn ROWS UNBOUNDED PRECEDING)
    ), short AS MATERIALIZED (
        SELECT n.nth, n.account, n.currency, n.side, n.running, n.held_minor, n.floor_minor,
               (SELECT n.side * sum(o.amount)::bigint FROM legs o WHERE o.nth = n.nth AND o.account = n.account) AS net
          FROM legs n
         WHERE n.next_nth IS DISTINCT FROM n.nth AND n.running - n.held_minor < n.floor_minor
         ORDER BY n.place LIMIT 1
    ), written AS (
        INSERT INTO ledger_entry
            (id, transfer_id, leg, account_id, amount_minor, currency, balance_after, seq, booked_on)
        SELECT n.transfer_id * 1000 + n.leg, n.transfer_id, n.leg, n.account, n.amount, n.currency, n.running, n.seq,
               p_booked_on[n.nth]
          FROM legs n WHERE NOT EXISTS (SELECT FROM short)
         ORDER BY n.place
    ), balanced AS (
        UPDATE ledger_balance b SET posted_minor = n.running, seq = n.seq
          FROM legs n
         WHERE n.next_nth IS NULL AND n.locked IS NOT NULL AND b.account_id = n.account
           AND NOT EXISTS (SELECT FROM short)
    )
    SELECT s.*, o.* INTO wrong
      FROM (SELECT array_agg(n.running ORDER BY n.place) AS all_balances, array_agg(n.seq ORDER BY n.place) AS all_seqs
              FROM legs n) o
      LEFT JOIN short s ON true;
    IF wrong.account IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KB001', MESSAGE = 'insufficient funds', DETAIL = json_build_object(
            'account', wrong.account, 'available', wrong.running - wrong.net - wrong.held_minor - wrong.floor_minor,
            'needed', -wrong.net, 'currency', wrong.currency, 'reference', p_references[wrong.nth])::text;
    END IF;
    balances := wrong.all_balances;
    seqs := wrong.all_seqs;
END $$;
"""

POST_EACH = """
-- One transfer for each of many accounts against one other: interest, fees, dividends. The references are the common one
-- and the account; p_amounts are what the accounts' legs carry (debits positive), the other leg is the opposite. Nothing
-- but two columns of numbers travels, and the rules are those of ledger_post_many.
CREATE FUNCTION ledger_post_each(
    p_reference text, p_kind text, p_narrative text, p_details jsonb, p_booked_on date, p_names_day boolean,
    p_created_at timestamptz, p_accounts bigint[], p_amounts bigint[], p_against bigint, p_currency text,
    OUT already int[], OUT ids bigint[], OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    n CONSTANT int := cardinality(p_accounts);
    head CONSTANT text := p_kind || E'\n' || CASE WHEN p_names_day THEN to_char(p_booked_on, 'YYYY-MM-DD') ELSE '-' END;
    refs text[];
    hashes bytea[];
BEGIN
    SELECT array_agg(p_reference || '/' || u.account ORDER BY u.nth),
           array_agg(sha256(convert_to(concat(head, E'\n', u.account, ':', u.amount, ':', p_currency,
                                              E'\n', p_against, ':', -u.amount, ':', p_currency), 'UTF8')) ORDER BY u.nth)
      INTO refs, hashes
      FROM unnest(p_accounts, p_amounts) WITH ORDINALITY AS u (account, amount, nth);
    SELECT m.already, m.ids, m.balances, m.seqs INTO already, ids, balances, seqs
      FROM ledger_post_many(
        refs, hashes, array_fill(p_kind, ARRAY[n]), array_fill(p_narrative, ARRAY[n]), array_fill(p_details, ARRAY[n]),
        array_fill(p_booked_on, ARRAY[n]), array_fill(p_created_at, ARRAY[n]),
        ARRAY(SELECT (g + 1) / 2 FROM generate_series(1, 2 * n) g),
        ARRAY(SELECT 2 - g % 2 FROM generate_series(1, 2 * n) g),
        ARRAY(SELECT CASE g WHEN 1 THEN u.account ELSE p_against END
                FROM unnest(p_accounts) WITH ORDINALITY AS u (account, nth), generate_series(1, 2) g ORDER BY u.nth, g),
        ARRAY(SELECT CASE g WHEN 1 THEN u.amount ELSE -u.amount END
                FROM unnest(p_amounts) WITH ORDINALITY AS u (amount, nth), generate_series(1, 2) g ORDER BY u.nth, g),
        array_fill(p_currency, ARRAY[2 * n])) m;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_chart")]

    operations = [
        migrations.RunSQL(POST_MANY, "DROP FUNCTION ledger_post_many"),
        migrations.RunSQL(POST_EACH, "DROP FUNCTION ledger_post_each"),
    ]
