"""What must always hold in the books, each as one question over all rows; the first findings are named."""

from django.db import connection

from apps.kernel import merkle
from apps.kernel.queries import outbox_state
from apps.ledger.models import Seal
from apps.ledger.operations.seal import leaves
from apps.ledger.rules.evidence import BLOCK, GENESIS, chain_hash
from apps.ledger.verification import Check, register

MOST = 50  # findings a check names

QUESTIONS = {
    "ledger.balances_equal_entries": """
        SELECT format('account %s (%s): the balance row says %s after %s entries, its entries come to %s in %s',
                      a.id, a.code, b.posted_minor, b.seq, COALESCE(e.minor, 0), COALESCE(e.n, 0))
          FROM ledger_balance b
          JOIN ledger_account a ON a.id = b.account_id
          LEFT JOIN (SELECT account_id, sum(amount_minor) AS minor, count(*) AS n FROM ledger_entry GROUP BY 1) e
            ON e.account_id = b.account_id
         WHERE b.posted_minor <> b.side * COALESCE(e.minor, 0) OR b.seq <> COALESCE(e.n, 0)
    """,
    "ledger.locked_accounts_have_a_balance": """
        SELECT format('account %s (%s): its mode, side, currency or block and its balance row disagree', a.id, a.code)
          FROM ledger_account a LEFT JOIN ledger_balance b ON b.account_id = a.id
         WHERE (a.mode = 0) <> (b.account_id IS NOT NULL) OR a.currency <> b.currency
            OR b.side <> CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END OR a.is_blocked <> b.is_blocked
    """,
    "ledger.running_balances_follow": """
        SELECT format('entry %s of account %s: running balance %s, number %s; the entries up to it make %s and %s',
                      e.id, e.account_id, e.balance_after, e.seq, e.should_be, e.nth)
          FROM (SELECT n.id, n.account_id, n.balance_after, n.seq,
                       CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END
                           * sum(n.amount_minor) OVER (PARTITION BY n.account_id ORDER BY n.id) AS should_be,
                       row_number() OVER (PARTITION BY n.account_id ORDER BY n.id) AS nth
                  FROM ledger_entry n JOIN ledger_account a ON a.id = n.account_id WHERE a.mode = 0) e
         WHERE e.balance_after IS DISTINCT FROM e.should_be OR e.seq IS DISTINCT FROM e.nth
    """,
    "ledger.transfers_come_to_nothing": """
        SELECT format('transfer %s (%s): its legs in %s come to %s', e.transfer_id, t.reference, e.currency, e.minor)
          FROM (SELECT transfer_id, currency, sum(amount_minor) AS minor FROM ledger_entry GROUP BY 1, 2) e
          LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
         WHERE e.minor <> 0
    """,
    "ledger.transfers_have_their_legs": """
        SELECT format('transfer %s (%s): it has %s legs, the last is number %s', t.id, t.reference, COALESCE(e.n, 0),
                      e.last)
          FROM ledger_transfer t
          LEFT JOIN (SELECT transfer_id, count(*) AS n, max(leg) AS last FROM ledger_entry GROUP BY 1) e
            ON e.transfer_id = t.id
         WHERE COALESCE(e.n, 0) < 2 OR e.n <> e.last
    """,
    "ledger.entries_belong": """
        SELECT format('entry %s: its transfer or account is missing, takes no entries, or has another currency or day',
                      e.id)
          FROM ledger_entry e
          LEFT JOIN ledger_transfer t ON t.id = e.transfer_id AND t.booked_on = e.booked_on
          LEFT JOIN ledger_account a ON a.id = e.account_id AND a.currency = e.currency AND a.role = 'POSTING'
         WHERE t.id IS NULL OR a.id IS NULL
    """,
    "ledger.reversals_mirror": """
        SELECT format('transfer %s reverses %s and is not its mirror', r.id, r.reverses_id)
          FROM ledger_transfer r
          LEFT JOIN (SELECT e.transfer_id, array_agg((e.account_id, e.amount_minor, e.currency) ORDER BY e.leg) AS legs
                       FROM ledger_entry e GROUP BY 1) o ON o.transfer_id = r.reverses_id
          LEFT JOIN (SELECT e.transfer_id, array_agg((e.account_id, -e.amount_minor, e.currency) ORDER BY e.leg) AS legs
                       FROM ledger_entry e GROUP BY 1) m ON m.transfer_id = r.id
         WHERE r.reverses_id IS NOT NULL AND o.legs IS DISTINCT FROM m.legs
    """,
    "ledger.holds_equal_what_is_held": """
        SELECT format('account %s (%s): %s is set aside, its open holds come to %s', a.id, a.code, b.held_minor,
                      COALESCE(h.minor, 0))
          FROM ledger_balance b
          JOIN ledger_account a ON a.id = b.account_id
          LEFT JOIN (SELECT account_id, sum(amount_minor - captured_minor) AS minor FROM ledger_hold
                      WHERE status = 'OPEN' GROUP BY 1) h ON h.account_id = b.account_id
         WHERE b.held_minor <> COALESCE(h.minor, 0)
    """,
    "ledger.funds_cover_floors": """
        SELECT format('account %s: %s posted, %s set aside, floor %s', b.account_id, b.posted_minor, b.held_minor,
                      b.floor_minor)
          FROM ledger_balance b WHERE b.posted_minor - b.held_minor < b.floor_minor
    """,
    "ledger.closed_accounts_are_empty": """
        SELECT format('account %s (%s) is closed and holds %s', a.id, a.code, b.posted_minor)
          FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
         WHERE a.is_closed AND (b.posted_minor <> 0 OR b.held_minor <> 0)
    """,
    "ledger.rollups_equal_entries": """
        SELECT format('account %s on %s: the roll-up says %s in %s entries, the entries say %s in %s',
                      COALESCE(r.account_id, e.account_id), COALESCE(r.booked_on, e.booked_on), r.amount_minor,
                      r.entry_count, e.minor, e.n)
          FROM ledger_daily_rollup r
          FULL JOIN (SELECT CASE WHEN a.mode = 0 AND p.role = 'CONTROL' THEN p.id ELSE a.id END AS account_id,
                            n.booked_on, sum(n.amount_minor) AS minor, count(*) AS n
                       FROM ledger_entry n
                       JOIN ledger_account a ON a.id = n.account_id
                       LEFT JOIN ledger_account p ON p.id = a.parent_id
                      WHERE n.transfer_id <= (SELECT COALESCE(max(w.upto_transfer), 0) FROM ledger_watermark w
                                               WHERE w.name = 'rollups')
                      GROUP BY 1, 2) e
            ON e.account_id = r.account_id AND e.booked_on = r.booked_on
         WHERE (r.amount_minor, r.entry_count) IS DISTINCT FROM (e.minor, e.n)
    """,
    "ledger.snapshots_equal_entries": """
        SELECT format('account %s at the end of %s: the snapshot says %s, the entries say %s',
                      COALESCE(s.account_id, e.account_id), COALESCE(s.as_of, e.as_of), s.balance_minor, e.minor)
          FROM ledger_snapshot s
          FULL JOIN (SELECT d.as_of, d.account_id,
                            CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END * d.minor AS minor
                       FROM (SELECT r.as_of, n.account_id, sum(n.amount_minor) AS minor
                               FROM ledger_snapshot_run r
                               JOIN ledger_entry n ON n.booked_on <= r.as_of AND n.transfer_id <= r.upto_transfer
                              GROUP BY 1, 2) d
                       JOIN ledger_account a ON a.id = d.account_id) e
            ON e.account_id = s.account_id AND e.as_of = s.as_of
         WHERE s.balance_minor IS DISTINCT FROM e.minor
    """,
}


def _ask(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"{question} LIMIT {MOST}")
        return [row[0] for row in cursor.fetchall()]


def seals_are_intact() -> list[str]:
    """Every block recomputed from the entries as they stand, and the chain from its beginning."""
    findings: list[str] = []
    expected_block, previous, last_entry = 1, GENESIS, 0
    for seal in Seal.objects.order_by("block").iterator(chunk_size=500):
        findings += _of_seal(seal, expected_block, previous, last_entry)
        expected_block, previous, last_entry = seal.block + 1, bytes(seal.chain), seal.last_entry
        if len(findings) >= MOST:
            break
    return findings


def _of_seal(seal: Seal, expected_block: int, previous: bytes, last_entry: int) -> list[str]:
    place = f"seal {seal.block} (entries {seal.first_entry} to {seal.last_entry})"
    findings = []
    if seal.block != expected_block or bytes(seal.previous) != previous:
        findings.append(f"{place} does not follow the one before it")
    found = leaves(last_entry, seal.last_entry, BLOCK + 1)
    root = merkle.root([leaf for _id, leaf in found])
    if root != bytes(seal.root) or len(found) != seal.entry_count:
        findings.append(f"{place}: its {seal.entry_count} entries are {len(found)} now, or say something else")
    sealed = chain_hash(
        previous=bytes(seal.previous),
        root=bytes(seal.root),
        block=seal.block,
        first_entry=seal.first_entry,
        last_entry=seal.last_entry,
        count=seal.entry_count,
    )
    if sealed != bytes(seal.chain):
        findings.append(f"{place}: its own record was altered")
    return findings


def nothing_is_parked() -> list[str]:
    """No event was given up on."""
    parked = outbox_state().parked
    return [f"{parked} deliveries of the outbox are parked: replay them from the workbench"] if parked else []


def register_checks() -> None:
    """The ledger's own checks; called in `AppConfig.ready()`."""
    for name, question in QUESTIONS.items():
        register(Check(name, lambda asked=question: _ask(asked)))  # type: ignore[misc]
    register(Check("ledger.seals_are_intact", seals_are_intact))
    register(Check("ledger.nothing_is_parked", nothing_is_parked))
