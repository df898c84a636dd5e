"""What a tariff would have earned on what customers really did, asked of the database in one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from apps.accounts.models import ChargedFor
from apps.accounts.rules import Band
from apps.kernel.money import Money

DAYS = 90

# Every line of the kind in the period, with the fee that stands beside it in the same transfer, put into the proposed
# band it falls into. Shares are rounded half-even, as Money.times does. A product's own tariff hides the general one.
_LOOK = """
WITH band AS (
    SELECT * FROM unnest(%(nth)s::int[], %(upto)s::bigint[], %(flat)s::bigint[], %(rate)s::numeric[],
                         %(least)s::bigint[], %(most)s::bigint[]) AS b (nth, upto, flat, rate, least, most)
), moved AS (
    SELECT line.transfer_id, line.account_id, -line.amount_minor AS minor
      FROM accounts_transaction line JOIN accounts_account account ON account.id = line.account_id
     WHERE line.txn_type = %(kind)s AND line.currency = %(currency)s AND line.amount_minor < 0
       AND line.booked_on > %(after)s AND line.booked_on <= %(upto_day)s
       AND CASE WHEN %(product)s::bigint IS NOT NULL THEN account.product_id = %(product)s::bigint
                ELSE NOT EXISTS (SELECT 1 FROM accounts_feerule own
                                  WHERE own.product_id = account.product_id AND own.charged_for = %(act)s
                                    AND own.currency = %(currency)s AND own.valid_from <= %(upto_day)s) END
), paid AS (
    SELECT fee.transfer_id, fee.account_id, -sum(fee.amount_minor) AS minor
      FROM accounts_transaction fee JOIN moved USING (transfer_id, account_id)
     WHERE fee.txn_type = 'FEE' GROUP BY fee.transfer_id, fee.account_id
), priced AS (
    SELECT held.nth, moved.minor, COALESCE(paid.minor, 0) AS was,
           LEAST(GREATEST(held.flat + CASE WHEN share.exact - floor(share.exact) = 0.5
                                           THEN 2 * round(share.exact / 2) ELSE round(share.exact) END, held.least),
                 held.most) AS would
      FROM moved
      LEFT JOIN paid USING (transfer_id, account_id)
      LEFT JOIN LATERAL (SELECT * FROM band WHERE band.upto IS NULL OR moved.minor <= band.upto
                          ORDER BY band.upto NULLS LAST LIMIT 1) held ON true
      LEFT JOIN LATERAL (SELECT moved.minor * held.rate AS exact) share ON true
)
SELECT nth, count(*), sum(minor)::bigint, sum(was)::bigint, COALESCE(sum(would), 0)::bigint
  FROM priced GROUP BY nth ORDER BY nth NULLS LAST
"""
_MONTHLY = """
SELECT (SELECT count(*) FROM accounts_account account
         WHERE account.status <> 'CLOSED' AND account.currency = %(currency)s
           AND CASE WHEN %(product)s::bigint IS NOT NULL THEN account.product_id = %(product)s::bigint
                    ELSE NOT EXISTS (SELECT 1 FROM accounts_feerule own
                                      WHERE own.product_id = account.product_id AND own.charged_for = 'MONTHLY'
                                        AND own.currency = %(currency)s AND own.valid_from <= %(upto_day)s) END),
       (SELECT COALESCE(-sum(line.amount_minor), 0)::bigint
          FROM accounts_transaction line JOIN accounts_account account ON account.id = line.account_id
         WHERE line.txn_type = 'FEE' AND line.reference LIKE 'fees/monthly/%%' AND line.currency = %(currency)s
           AND line.booked_on > %(after)s AND line.booked_on <= %(upto_day)s
           AND (%(product)s::bigint IS NULL OR account.product_id = %(product)s::bigint))
"""
_LINE_TYPES = {ChargedFor.CASH_WITHDRAWAL.value: "WITHDRAWAL"}


@dataclass(frozen=True, slots=True)
class Share:
    """What fell into one band; `nth` none: above the last one, so it could not have been done."""

    nth: int | None
    count: int
    moved: Money
    was: Money
    would: Money

    @property
    def number(self) -> int:
        """Which band it is, counted from one."""
        return (self.nth or 0) + 1

    @property
    def difference(self) -> Money:
        """What the bank would have earned more; less is negative."""
        return self.would - self.was


@dataclass(frozen=True, slots=True)
class BackTest:
    """A tariff against what happened, fees without duty."""

    first: date
    last: date
    shares: tuple[Share, ...]
    total: Share

    @property
    def refused(self) -> Share | None:
        """What would no longer be offered."""
        return next((share for share in self.shares if share.nth is None), None)


def back_test(*, charged_for: str, product_id: int | None, currency: str, bands: Sequence[Band], on: date) -> BackTest:
    """What `bands` would have charged on the lines of the last 90 days up to `on`, beside what was charged."""
    asked = {
        "act": charged_for,
        "kind": _LINE_TYPES.get(charged_for, charged_for),
        "currency": currency,
        "product": product_id,
        "after": on - timedelta(days=DAYS),
        "upto_day": on,
        "nth": list(range(len(bands))),
        "upto": [band.upto_minor for band in bands],
        "flat": [band.flat_minor for band in bands],
        "rate": [band.rate for band in bands],
        "least": [band.least_minor for band in bands],
        "most": [band.most_minor for band in bands],
    }
    with connection.cursor() as cursor:
        cursor.execute(_MONTHLY if charged_for == ChargedFor.MONTHLY else _LOOK, asked)
        rows = cursor.fetchall()
    if charged_for == ChargedFor.MONTHLY:
        accounts, was = rows[0]
        months = DAYS // 30
        rows = [(0, accounts * months, 0, was, accounts * months * max(bands[0].flat_minor, bands[0].least_minor))]
    shares = tuple(
        Share(nth, count, *(Money(minor, currency) for minor in (moved, was, would)))
        for nth, count, moved, was, would in rows
    )
    none = Money.zero(currency)
    total = Share(
        None,
        sum(share.count for share in shares),
        sum((share.moved for share in shares), none),
        sum((share.was for share in shares), none),
        sum((share.would for share in shares), none),
    )
    return BackTest(on - timedelta(days=DAYS - 1), on, shares, total)
