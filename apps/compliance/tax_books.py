"""What the books say of a tax: the entries of its account that a return counts, by where they came from."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

PURPOSE = {"EXCISE": "tax:excise", "WITHHOLDING": "tax:withholding"}  # in the chart
PAYMENT, ON_ACCOUNT = "TAX_PAYMENT", "TAX_ON_ACCOUNT"  # the kinds of transfer by which a tax is paid
EARLIEST = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Entries of one part, kind of transfer and product; positive adds to the part it belongs to."""

    part: str
    source: str
    product: str
    entries: int
    minor: int
    first_on: date
    last_on: date


# A reversal is filed under what it reverses. The product is that of the customer's own line of tax, where there is one:
# tax on a group's dividend has none.
_ROWS = """
SELECT part, source, product, count(*), sum(CASE WHEN part IN ('ACCRUED', 'LATE') THEN -minor ELSE minor END)::bigint,
       min(booked_on), max(booked_on)
  FROM (SELECT CASE WHEN origin.kind = %(payment)s THEN 'PAID' WHEN origin.kind = %(on_account)s THEN 'ON_ACCOUNT'
                    WHEN e.booked_on < %(first)s THEN 'LATE'
                    WHEN e.amount_minor < 0 THEN 'ACCRUED' ELSE 'REVERSED' END AS part,
               origin.kind AS source, coalesce(line.code, '') AS product, e.amount_minor AS minor, e.booked_on
          FROM ledger_entry e
          JOIN ledger_transfer t ON t.id = e.transfer_id
          JOIN ledger_transfer origin ON origin.id = coalesce(t.reverses_id, t.id)
          LEFT JOIN LATERAL (
               SELECT product.code FROM accounts_transaction own
                 JOIN accounts_account account ON account.id = own.account_id
                 JOIN accounts_product product ON product.id = account.product_id
                WHERE own.transfer_id = origin.id AND own.txn_type IN ('EXCISE_DUTY', 'WITHHOLDING_TAX')
                ORDER BY own.id LIMIT 1) line ON true
         WHERE e.account_id = %(account)s AND e.booked_on <= %(last)s AND e.transfer_id <= %(upto)s
           AND NOT (e.booked_on <= %(counted_on)s AND e.transfer_id <= %(counted)s)) AS counted
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_CURRENCIES = """
SELECT a.currency FROM ledger_gl_purpose p JOIN ledger_account a ON a.code = p.line_id || '-' || a.currency
 WHERE p.code = %s AND EXISTS (SELECT FROM ledger_entry e WHERE e.account_id = a.id) ORDER BY 1
"""
_FIRST = "SELECT min(e.booked_on) FROM ledger_entry e WHERE e.account_id = %s"
# Of what came up after a day, payments on account and what was given back cover the oldest days first. A payment on
# account that was taken back covers nothing, and taking it back is no new tax: what it had covered is due when it was.
_OPEN = """
SELECT min(came.booked_on) FILTER (WHERE came.upto > gone.minor), max(came.upto)::bigint - gone.minor
  FROM (SELECT e.booked_on, sum(sum(-e.amount_minor)) OVER (ORDER BY e.booked_on) AS upto
          FROM ledger_entry e
          JOIN ledger_transfer t ON t.id = e.transfer_id
          LEFT JOIN ledger_transfer origin ON origin.id = t.reverses_id
         WHERE e.account_id = %(account)s AND e.booked_on > %(after)s AND e.amount_minor < 0
           AND (origin.kind = %(on_account)s AND origin.booked_on > %(after)s) IS NOT TRUE
         GROUP BY 1) came
 CROSS JOIN (SELECT (%(credit)s::bigint + coalesce(sum(e.amount_minor), 0))::bigint AS minor
               FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id AND t.kind <> %(payment)s
              WHERE e.account_id = %(account)s AND e.booked_on > %(after)s AND e.amount_minor > 0
                AND NOT (t.kind = %(on_account)s
                         AND EXISTS (SELECT FROM ledger_transfer back WHERE back.reverses_id = t.id))) gone
 GROUP BY gone.minor
"""
_BOOKED = """
SELECT t.id, t.booked_on, back.booked_on
  FROM ledger_transfer t LEFT JOIN ledger_transfer back ON back.reverses_id = t.id
 WHERE t.reference = %s
"""


def open_since(account_id: int, *, after: date, credit: int) -> tuple[date | None, int]:
    """The first day after `after` whose tax is not covered, and the minor units that are not; (None, 0) for nothing."""
    with connection.cursor() as cursor:
        given: dict[str, int | date | str] = {
            "account": account_id, "after": after, "credit": credit, "payment": PAYMENT, "on_account": ON_ACCOUNT,
        }  # fmt: skip
        cursor.execute(_OPEN, given)
        first, minor = cursor.fetchone() or (None, 0)
    return (first, minor) if first else (None, 0)


@dataclass(frozen=True, slots=True)
class Booking:
    """A payment in the books by the number of its slip: the `nth` by this number, and the day it was taken back."""

    nth: int
    transfer_id: int
    booked_on: date
    back_on: date | None


def reference_of(prn: str, nth: int) -> str:
    """The transfer's reference, which the books take once. A number may hold any letter: how often stands before it."""
    reference = f"taxes/prn/{prn}"
    return reference if nth == 1 else f"taxes/prn.{nth}/{prn}"


def bookings_of(prn: str) -> list[Booking]:
    """Every payment that was ever booked by a payment registration number, in order; at most the last one stands."""
    found: list[Booking] = []
    with connection.cursor() as cursor:
        while row := cursor.execute(_BOOKED, [reference_of(prn, len(found) + 1)]).fetchone():
            found.append(Booking(len(found) + 1, *row))
    return found


def rows_of(account_id: int, *, first: date, last: date, upto: int, counted_on: date, counted: int) -> list[TaxRow]:
    """The entries booked by `last` in transfers up to `upto`, less those booked by `counted_on` in transfers up to
    `counted`; what was booked before `first` is late.
    """
    given: dict[str, int | date | str] = {
        "account": account_id, "first": first, "last": last, "upto": upto, "counted_on": counted_on, "counted": counted,
        "payment": PAYMENT,
        "on_account": ON_ACCOUNT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, given)
        return [TaxRow(*row) for row in cursor.fetchall()]


def currencies_of(kind: str) -> list[str]:
    """The currencies in which a tax ever came up."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENCIES, [PURPOSE[kind]])
        return [row[0] for row in cursor.fetchall()]


def first_booked(account_id: int) -> date | None:
    """The day of the account's first entry."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [account_id])
        found: date | None = cursor.fetchone()[0]
    return found
