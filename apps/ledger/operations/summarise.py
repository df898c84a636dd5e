"""Works figures out of the entries, off the posting path: daily roll-ups and month-end snapshots."""

from datetime import date, datetime

from django.db import connection, transaction

from apps.ledger.models import SnapshotRun, Watermark
from apps.ledger.operations.settle import PATIENCE, settled_upto

# Customers' and tills' accounts are rolled up into the control account above them, all others for themselves.
_ROLL_UP = """
INSERT INTO ledger_daily_rollup AS r (account_id, booked_on, amount_minor, entry_count)
SELECT CASE WHEN a.mode = 0 AND p.role = 'CONTROL' THEN p.id ELSE a.id END, e.booked_on,
       sum(e.amount_minor)::bigint, count(*)
  FROM ledger_entry e
  JOIN ledger_account a ON a.id = e.account_id
  LEFT JOIN ledger_account p ON p.id = a.parent_id
 WHERE e.id > %s::bigint * 1000 + 999 AND e.id <= %s::bigint * 1000 + 999
 GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (account_id, booked_on) DO UPDATE
   SET amount_minor = r.amount_minor + excluded.amount_minor, entry_count = r.entry_count + excluded.entry_count
"""


@transaction.atomic
def roll_up_days(*, patience: float = PATIENCE) -> int:
    """Add the entries since the last time to the daily roll-ups; returns up to which transfer. Raises BooksBusy.

    A late entry for an earlier day is added to that day: roll-ups are cut by transfer, not by date, and never stale.
    """
    Watermark.objects.get_or_create(name="rollups")
    mark = Watermark.objects.select_for_update().get(name="rollups")
    upto = settled_upto(patience=patience)
    if upto > mark.upto_transfer:
        with connection.cursor() as cursor:
            cursor.execute(_ROLL_UP, [mark.upto_transfer, upto])
        mark.upto_transfer = upto
        mark.save(update_fields=["upto_transfer"])
    return upto


_FIRST_LATER = "SELECT min(transfer_id) FROM ledger_entry WHERE booked_on > %s AND id <= %s::bigint * 1000 + 999"
_SNAPSHOT = """
INSERT INTO ledger_snapshot (as_of, account_id, balance_minor)
SELECT %(as_of)s::date, a.id,
       COALESCE(s.balance_minor, 0) + CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END * COALESCE(n.minor, 0)
  FROM (SELECT e.account_id, sum(e.amount_minor)::bigint AS minor
          FROM ledger_entry e
         WHERE e.id >= %(later)s::bigint * 1000 AND e.id <= %(upto)s::bigint * 1000 + 999
           AND e.booked_on <= %(as_of)s::date
           AND (e.transfer_id > %(last_upto)s::bigint OR e.booked_on > %(last)s::date)
         GROUP BY e.account_id) n
  FULL JOIN (SELECT account_id, balance_minor FROM ledger_snapshot WHERE as_of = %(last)s::date) s USING (account_id)
  JOIN ledger_account a ON a.id = account_id
 ORDER BY a.id
"""


@transaction.atomic
def take_snapshots(*, as_of: date, at: datetime, patience: float = PATIENCE) -> int:
    """Keep every account's balance at the end of a day; returns how many. Once a day: again, nothing. Raises BooksBusy.

    Built on the snapshot before it and the entries since, so a month costs a month. What is booked on an earlier day
    later on is added by whoever reads: `balances_as_of`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger.snapshots'))")
        if SnapshotRun.objects.filter(as_of=as_of).exists():
            return 0
        upto = settled_upto(patience=patience)
        cursor.execute(_FIRST_LATER, [as_of, upto])
        later = cursor.fetchone()[0]
        last = SnapshotRun.objects.filter(as_of__lt=as_of).order_by("-as_of").first()
        SnapshotRun.objects.create(
            as_of=as_of, upto_transfer=upto, first_later_transfer=upto + 1 if later is None else later, taken_at=at
        )
        cursor.execute(
            _SNAPSHOT,
            {
                "as_of": as_of,
                "upto": upto,
                "last": last.as_of if last else date.min,
                "last_upto": last.upto_transfer if last else 0,
                "later": last.first_later_transfer if last else 0,
            },
        )
        return int(cursor.rowcount)
