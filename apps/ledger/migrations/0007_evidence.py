"""What a leaf of the seal says: one entry and its transfer, in a form that reads back without guessing."""

from django.db import migrations

LEAF = """
-- Fields as netstrings (`5:hello,`, `-,` for nothing), so that no two entries share a text.
CREATE FUNCTION ledger_netstring(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(octet_length(said) || ':' || said, '-') || ',';

CREATE FUNCTION ledger_leaf(e ledger_entry, t ledger_transfer) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN
    ledger_netstring((e).id::text) || ledger_netstring((e).transfer_id::text) || ledger_netstring((e).leg::text)
    || ledger_netstring((e).account_id::text) || ledger_netstring((e).amount_minor::text)
    || ledger_netstring((e).currency) || ledger_netstring((e).balance_after::text) || ledger_netstring((e).seq::text)
    || ledger_netstring(to_char((e).booked_on, 'YYYY-MM-DD'))
    || ledger_netstring(to_char((t).booked_on, 'YYYY-MM-DD'))
    || ledger_netstring(to_char((t).created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || ledger_netstring((t).reference) || ledger_netstring((t).kind) || ledger_netstring((t).narrative)
    || ledger_netstring((t).details::text) || ledger_netstring((t).reverses_id::text)
    || ledger_netstring(encode((t).body_hash, 'hex'));
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_bulk_posting")]

    operations = [migrations.RunSQL(LEAF, "DROP FUNCTION ledger_leaf; DROP FUNCTION ledger_netstring")]
