"""Reversals, and money set aside: authorise, capture all or part, release, expire.

SQLSTATEs: KB005 already reversed, KB006 hold not open, KB007 hold exceeded, KB008 a reversal is not reversed.
A hold row is locked before the balance rows, and balance rows always in account order.
"""

from django.db import migrations

REVERSE = """
-- Post the mirror of a transfer. The lock on the original settles who is first.
CREATE FUNCTION ledger_reverse(
    p_transfer bigint, p_reference text, p_body_hash bytea, p_narrative text, p_details jsonb, p_booked_on date,
    p_created_at timestamptz, OUT transfer_id bigint, OUT is_replay boolean, OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    original record;
    earlier bigint;
    accounts bigint[];
    amounts bigint[];
    currencies text[];
BEGIN
    SELECT t.id, t.reverses_id INTO original FROM ledger_transfer t WHERE t.id = p_transfer FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('there is no transfer %s', p_transfer);
    END IF;
    SELECT r.transfer_id, r.balances, r.seqs INTO transfer_id, balances, seqs
      FROM ledger_replay(p_reference, p_body_hash) r;
    IF transfer_id IS NOT NULL THEN
        is_replay := true;
        RETURN;
    END IF;
    IF original.reverses_id IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KB008', MESSAGE = 'a reversal is not reversed',
            DETAIL = json_build_object('transfer', p_transfer, 'reverses', original.reverses_id)::text;
    END IF;
    SELECT t.id INTO earlier FROM ledger_transfer t WHERE t.reverses_id = p_transfer;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB005', MESSAGE = 'already reversed',
            DETAIL = json_build_object('transfer', p_transfer, 'reversed_by', earlier)::text;
    END IF;
    SELECT array_agg(e.account_id ORDER BY e.leg), array_agg(-e.amount_minor ORDER BY e.leg),
           array_agg(e.currency::text ORDER BY e.leg)
      INTO accounts, amounts, currencies
      FROM ledger_entry e WHERE e.id BETWEEN p_transfer * 1000 AND p_transfer * 1000 + 999;
    SELECT p.transfer_id, p.is_replay, p.balances, p.seqs INTO transfer_id, is_replay, balances, seqs
      FROM ledger_post(p_reference, p_body_hash, 'REVERSAL', p_narrative, p_details, p_booked_on, p_created_at,
                       accounts, amounts, currencies, p_transfer) p;
END $$;
"""

HOLD = """
-- Set money aside. The same reference and body again gives the hold that is there.
CREATE FUNCTION ledger_hold(
    p_reference text, p_body_hash bytea, p_account bigint, p_amount bigint, p_currency text, p_expires_at timestamptz,
    p_at timestamptz, OUT hold_id bigint, OUT is_replay boolean
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    stored_hash bytea;
    is_held boolean;
    holder_side int;
BEGIN
    is_replay := false;
    UPDATE ledger_balance b SET held_minor = b.held_minor + p_amount
     WHERE b.account_id = p_account AND b.currency = p_currency AND NOT b.is_blocked
       AND b.posted_minor - b.held_minor - p_amount >= b.floor_minor;
    is_held := FOUND;
    IF is_held THEN
        INSERT INTO ledger_hold (reference, body_hash, account_id, amount_minor, captured_minor, currency, status,
                                 expires_at, created_at)
        VALUES (p_reference, p_body_hash, p_account, p_amount, 0, p_currency, 'OPEN', p_expires_at, p_at)
            ON CONFLICT (reference) DO NOTHING RETURNING id INTO hold_id;
        IF hold_id IS NOT NULL THEN
            RETURN;
        END IF;
        UPDATE ledger_balance b SET held_minor = b.held_minor - p_amount WHERE b.account_id = p_account;
    END IF;
    SELECT h.id, h.body_hash INTO hold_id, stored_hash FROM ledger_hold h WHERE h.reference = p_reference;
    IF FOUND THEN
        IF stored_hash <> p_body_hash THEN
            RAISE EXCEPTION USING ERRCODE = 'KB002', MESSAGE = 'the reference was used for another hold',
                DETAIL = json_build_object('reference', p_reference)::text;
        END IF;
        is_replay := true;
        RETURN;
    END IF;
    SELECT b.side INTO holder_side FROM ledger_balance b WHERE b.account_id = p_account AND b.currency = p_currency;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE =
            format('account %s has no locked balance in %s: nothing can be held there', p_account, p_currency);
    END IF;
    PERFORM ledger_refuse_leg(p_account, -p_amount * holder_side);
END $$;
"""

CAPTURE = """
-- Turn p_part of a hold into a transfer; with p_is_final what is left of it is released.
CREATE FUNCTION ledger_capture(
    p_hold bigint, p_part bigint, p_is_final boolean,
    p_reference text, p_body_hash bytea, p_kind text, p_narrative text, p_details jsonb, p_booked_on date,
    p_created_at timestamptz, p_accounts bigint[], p_amounts bigint[], p_currencies text[],
    OUT transfer_id bigint, OUT is_replay boolean, OUT balances bigint[], OUT seqs bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    hold record;
    remaining bigint;
    is_over boolean;
BEGIN
    SELECT h.* INTO hold FROM ledger_hold h WHERE h.id = p_hold FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('there is no hold %s', p_hold);
    END IF;
    SELECT r.transfer_id, r.balances, r.seqs INTO transfer_id, balances, seqs
      FROM ledger_replay(p_reference, p_body_hash) r;
    IF transfer_id IS NOT NULL THEN
        is_replay := true;
        RETURN;
    END IF;
    remaining := hold.amount_minor - hold.captured_minor;
    IF hold.status <> 'OPEN' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB006', MESSAGE = 'the hold is not open',
            DETAIL = json_build_object('hold', p_hold, 'status', hold.status)::text;
    END IF;
    IF p_part > remaining OR p_part <= 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'KB007', MESSAGE = 'more than the hold has',
            DETAIL = json_build_object('hold', p_hold, 'left', remaining, 'needed', p_part, 'currency', hold.currency)::text;
    END IF;
    is_over := p_is_final OR p_part = remaining;
    PERFORM FROM ledger_balance b WHERE b.account_id = hold.account_id OR b.account_id = ANY (p_accounts)
      ORDER BY b.account_id FOR UPDATE;
    UPDATE ledger_balance b SET held_minor = b.held_minor - CASE WHEN is_over THEN remaining ELSE p_part END
     WHERE b.account_id = hold.account_id;
    UPDATE ledger_hold h
       SET captured_minor = h.captured_minor + p_part,
           status = CASE WHEN is_over THEN 'CAPTURED' ELSE 'OPEN' END,
           ended_at = CASE WHEN is_over THEN p_created_at END
     WHERE h.id = p_hold;
    SELECT p.transfer_id, p.is_replay, p.balances, p.seqs INTO transfer_id, is_replay, balances, seqs
      FROM ledger_post(p_reference, p_body_hash, p_kind, p_narrative, p_details, p_booked_on, p_created_at,
                       p_accounts, p_amounts, p_currencies, NULL) p;
    IF is_replay THEN
        -- The reference was posted elsewhere between our look and our write: the hold must not lose its money for it.
        RAISE EXCEPTION USING ERRCODE = 'KB002', MESSAGE = 'the reference was used for another posting',
            DETAIL = json_build_object('reference', p_reference)::text;
    END IF;
END $$;
"""

RELEASE = """
-- Give set-aside money back. A hold released or expired before stays as it is; a captured one is refused.
CREATE FUNCTION ledger_release(p_hold bigint, p_at timestamptz, OUT was_open boolean) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    hold record;
BEGIN
    SELECT h.* INTO hold FROM ledger_hold h WHERE h.id = p_hold FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('there is no hold %s', p_hold);
    END IF;
    IF hold.status = 'CAPTURED' THEN
        RAISE EXCEPTION USING ERRCODE = 'KB006', MESSAGE = 'the hold is not open',
            DETAIL = json_build_object('hold', p_hold, 'status', hold.status)::text;
    END IF;
    was_open := hold.status = 'OPEN';
    IF was_open THEN
        UPDATE ledger_balance b SET held_minor = b.held_minor - (hold.amount_minor - hold.captured_minor)
         WHERE b.account_id = hold.account_id;
        UPDATE ledger_hold h SET status = 'RELEASED', ended_at = p_at WHERE h.id = p_hold;
    END IF;
END $$;

-- Release, set-based, every open hold whose time is up; holds another transaction works on are left for the next round.
CREATE FUNCTION ledger_expire_holds(p_at timestamptz, p_limit int) RETURNS TABLE (expired_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    due bigint[];
BEGIN
    due := ARRAY(SELECT h.id FROM ledger_hold h WHERE h.status = 'OPEN' AND h.expires_at <= p_at
                  ORDER BY h.expires_at, h.id LIMIT p_limit FOR UPDATE SKIP LOCKED);
    PERFORM FROM ledger_balance b
      WHERE b.account_id IN (SELECT h.account_id FROM ledger_hold h WHERE h.id = ANY (due))
      ORDER BY b.account_id FOR UPDATE;
    UPDATE ledger_balance b SET held_minor = b.held_minor - u.rest
      FROM (SELECT h.account_id, sum(h.amount_minor - h.captured_minor)::bigint AS rest
              FROM ledger_hold h WHERE h.id = ANY (due) GROUP BY h.account_id) u
     WHERE b.account_id = u.account_id;
    RETURN QUERY UPDATE ledger_hold h SET status = 'EXPIRED', ended_at = p_at WHERE h.id = ANY (due) RETURNING h.id;
END $$;
"""

UPKEEP = """
-- Change what an account may fall to. KB009 when what is there does not cover it.
CREATE FUNCTION ledger_set_floor(p_account bigint, p_floor bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    found_row record;
BEGIN
    UPDATE ledger_balance b SET floor_minor = p_floor
     WHERE b.account_id = p_account AND b.posted_minor - b.held_minor >= p_floor;
    IF NOT FOUND THEN
        SELECT b.posted_minor - b.held_minor AS free, b.currency INTO found_row
          FROM ledger_balance b WHERE b.account_id = p_account;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('account %s has no locked balance', p_account);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'KB009', MESSAGE = 'the balance is below that floor',
            DETAIL = json_build_object('account', p_account, 'available', found_row.free, 'needed', p_floor,
                                       'currency', found_row.currency)::text;
    END IF;
END $$;

-- Stop or start an account's entries. A derived account has no row to lock: the brief lock on the table waits for the
-- postings under way, which have all read it, and holds new ones back until this commits.
CREATE FUNCTION ledger_block(p_account bigint, p_is_blocked boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    account record;
BEGIN
    SELECT a.mode, a.is_closed, a.code INTO account FROM ledger_account a WHERE a.id = p_account;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('account %s is not there', p_account);
    END IF;
    IF account.is_closed THEN
        RAISE EXCEPTION USING ERRCODE = 'KB003', MESSAGE = 'the account is closed',
            DETAIL = json_build_object('account', p_account, 'code', account.code)::text;
    END IF;
    IF account.mode = 1 THEN
        LOCK TABLE ledger_account IN ACCESS EXCLUSIVE MODE;
    END IF;
    UPDATE ledger_balance b SET is_blocked = p_is_blocked WHERE b.account_id = p_account;
    UPDATE ledger_account a SET is_blocked = p_is_blocked WHERE a.id = p_account;
END $$;

-- Close an account for good. KB013 when money or a hold is in it.
CREATE FUNCTION ledger_close_account(p_account bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
DECLARE
    account record;
    left_over bigint;
    set_aside bigint := 0;
BEGIN
    SELECT a.mode, a.is_closed, a.currency, a.code INTO account FROM ledger_account a WHERE a.id = p_account;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KB011', MESSAGE = format('account %s is not there', p_account);
    END IF;
    IF account.is_closed THEN
        RETURN;
    END IF;
    PERFORM ledger_block(p_account, true);
    IF account.mode = 0 THEN
        SELECT b.posted_minor, b.held_minor INTO left_over, set_aside FROM ledger_balance b WHERE b.account_id = p_account;
    ELSE
        SELECT COALESCE(sum(e.amount_minor), 0)::bigint INTO left_over FROM ledger_entry e WHERE e.account_id = p_account;
    END IF;
    IF left_over <> 0 OR set_aside <> 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'KB013', MESSAGE = 'the account is not empty',
            DETAIL = json_build_object('account', p_account, 'code', account.code, 'balance', left_over, 'held', set_aside,
                                       'currency', account.currency)::text;
    END IF;
    UPDATE ledger_account a SET is_closed = true WHERE a.id = p_account;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_posting")]

    operations = [
        migrations.RunSQL(REVERSE, "DROP FUNCTION ledger_reverse"),
        migrations.RunSQL(HOLD, "DROP FUNCTION ledger_hold"),
        migrations.RunSQL(CAPTURE, "DROP FUNCTION ledger_capture"),
        migrations.RunSQL(RELEASE, "DROP FUNCTION ledger_release, ledger_expire_holds"),
        migrations.RunSQL(UPKEEP, "DROP FUNCTION ledger_close_account, ledger_block, ledger_set_floor"),
    ]
