"""The same posting in fewer steps: all balances move in one statement, and each table is guarded by one trigger.

PostgreSQL sets every statement up anew, reads the text of a CHECK with it, and looks up the right to call each operator:
that was most of what a posting cost (docs/performance.md). So a statement the fewer saves more than any plan could.
"""

from importlib import import_module

from django.db import migrations

guards, posting, bulk, mirrors = (
    import_module(f"apps.ledger.migrations.{name}")
    for name in ("0002_guards", "0003_posting", "0006_bulk_posting", "0009_mirrors_and_snapshots")
)


def as_before(function: str) -> str:
    """An earlier migration's function, put in the place of the one that replaced it."""
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


POST = """
-- Post one transfer. The update of the balance rows is their lock and their check in one. It reaches them through their
-- key, which hands out the accounts of a list in ascending order: rows are locked in account order, and no two transfers
-- wait for each other in a ring. The function's settings leave the planner no other way, and spare it a plan a call.
-- The transfer's id is drawn after the locks: per account, ids follow the running balance, and jobs that cut by id see by
-- the lock on the balances that a posting is under way. A reference used before is found when the transfer is written, by
-- the unique index that also settles a race; then the balances are put back and the stored result is returned.
CREATE OR REPLACE FUNCTION ledger_post(
    p_reference text, p_body_hash bytea, p_kind text, p_narrative text, p_details jsonb, p_booked_on date,
    p_created_at timestamptz, p_accounts bigint[], p_amounts bigint[], p_currencies text[], p_reverses bigint,
    OUT transfer_id bigint, OUT is_replay boolean, OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_bitmapscan = off AS $$
DECLARE
    nets bigint[] := p_amounts;  -- by leg: what the transfer moves the leg's account by
    leg int;
    running bigint;
    entries bigint;
    has_repeats boolean;
    is_refused boolean;
    refused bigint;
    period text;
BEGIN
    is_replay := false;
    balances := '{NULL,NULL}';
    IF (cardinality(p_accounts) = 2 AND p_accounts[1] <> p_accounts[2]) IS NOT TRUE THEN
        SELECT array_agg(v.net ORDER BY v.nth), array_fill(NULL::bigint, ARRAY[count(*)::int]), count(DISTINCT v.id) < count(*)
          INTO nets, balances, has_repeats
          FROM (SELECT u.nth, u.id, (sum(u.amount) OVER (PARTITION BY u.id))::bigint AS net
                  FROM unnest(p_accounts, p_amounts) WITH ORDINALITY AS u (id, amount, nth)) v;
        IF cardinality(nets) < 2 OR nets IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'KB010', MESSAGE = 'a transfer has two legs or more';
        END IF;
    END IF;
    seqs := balances;

    FOR leg, running, entries IN
        UPDATE ledger_balance b
           SET posted_minor = b.posted_minor + b.side * nets[array_position(p_accounts, b.account_id)],
               seq = b.seq + cardinality(array_positions(p_accounts, b.account_id))
         WHERE b.account_id = ANY (p_accounts) AND NOT b.is_blocked
           AND b.posted_minor + b.side * nets[array_position(p_accounts, b.account_id)] - b.held_minor >= b.floor_minor
        RETURNING array_position(p_accounts, b.account_id), b.posted_minor, b.seq
    LOOP
        balances[leg] := running;
        seqs[leg] := entries;
    END LOOP;

    IF array_position(balances, NULL) IS NOT NULL THEN  -- a derived account, one named twice, or one that is in the way
        SELECT u.id INTO refused
          FROM unnest(p_accounts) AS u (id)
         WHERE balances[array_position(p_accounts, u.id)] IS NULL
           AND (SELECT a.mode = 1 AND a.role = 'POSTING' AND NOT a.is_blocked FROM ledger_account a WHERE a.id = u.id)
               IS NOT TRUE
         ORDER BY u.id LIMIT 1;
        is_refused := FOUND;
        IF has_repeats AND NOT is_refused THEN
            SELECT o.balances, o.seqs INTO balances, seqs FROM ledger_one_by_one(p_accounts, p_amounts, balances, seqs) o;
        END IF;
    END IF;

    IF is_refused IS NOT TRUE THEN
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
        SELECT u.id * 1000 + u.nth, u.id, u.nth, p_accounts[u.nth], p_amounts[u.nth], p_currencies[u.nth],
               balances[u.nth], seqs[u.nth], p_booked_on
          FROM (SELECT t.id, generate_subscripts(p_accounts, 1) AS nth FROM t) u;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    -- Something is in the way: an earlier posting of this reference, or a refusal.
    UPDATE ledger_balance b
       SET posted_minor = b.posted_minor - b.side * nets[array_position(p_accounts, b.account_id)],
           seq = b.seq - cardinality(array_positions(p_accounts, b.account_id))
     WHERE b.account_id = ANY (p_accounts) AND balances[array_position(p_accounts, b.account_id)] IS NOT NULL;
    SELECT r.transfer_id, r.balances, r.seqs INTO transfer_id, balances, seqs
      FROM ledger_replay(p_reference, p_body_hash) r;
    IF transfer_id IS NOT NULL THEN
        is_replay := true;
        RETURN;
    END IF;
    IF is_refused THEN
        PERFORM ledger_refuse_leg(refused, nets[array_position(p_accounts, refused)]);
    END IF;
    SELECT p.name INTO period FROM ledger_period p
     WHERE p.status = 'CLOSED' AND p_booked_on BETWEEN p.first_on AND p.last_on;
    RAISE EXCEPTION USING ERRCODE = 'KB004', MESSAGE = 'the period is closed',
        DETAIL = json_build_object('period', period, 'booked_on', p_booked_on)::text;
END $$;
"""

# What was two triggers on transfers is one: written by posting, and on a fresh snapshot.
TRANSFERS = """
CREATE FUNCTION ledger_by_posting_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'public, pg_temp, posting'
       AND pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'read committed' THEN
        RETURN NULL;
    ELSIF pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'public, pg_temp, posting' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB090', TABLE = TG_TABLE_NAME,
            MESSAGE = 'postings are made in READ COMMITTED: a snapshot does not see what was closed since';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'KB090', TABLE = TG_TABLE_NAME,
        MESSAGE = pg_catalog.format(
            '%s of %s is refused: the books are written by posting and corrected by a reversal', TG_OP, TG_TABLE_NAME);
END $$;
CREATE OR REPLACE TRIGGER by_posting_only BEFORE INSERT ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_posting_now();
ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER by_posting_only;
DROP FUNCTION ledger_sees_now() CASCADE;
"""
TRANSFERS_BACK = """
CREATE OR REPLACE TRIGGER by_posting_only BEFORE INSERT ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_posting_only();
ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER by_posting_only;
DROP FUNCTION ledger_by_posting_now();
"""

# The look over the entries of a statement (0002) asks for one thing more, which was a CHECK of its own on each of them.
LOOK = """
CREATE OR REPLACE FUNCTION ledger_entries_hold_together() RETURNS trigger LANGUAGE plpgsql AS $$
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
        OR NOT bool_and((n.id = n.transfer_id * 1000 + n.leg AND n.leg > 0 AND n.leg < 1000 AND n.amount_minor <> 0
               AND (SELECT a.currency = n.currency AND a.role = 'POSTING' FROM ledger_account a WHERE a.id = n.account_id))
               IS TRUE)
        OR (SELECT t.xact = pg_current_xact_id() AND t.booked_on = n.booked_on
              FROM ledger_transfer t WHERE t.id = n.transfer_id) IS NOT TRUE;
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
    PERFORM FROM written n WHERE n.transfer_id = wrong.transfer_id AND n.amount_minor = 0;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB010', TABLE = TG_TABLE_NAME, MESSAGE = format(
            'transfer %s has entries that move nothing', wrong.transfer_id);
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
"""
LOOK_BEFORE = guards.HOLD_TOGETHER[: guards.HOLD_TOGETHER.index("CREATE TRIGGER")]

POST_EACH = """
-- One transfer for each of many accounts against one other: interest, fees, dividends. The references are the common one
-- and the account; p_amounts are what the accounts' legs carry (debits positive), the other leg is the opposite. Nothing
-- but two columns of numbers travels, and the rules are those of ledger_post_many. Answers with the transfers, and the
-- accounts' running balances and numbers, in the order of p_accounts.
-- The usual case takes one statement a table: every account locked, open, named once and covered, against a derived
-- account, in an open period, under references never used. What is not so is taken back, and ledger_post_many posts it or
-- says what is in the way. As in ledger_post, balances are reached through their key, in account order: from sorted
-- accounts, or along the key beside them.
CREATE OR REPLACE FUNCTION ledger_post_each(
    p_reference text, p_kind text, p_narrative text, p_details jsonb, p_booked_on date, p_names_day boolean,
    p_created_at timestamptz, p_accounts bigint[], p_amounts bigint[], p_against bigint, p_currency text,
    OUT already int[], OUT ids bigint[], OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting
    SET jit = off
    SET enable_hashjoin = off
    SET enable_seqscan = off
    SET enable_bitmapscan = off AS $$
DECLARE
    n CONSTANT int := cardinality(p_accounts);
    head CONSTANT text := p_kind || E'\\n' || CASE WHEN p_names_day THEN to_char(p_booked_on, 'YYYY-MM-DD') ELSE '-' END;
BEGIN
    PERFORM FROM ledger_account a
      WHERE a.id = p_against AND a.mode = 1 AND a.role = 'POSTING' AND NOT a.is_blocked
        AND NOT EXISTS (SELECT FROM ledger_period p
                         WHERE p.status = 'CLOSED' AND p_booked_on BETWEEN p.first_on AND p.last_on);
    IF FOUND THEN
        BEGIN
            WITH moved AS (
                UPDATE ledger_balance b SET posted_minor = b.posted_minor + b.side * u.amount, seq = b.seq + 1
                  FROM (SELECT v.account, v.amount, v.nth
                          FROM unnest(p_accounts, p_amounts) WITH ORDINALITY AS v (account, amount, nth)
                         ORDER BY v.account) u
                 WHERE b.account_id = u.account AND NOT b.is_blocked
                   AND b.posted_minor + b.side * u.amount - b.held_minor >= b.floor_minor
                RETURNING u.nth, b.posted_minor, b.seq
            )
            SELECT array_agg(m.posted_minor ORDER BY m.nth), array_agg(m.seq ORDER BY m.nth) INTO balances, seqs FROM moved m;
            IF cardinality(balances) IS DISTINCT FROM n THEN
                RAISE EXCEPTION USING ERRCODE = 'KB014', MESSAGE = 'not the usual case';
            END IF;
            ids := ARRAY(SELECT nextval('ledger_transfer_id') FROM generate_series(1, n));
            INSERT INTO ledger_transfer
                (id, reference, body_hash, kind, narrative, details, booked_on, created_at, reverses_id)
            SELECT u.id, p_reference || '/' || u.account,
                   sha256(convert_to(concat(head, E'\\n', u.account, ':', u.amount, ':', p_currency,
                                            E'\\n', p_against, ':', -u.amount, ':', p_currency), 'UTF8')),
                   p_kind, p_narrative, p_details, p_booked_on, p_created_at, NULL
              FROM unnest(ids, p_accounts, p_amounts) AS u (id, account, amount);
            INSERT INTO ledger_entry
                (id, transfer_id, leg, account_id, amount_minor, currency, balance_after, seq, booked_on)
            SELECT u.id * 1000 + l.leg, u.id, l.leg, CASE l.leg WHEN 1 THEN u.account ELSE p_against END,
                   CASE l.leg WHEN 1 THEN u.amount ELSE -u.amount END, p_currency, CASE l.leg WHEN 1 THEN u.balance END,
                   CASE l.leg WHEN 1 THEN u.seq END, p_booked_on
              FROM unnest(ids, p_accounts, p_amounts, balances, seqs) AS u (id, account, amount, balance, seq),
                   (VALUES (1), (2)) AS l (leg);
            RETURN;
        EXCEPTION WHEN unique_violation OR SQLSTATE 'KB014' THEN
            NULL;  -- the balances are as they were
        END;
    END IF;

    SELECT m.already, m.ids, (SELECT array_agg(a.balance ORDER BY a.nth) FROM unnest(m.balances) WITH ORDINALITY AS a (balance, nth)
                               WHERE a.nth % 2 = 1),
           (SELECT array_agg(a.seq ORDER BY a.nth) FROM unnest(m.seqs) WITH ORDINALITY AS a (seq, nth) WHERE a.nth % 2 = 1)
      INTO already, ids, balances, seqs
      FROM ledger_post_many(
        ARRAY(SELECT p_reference || '/' || u.account FROM unnest(p_accounts) WITH ORDINALITY AS u (account, nth) ORDER BY u.nth),
        ARRAY(SELECT sha256(convert_to(concat(head, E'\\n', u.account, ':', u.amount, ':', p_currency,
                                              E'\\n', p_against, ':', -u.amount, ':', p_currency), 'UTF8'))
                FROM unnest(p_accounts, p_amounts) WITH ORDINALITY AS u (account, amount, nth) ORDER BY u.nth),
        array_fill(p_kind, ARRAY[n]), array_fill(p_narrative, ARRAY[n]), array_fill(p_details, ARRAY[n]),
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
    dependencies = [("ledger", "0010_holidays")]

    operations = [
        migrations.RunSQL(POST, as_before(posting.POST)),
        migrations.RunSQL(TRANSFERS, TRANSFERS_BACK + mirrors.FRESH),
        migrations.RunSQL(LOOK, as_before(LOOK_BEFORE)),
        migrations.RemoveConstraint("entry", "entry_moves_something"),
        migrations.RunSQL(POST_EACH, as_before(bulk.POST_EACH)),
    ]
