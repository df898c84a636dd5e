"""Earning a day's interest: every account in two statements, exact to a part of a cent, once a day and in order."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from apps.accounts.models import InterestDay
from apps.accounts.rules.interest import PARTS, RATE_STEPS
from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import day_start
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.users.queries import system_user

# Accounts that begin to earn: opened by the end of the day, of a product that pays something by then.
_BEGIN = """
INSERT INTO accounts_accruedinterest (account_id, parts, days, balance_days, segment_parts, through)
SELECT a.id, 0, 0, 0, 0, %(before)s
  FROM accounts_account a
 WHERE a.status <> 'CLOSED' AND a.opened_at < %(ends)s
   AND a.product_id IN (SELECT t.product_id FROM accounts_interestterms t WHERE t.valid_from <= %(day)s)
   AND NOT EXISTS (SELECT FROM accounts_accruedinterest i WHERE i.account_id = a.id)
    ON CONFLICT DO NOTHING
"""
# Locked before they are read, in the order in which everybody locks them.
_LOCK = """
SELECT count(*) FROM (SELECT FROM accounts_accruedinterest i WHERE i.through < %(day)s ORDER BY i.account_id
                         FOR NO KEY UPDATE) locked
"""
# The balance at the end of the day is the balance of now less what was booked on later days: those are few, however
# long the account's history. `rules.interest.earned` says the same sum for one account. Slices are scaled by the days
# of the segment instead of dividing its balances, so figures stay whole. Of a daily balance each day is a segment; an
# average starts anew with other terms and on the first of a month.
_EARN = """
WITH terms AS MATERIALIZED (
    SELECT DISTINCT ON (t.product_id) t.product_id, t.id, t.basis
      FROM accounts_interestterms t WHERE t.valid_from <= %(day)s
     ORDER BY t.product_id, t.valid_from DESC
), tiers AS MATERIALIZED (
    SELECT t.terms_id, t.from_minor, (t.rate * %(steps)s)::bigint AS steps,
           lead(t.from_minor) OVER (PARTITION BY t.terms_id ORDER BY t.from_minor) AS upto_minor
      FROM accounts_interesttier t WHERE t.terms_id IN (SELECT id FROM terms)
), later AS MATERIALIZED (
    SELECT e.account_id, sum(e.amount_minor) AS minor FROM ledger_entry e WHERE e.booked_on > %(day)s GROUP BY 1
), due AS MATERIALIZED (
    SELECT i.account_id, a.currency, i.parts AS had, terms.id AS terms_id,
           CASE WHEN goes_on.it THEN i.segment_parts ELSE 0 END AS had_of_segment,
           CASE WHEN goes_on.it THEN i.days ELSE 0 END + 1 AS days,
           CASE WHEN goes_on.it THEN i.balance_days ELSE 0 END
               + greatest(b.posted_minor + COALESCE(later.minor, 0), 0) AS balance_days
      FROM accounts_accruedinterest i
      JOIN accounts_account a ON a.id = i.account_id
      JOIN terms ON terms.product_id = a.product_id
      JOIN ledger_balance b ON b.account_id = a.ledger_account_id
      LEFT JOIN later ON later.account_id = a.ledger_account_id
     CROSS JOIN LATERAL (SELECT terms.basis = 'AVERAGE' AND i.terms_id = terms.id AND NOT %(is_first)s AS it) goes_on
     WHERE i.through = %(before)s AND a.status <> 'CLOSED'
), earned AS MATERIALIZED (
    SELECT d.*, s.parts AS of_segment, d.had + s.parts - d.had_of_segment AS has
      FROM due d
     CROSS JOIN LATERAL (
           SELECT COALESCE(sum(t.steps * greatest(least(d.balance_days, t.upto_minor * d.days)
                                                  - t.from_minor * d.days, 0)), 0) AS parts
             FROM tiers t WHERE t.terms_id = d.terms_id) s
), written AS (
    UPDATE accounts_accruedinterest i
       SET parts = e.has, terms_id = e.terms_id, days = e.days, balance_days = e.balance_days,
           segment_parts = e.of_segment, through = %(day)s
      FROM earned e WHERE i.account_id = e.account_id
)
SELECT currency, count(*), sum(div(has, %(parts)s) - div(had, %(parts)s))::bigint FROM earned GROUP BY 1 ORDER BY 1
"""
# A deposit earns on what was agreed, at its own rate, from its first day to the day before it is paid out.
_EARN_DEPOSITS = """
WITH earned AS MATERIALIZED (
    SELECT i.account_id, d.currency, i.parts AS had,
           i.parts + d.principal_minor * (d.rate * %(steps)s)::bigint * days.many AS has
      FROM accounts_accruedinterest i
      JOIN accounts_fixeddeposit d ON d.account_id = i.account_id AND d.status = 'RUNNING' AND d.starts_on <= %(day)s
     CROSS JOIN LATERAL (SELECT %(day)s::date - greatest(i.through, d.starts_on - 1) AS many) days
     WHERE i.through < %(day)s
), written AS (
    UPDATE accounts_accruedinterest i SET parts = e.has, through = %(day)s FROM earned e
     WHERE i.account_id = e.account_id
)
SELECT currency, count(*), sum(div(has, %(parts)s) - div(had, %(parts)s))::bigint FROM earned GROUP BY 1 ORDER BY 1
"""


@transaction.atomic
def accrue(*, day: date, at: datetime) -> str:
    """Earn the interest of `day` on every account, and of the days before it that were missed, each in its turn.

    Run again for a day that is done, nothing happens. The books take up whole cents, one transfer a currency and day;
    what is smaller stays with each account.
    """
    last = InterestDay.objects.aggregate(last=Max("day"))["last"]
    first = day if last is None else last + timedelta(days=1)
    if first > day:
        return "interest was reckoned before"
    said = ""
    for ahead in range((day - first).days + 1):
        said = _day(first + timedelta(days=ahead), at)
    return said


def _day(day: date, at: datetime) -> str:
    values: dict[str, Any] = {
        "day": day,
        "before": day - timedelta(days=1),
        "ends": day_start(day + timedelta(days=1)),
        "is_first": day.day == 1,
        "steps": RATE_STEPS,
        "parts": PARTS,
    }
    found = {"KES": (0, 0)}
    with connection.cursor() as cursor:
        for statement in (_BEGIN, _LOCK, _EARN, _EARN_DEPOSITS):
            cursor.execute(statement, values)
            for currency, count, minor in cursor.fetchall() if statement in (_EARN, _EARN_DEPOSITS) else ():
                before = found.get(currency, (0, 0))
                found[currency] = (before[0] + count, before[1] + minor)
    rows = [
        InterestDay(
            day=day,
            currency=currency,
            accounts=count,
            minor=minor,
            transfer_id=book_accrued(Money(minor, currency), reference=f"interest/{day}/{currency}", day=day, at=at),
            done_at=at,
        )
        for currency, (count, minor) in found.items()
    ]
    InterestDay.objects.bulk_create(rows)
    said = ", ".join(f"{Money(row.minor, row.currency)} on {row.accounts} accounts" for row in rows)
    audit_trail.record("accounts.interest.accrued", on=f"interest/{day}", by=system_user(), at=at, after={"is": said})
    return said


def book_accrued(amount: Money, *, reference: str, day: date, at: datetime) -> int | None:
    """The bank's side of interest that was earned (or, below nothing, is not owed after all); the transfer's id."""
    if not amount:
        return None
    expense = ledger.gl("interest:deposits", amount.currency)
    payable = ledger.gl("interest:payable", amount.currency)
    debit, credit = (expense, payable) if amount.minor > 0 else (payable, expense)
    posted = ledger.post(
        reference=reference,
        kind="INTEREST_ACCRUAL",
        narrative=f"Interest on deposits of {day}",
        legs=[ledger.debit(debit, abs(amount)), ledger.credit(credit, abs(amount))],
        at=at,
        booked_on=day,
    )
    return posted.transfer_id
