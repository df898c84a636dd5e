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

POST = """
-- Post one transfer. The update of a balance row is its lock and its check in one; rows are taken in account order, so
-- that no two transfers wait for each other in a ring. The transfer's id is drawn after the locks: per account, ids
-- follow the running balance. A reference used before is found when the transfer is written, by the unique index that
-- also settles a race; then the balances are put back and the stored result is returned.
CREATE FUNCTION ledger_post(
    p_reference text, p_body_hash bytea, p_kind text, p_narrative text, p_details jsonb, p_booked_on date,
    p_created_at timestamptz, p_accounts bigint[], p_amounts bigint[], p_currencies text[], p_reverses bigint,
    OUT transfer_id bigint, OUT is_replay boolean, OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp, ledger_hand AS $$
DECLARE
    legs CONSTANT int := cardinality(p_accounts);
    turn int[];
    nth int := 1;
    last int;
    net bigint;
    running bigint;
    count_before bigint;
    holder_side int;
    refused int := 0;
    period text;
BEGIN
    IF legs IS NULL OR legs < 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'KB010', MESSAGE = 'a transfer has two legs or more';
    END IF;
    is_replay := false;
    balances := array_fill(NULL::bigint, ARRAY[legs]);
    seqs := balances;
    IF legs = 2 AND p_accounts[1] < p_accounts[2] THEN
        turn := '{1,2}';
    ELSIF legs = 2 AND p_accounts[1] > p_accounts[2] THEN
        turn := '{2,1}';
    ELSE
        turn := ARRAY(SELECT o::int FROM unnest(p_accounts) WITH ORDINALITY AS u (a, o) ORDER BY a, o);
    END IF;

    WHILE nth <= legs LOOP
        last := nth;
        net := p_amounts[turn[nth]];
        WHILE last < legs AND p_accounts[turn[last + 1]] = p_accounts[turn[nth]] LOOP
            last := last + 1;
            net := net + p_amounts[turn[last]];
        END LOOP;
        UPDATE ledger_balance b
           SET posted_minor = b.posted_minor + b.side * net, seq = b.seq + (last - nth + 1)
         WHERE b.account_id = p_accounts[turn[nth]] AND NOT b.is_blocked
           AND b.posted_minor + b.side * net - b.held_minor >= b.floor_minor
        RETURNING b.posted_minor, b.seq, b.side INTO running, count_before, holder_side;
        IF NOT FOUND THEN
            PERFORM FROM ledger_account a
              WHERE a.id = p_accounts[turn[nth]] AND a.mode = 1 AND a.role = 'POSTING' AND NOT a.is_blocked;
            IF NOT FOUND THEN
                refused := turn[nth];
                EXIT;
            END IF;
        ELSIF last = nth THEN
            balances[turn[nth]] := running;
            seqs[turn[nth]] := count_before;
        ELSE
            running := running - holder_side * net;
            count_before := count_before - (last - nth + 1);
            FOR i IN nth..last LOOP
                running := running + holder_side * p_amounts[turn[i]];
                count_before := count_before + 1;
                balances[turn[i]] := running;
                seqs[turn[i]] := count_before;
            END LOOP;
        END IF;
        nth := last + 1;
    END LOOP;

    IF refused = 0 THEN
        PERFORM pg_current_xact_id();  -- before the id is drawn: jobs that cut by id wait for transactions
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
        SELECT t.id * 1000 + u.leg, t.id, u.leg, u.account, u.amount, u.currency, u.after, u.seq, p_booked_on
          FROM t, unnest(p_accounts, p_amounts, p_currencies, balances, seqs)
               WITH ORDINALITY AS u (account, amount, currency, after, seq, leg);
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    -- Something is in the way: an earlier posting of this reference, or a refusal.
    UPDATE ledger_balance b
       SET posted_minor = b.posted_minor - b.side * u.net, seq = b.seq - u.entries
      FROM (SELECT v.account, sum(v.amount)::bigint AS net, count(*) AS entries
              FROM unnest(p_accounts, p_amounts, seqs) AS v (account, amount, seq)
             WHERE v.seq IS NOT NULL GROUP BY v.account) u
     WHERE b.account_id = u.account;
    SELECT r.transfer_id, r.balances, r.seqs INTO transfer_id, balances, seqs
      FROM ledger_replay(p_reference, p_body_hash) r;
    IF transfer_id IS NOT NULL THEN
        is_replay := true;
        RETURN;
    END IF;
    IF refused <> 0 THEN
        PERFORM ledger_refuse_leg(p_accounts[refused], (
            SELECT sum(v.amount)::bigint FROM unnest(p_accounts, p_amounts) AS v (account, amount)
             WHERE v.account = p_accounts[refused]));
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
    SET search_path = pg_catalog, public, pg_temp, ledger_hand AS $$
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
        migrations.RunSQL(POST, "DROP FUNCTION ledger_post"),
        migrations.RunSQL(OPEN, "DROP FUNCTION ledger_open_accounts"),
    ]
