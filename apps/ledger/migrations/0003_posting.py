"""One call posts a transfer, and one opens accounts.

SQLSTATEs: KB001 insufficient funds, KB002 reference used with another body, KB003 account takes no entries,
KB004 period closed. Facts travel as JSON in DETAIL.
"""

from django.db import migrations

REPLAY = """
-- The result a reference was stored with, or NULLs when nothing was posted under it.
CREATE FUNCTION ledger_replay(
    p_reference text, p_body_hash bytea, OUT transfer_id bigint, OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    stored_hash bytea;
BEGIN
    SELECT t.id, t.body_hash INTO transfer_id, stored_hash FROM ledger_transfer t WHERE t.reference = p_reference;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF stored_hash <> p_body_hash THEN
        RAISE EXCEPTION USING ERRCODE = 'KB002', MESSAGE = 'the reference was used for another posting',
            DETAIL = json_build_object('reference', p_reference)::text;
    END IF;
    SELECT array_agg(e.balance_after ORDER BY e.leg), array_agg(e.seq ORDER BY e.leg) INTO balances, seqs
      FROM ledger_entry e WHERE e.id BETWEEN ledger_replay.transfer_id * 1000 AND ledger_replay.transfer_id * 1000 + 999;
END $$;
"""

REFUSE = """
-- Why this account does not take this amount (debits positive). Never returns.
CREATE FUNCTION ledger_refuse_leg(p_account bigint, p_net bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    its record;
BEGIN
    SELECT a.id, a.code, a.role, a.currency, a.is_blocked, b.account_id AS locked, b.side,
           b.posted_minor - b.held_minor - b.floor_minor AS available
      INTO its
      FROM ledger_account a LEFT JOIN ledger_balance b ON b.account_id = a.id WHERE a.id = p_account;
    IF NOT FOUND OR its.role <> 'POSTING' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('account %s is not there or takes no entries', p_account);
    END IF;
    IF its.is_blocked THEN
        RAISE EXCEPTION USING ERRCODE = 'KB003', MESSAGE = 'the account takes no entries',
            DETAIL = json_build_object('account', its.id, 'code', its.code)::text;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'KB001', MESSAGE = 'insufficient funds',
        DETAIL = json_build_object('account', its.id, 'available', its.available,
                                   'needed', -p_net * its.side, 'currency', its.currency)::text;
END $$;
"""

ONE_BY_ONE = """
-- Running balances and numbers for a transfer that names an account more than once: the balances were moved by the net
-- of an account's legs, and what came of that stands at the first of them.
CREATE FUNCTION ledger_one_by_one(
    p_accounts bigint[], p_amounts bigint[], p_balances bigint[], p_seqs bigint[], OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT array_agg(o.last_balance - o.side * o.later ORDER BY o.nth), array_agg(o.last_seq - o.legs_later ORDER BY o.nth)
      FROM (SELECT u.nth, b.side, first_value(u.balance) OVER legs AS last_balance, first_value(u.seq) OVER legs AS last_seq,
                   COALESCE(sum(u.amount) OVER following, 0)::bigint AS later, count(*) OVER following AS legs_later
              FROM unnest(p_accounts, p_amounts, p_balances, p_seqs) WITH ORDINALITY AS u (id, amount, balance, seq, nth)
              LEFT JOIN ledger_balance b ON b.account_id = u.id
            WINDOW legs AS (PARTITION BY u.id ORDER BY u.nth),
                   following AS (legs ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)) o;
END;
"""

POST = """
-- Post one transfer. The update of a balance row is its lock and its check in one; rows are taken in account order, so
-- that no two transfers wait for each other in a ring. The transfer's id is drawn after the locks: per account, ids
-- follow the running balance, and jobs that cut by id see by the lock on the balances that a posting is under way. A
-- reference used before is found when the transfer is written, by the unique index that also settles a race; then the
-- balances are put back and the stored result is returned.
CREATE FUNCTION ledger_post(
    p_reference text, p_body_hash bytea, p_kind text, p_narrative text, p_details jsonb, p_booked_on date,
    p_created_at timestamptz, p_accounts bigint[], p_amounts bigint[], p_currencies text[], p_reverses bigint,
    OUT transfer_id bigint, OUT is_replay boolean, OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    turn int[];
    leg int;
    account bigint;
    net bigint;
    legs int := 1;
    running bigint;
    entries bigint;
    has_repeats boolean := false;
    refused int := 0;
    period text;
BEGIN
    IF p_accounts[1] < p_accounts[2] AND cardinality(p_accounts) = 2 THEN
        turn := '{1,2}';
    ELSIF p_accounts[1] > p_accounts[2] AND cardinality(p_accounts) = 2 THEN
        turn := '{2,1}';
    ELSE
        SELECT array_agg(u.nth ORDER BY u.id, u.nth), count(DISTINCT u.id) < count(*) INTO turn, has_repeats
          FROM unnest(p_accounts) WITH ORDINALITY AS u (id, nth);
        IF cardinality(turn) < 2 OR turn IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'KB010', MESSAGE = 'a transfer has two legs or more';
        END IF;
    END IF;
    is_replay := false;
    balances := array_fill(NULL::bigint, ARRAY[cardinality(turn)]);
    seqs := balances;

    FOREACH leg IN ARRAY turn LOOP
        CONTINUE WHEN account = p_accounts[leg];  -- settled with the account's first leg
        account := p_accounts[leg];
        net := p_amounts[leg];
        IF has_repeats THEN
            SELECT sum(u.amount), count(*) INTO net, legs
              FROM unnest(p_accounts, p_amounts) AS u (id, amount) WHERE u.id = account;
        END IF;
        UPDATE ledger_balance b
           SET posted_minor = b.posted_minor + b.side * net, seq = b.seq + legs
         WHERE b.account_id = account AND NOT b.is_blocked
           AND b.posted_minor + b.side * net - b.held_minor >= b.floor_minor
        RETURNING b.posted_minor, b.seq INTO running, entries;
        IF FOUND THEN
            balances[leg] := running;
            seqs[leg] := entries;
        ELSE
            PERFORM FROM ledger_account a
              WHERE a.id = account AND a.mode = 1 AND a.role = 'POSTING' AND NOT a.is_blocked;
            IF NOT FOUND THEN
                refused := leg;
                EXIT;
            END IF;
        END IF;
    END LOOP;
    IF has_repeats AND refused = 0 THEN
        SELECT o.balances, o.seqs INTO balances, seqs FROM ledger_one_by_one(p_accounts, p_amounts, balances, seqs) o;
    END IF;

    IF refused = 0 THEN
        transfer_id := nextval('ledger_transfer_id');
        WITH t AS (
            INSERT INTO ledger_transfer
                (id, reference, body_hash, kind, narrative, details, booked_on, created_at, reverses_id)
            SELECT ledger_post.transfer_id, p_reference, p_body_hash, p_kind, p_narrative, p_details, p_booked_on,
                   p_created_at, p_reverses
             WHERE NOT EXISTS (SELECT FROM ledger_period p
                                WHERE p.status = 'CLOSED' AND p_booked_on BETWEEN p.first_on AND p.last_on)
                ON CONFLICT (reference) DO NOTHING RETURNING id
        )
        INSERT INTO ledger_entry
            (id, transfer_id, leg, account_id, amount_minor, currency, balance_after, seq, booked_on)
        SELECT t.id * 1000 + u.nth, t.id, u.nth, u.id, p_amounts[u.nth], p_currencies[u.nth], balances[u.nth],
               seqs[u.nth], p_booked_on
          FROM t, unnest(p_accounts) WITH ORDINALITY AS u (id, nth);
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    -- Something is in the way: an earlier posting of this reference, or a refusal.
    UPDATE ledger_balance b
       SET posted_minor = b.posted_minor - b.side * u.amount, seq = b.seq - u.taken
      FROM (SELECT v.id, sum(v.amount)::bigint AS amount, count(*) AS taken
              FROM unnest(p_accounts, p_amounts) AS v (id, amount)
             WHERE refused = 0 OR v.id < p_accounts[refused] GROUP BY v.id) u
     WHERE b.account_id = u.id;
    SELECT r.transfer_id, r.balances, r.seqs INTO transfer_id, balances, seqs
      FROM ledger_replay(p_reference, p_body_hash) r;
    IF transfer_id IS NOT NULL THEN
        is_replay := true;
        RETURN;
    END IF;
    IF refused <> 0 THEN
        PERFORM ledger_refuse_leg(p_accounts[refused], (
            SELECT sum(v.amount)::bigint FROM unnest(p_accounts, p_amounts) AS v (id, amount)
             WHERE v.id = p_accounts[refused]));
    END IF;
    SELECT p.name INTO period FROM ledger_period p
     WHERE p.status = 'CLOSED' AND p_booked_on BETWEEN p.first_on AND p.last_on;
    RAISE EXCEPTION USING ERRCODE = 'KB004', MESSAGE = 'the period is closed',
        DETAIL = json_build_object('period', period, 'booked_on', p_booked_on)::text;
END $$;
"""

OPEN = """
-- Open accounts, set-based. An account of that code that is already there and is the same is given back as it is;
-- KB002 when it is another. p_floors is NULL for derived accounts.
CREATE FUNCTION ledger_open_accounts(
    p_codes text[], p_names text[], p_kinds text[], p_currencies text[], p_roles text[], p_modes int[], p_floors bigint[],
    p_owners text[], p_parents bigint[], p_ids bigint[], p_at timestamptz
) RETURNS TABLE (account_id bigint, account_code text) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    other text;
BEGIN
    INSERT INTO ledger_account
        (id, code, name, kind, currency, role, mode, parent_id, owner_reference, is_blocked, is_closed, opened_at)
    SELECT COALESCE(u.id, nextval(pg_get_serial_sequence('ledger_account', 'id'))), u.code, u.name, u.kind, u.currency,
           u.role, u.mode, u.parent, u.owner, false, false, p_at
      FROM unnest(p_codes, p_names, p_kinds, p_currencies, p_roles, p_modes, p_owners, p_parents, p_ids) WITH ORDINALITY
           AS u (code, name, kind, currency, role, mode, owner, parent, id, nth)
     ORDER BY u.nth
        ON CONFLICT (code) DO NOTHING;
    SELECT u.code INTO other
      FROM unnest(p_codes, p_kinds, p_currencies, p_roles, p_modes, p_owners, p_parents)
           AS u (code, kind, currency, role, mode, owner, parent)
      JOIN ledger_account a ON a.code = u.code
     WHERE (a.kind, a.currency, a.role, a.mode, a.owner_reference, a.parent_id)
           IS DISTINCT FROM (u.kind::varchar, u.currency::varchar, u.role::varchar, u.mode::smallint, u.owner::varchar, u.parent)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB002', MESSAGE = 'another account has this code',
            DETAIL = json_build_object('reference', other)::text;
    END IF;
    INSERT INTO ledger_balance
        (account_id, currency, side, posted_minor, held_minor, floor_minor, seq, is_blocked)
    SELECT a.id, a.currency, CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END, 0, 0, COALESCE(u.floor, 0), 0, false
      FROM unnest(p_codes, p_floors) AS u (code, floor)
      JOIN ledger_account a ON a.code = u.code
     WHERE a.mode = 0
     ORDER BY a.id
        ON CONFLICT ON CONSTRAINT ledger_balance_pkey DO NOTHING;
    RETURN QUERY SELECT a.id, a.code::text FROM unnest(p_codes) WITH ORDINALITY AS u (code, nth)
      JOIN ledger_account a ON a.code = u.code ORDER BY u.nth;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]

    operations = [
        migrations.RunSQL(REPLAY, "DROP FUNCTION ledger_replay"),
        migrations.RunSQL(REFUSE, "DROP FUNCTION ledger_refuse_leg"),
        migrations.RunSQL(ONE_BY_ONE, "DROP FUNCTION ledger_one_by_one"),
        migrations.RunSQL(POST, "DROP FUNCTION ledger_post"),
        migrations.RunSQL(OPEN, "DROP FUNCTION ledger_open_accounts"),
    ]
