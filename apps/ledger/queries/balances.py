"""What is in an account, now and on any day."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import connection

from apps.kernel.money import Money
from apps.ledger.rules import arrays


class Balance(NamedTuple):
    """A balance on the account's own side: what is posted, what of it is set aside, and how low it may go.

    `floor` is None for derived accounts, which have none; then `available` is what is posted. Kept as numbers, and made
    money where it is asked for: the end of the day asks a hundred thousand accounts for one figure each.
    """

    account_id: int
    currency: str
    posted_minor: int
    held_minor: int
    floor_minor: int | None

    @property
    def posted(self) -> Money:
        """What came in less what went out."""
        return Money(self.posted_minor, self.currency)

    @property
    def held(self) -> Money:
        """What of it is set aside."""
        return Money(self.held_minor, self.currency)

    @property
    def floor(self) -> Money | None:
        """How low it may go."""
        return None if self.floor_minor is None else Money(self.floor_minor, self.currency)

    @property
    def available(self) -> Money:
        """What may leave."""
        return Money(self.posted_minor - self.held_minor - (self.floor_minor or 0), self.currency)


# A derived account: its roll-ups, and the entries since the last one; asked only where there is no balance row.
_NOW = """
SELECT a.id, a.currency,
       CASE WHEN b.account_id IS NOT NULL THEN b.posted_minor
            ELSE CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END * (
               COALESCE((SELECT sum(r.amount_minor) FROM ledger_daily_rollup r WHERE r.account_id = a.id), 0)
             + COALESCE((SELECT sum(e.amount_minor) FROM ledger_entry e
                          WHERE e.account_id = a.id AND e.id > mark.upto * 1000 + 999), 0))::bigint
       END,
       COALESCE(b.held_minor, 0), b.floor_minor
  FROM unnest(%s::bigint[]) AS asked (id)
  JOIN ledger_account a ON a.id = asked.id
  LEFT JOIN ledger_balance b ON b.account_id = a.id
 CROSS JOIN (SELECT COALESCE(max(w.upto_transfer), 0) AS upto FROM ledger_watermark w WHERE w.name = 'rollups') mark
"""


def balances(ids: Iterable[int]) -> dict[int, Balance]:
    """The balances of accounts now, by id, in one query; accounts that are not there are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW, [arrays.numbers(ids)])
        return {row[0]: Balance._make(row) for row in cursor.fetchall()}


def balance(account_id: int) -> Balance:
    """The balance of one account now. Raises LookupError."""
    found = balances([account_id])
    if account_id not in found:
        raise LookupError(f"there is no ledger account {account_id}")
    return found[account_id]


# Up to the last snapshot at or before the day; then what was booked after it, and what came after it with an earlier
# date. Transfers below `first_later_transfer` are all in the snapshot, so no account is read from its beginning.
_AS_OF = """
SELECT a.id, a.currency, COALESCE(s.balance_minor, 0) + CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END * (
       SELECT COALESCE(sum(e.amount_minor), 0)::bigint FROM ledger_entry e
        WHERE e.account_id = a.id AND e.booked_on <= %(on)s
          AND e.id >= COALESCE(run.first_later_transfer, 0) * 1000
          AND (run.as_of IS NULL OR e.booked_on > run.as_of OR e.transfer_id > run.upto_transfer))
  FROM unnest(%(ids)s::bigint[]) AS asked (id)
  JOIN ledger_account a ON a.id = asked.id
  LEFT JOIN LATERAL (SELECT r.as_of, r.upto_transfer, r.first_later_transfer FROM ledger_snapshot_run r
                      WHERE r.as_of <= %(on)s ORDER BY r.as_of DESC LIMIT 1) run ON true
  LEFT JOIN ledger_snapshot s ON s.account_id = a.id AND s.as_of = run.as_of
"""


def balances_as_of(ids: Iterable[int], on: date) -> dict[int, Money]:
    """What accounts held at the end of a day, by id: every entry booked on or before it, whenever it was posted."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, {"ids": arrays.numbers(ids), "on": on})
        return {account_id: Money(minor, currency) for account_id, currency, minor in cursor.fetchall()}


def balance_as_of(account_id: int, on: date) -> Money:
    """What an account held at the end of a day. Raises LookupError."""
    found = balances_as_of([account_id], on)
    if account_id not in found:
        raise LookupError(f"there is no ledger account {account_id}")
    return found[account_id]
