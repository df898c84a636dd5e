"""How late every loan is at the end of a day, which class and stage that makes it, and where income stops."""

from datetime import date, datetime

from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.ledger import operations as ledger
from apps.lending.events import LoanOverdue
from apps.lending.models import Side
from apps.lending.operations import books
from apps.lending.operations.day import posting
from apps.lending.queries import ageing_rule
from apps.users.queries import system_user

TELL_AT = (1, 3, 7, 14, 30, 60, 90)

# A loan that got other terms while it was late is classed as late as it was then, until it was paid on time so long.
_AGE = """
WITH late AS (
    SELECT loan_id, min(due_on) AS oldest,
           sum(principal_minor + interest_minor + fee_minor + penalty_minor - paid_principal_minor - paid_interest_minor
               - paid_fee_minor - paid_penalty_minor)::bigint AS arrears
      FROM lending_instalment WHERE is_current AND settled_on IS NULL AND due_on < %(day)s GROUP BY 1),
seen AS (
    SELECT l.id, COALESCE(%(day)s - late.oldest, 0) AS days, COALESCE(late.arrears, 0) AS arrears,
           p.loss_table_id AS table_id, l.held_at_days AS held,
           CASE WHEN late.oldest IS NULL THEN l.on_time_since ELSE %(day)s + 1 END AS since
      FROM lending_loan l
      JOIN lending_loanproduct p ON p.id = l.product_id
      LEFT JOIN late ON late.loan_id = l.id
     WHERE l.status = 'ACTIVE'),
as_late AS (
    SELECT id, days, arrears, table_id, still, greatest(days, still) AS counted,
           CASE WHEN still > 0 THEN since END AS since
      FROM seen CROSS JOIN LATERAL (SELECT CASE WHEN %(day)s < since + %(cure)s THEN held ELSE 0 END AS still) held),
bands AS (
    SELECT DISTINCT ON (table_id, from_days) table_id, from_days, code
      FROM lending_lossband WHERE valid_from <= %(day)s ORDER BY table_id, from_days, valid_from DESC),
classed AS (
    SELECT as_late.*, band.code,
           CASE WHEN counted > %(bad)s THEN 3 WHEN counted > %(watch)s THEN 2 ELSE 1 END AS stage
      FROM as_late
     CROSS JOIN LATERAL (SELECT code FROM bands b WHERE b.table_id = as_late.table_id AND b.from_days <= counted
                          ORDER BY from_days DESC LIMIT 1) band),
moved AS (
    INSERT INTO lending_classmove (loan_id, day, before, after, stage_before, stage_after, days_past_due)
    SELECT l.id, %(day)s, l.loss_class, c.code, l.stage, c.stage, c.days
      FROM classed c JOIN lending_loan l ON l.id = c.id
     WHERE l.loss_class <> c.code OR l.stage <> c.stage
    ON CONFLICT (loan_id, day) DO NOTHING)
UPDATE lending_loan l
   SET days_past_due = c.days, arrears_minor = c.arrears, loss_class = c.code, stage = c.stage,
       held_at_days = c.still, on_time_since = c.since
  FROM classed c
 WHERE c.id = l.id AND (l.days_past_due, l.arrears_minor, l.loss_class, l.stage, l.held_at_days, l.on_time_since)
                       IS DISTINCT FROM (c.days, c.arrears, c.code, c.stage, c.still, c.since)
"""
# Loans that became non-performing: what was earned and not paid is taken back out of income, and noted.
_STOP = """
SELECT id, currency, interest_accrued_minor - interest_paid_minor
  FROM lending_loan WHERE status = 'ACTIVE' AND NOT is_non_accrual AND stage = 3
"""
_STOPPED = """
UPDATE lending_loan l
   SET is_non_accrual = TRUE, owed_when_non_performing_minor = l.principal_left_minor,
       paid_since_non_performing_minor = 0,
       interest_accrued_minor = l.interest_accrued_minor - d.minor,
       interest_suspended_minor = l.interest_suspended_minor + d.minor
  FROM lending_day d WHERE d.loan_id = l.id
"""
# Performing again: income goes on; what was noted stays noted until it is paid.
_START = """
UPDATE lending_loan
   SET is_non_accrual = FALSE, owed_when_non_performing_minor = NULL, paid_since_non_performing_minor = 0
 WHERE status = 'ACTIVE' AND is_non_accrual AND days_past_due = 0 AND stage < 3
"""
_TELL = "SELECT id, borrower_id, days_past_due FROM lending_loan WHERE status = 'ACTIVE' AND days_past_due = ANY(%s)"


@transaction.atomic
def age(*, day: date, at: datetime) -> str:
    """Count days late from the oldest instalment not paid in full, class and stage loans, stop income where due."""
    rule = ageing_rule(day)
    values = {"day": day, "bad": rule.non_performing_after, "watch": rule.stage_2_after, "cure": rule.cure_days}
    changed = posting.run(_AGE, values)
    stopped = _stop_income(day, at)
    started = posting.run(_START)
    _tell()
    facts = {"day": str(day), "changed": changed, "income_stopped": stopped, "income_goes_on": started}
    audit_trail.record("lending.day.aged", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"{changed} loans changed, income stopped on {stopped}, goes on for {started}"


def _stop_income(day: date, at: datetime) -> int:
    if not posting.gather(_STOP, {}):
        return 0
    stopped = posting.run(_STOPPED)
    for currency, minor in posting.sums().items():
        posting.post_day(
            what="INTEREST_SUSPENDED",
            currency=currency,
            debit=ledger.gl("loans:interest", currency),
            credit=books.account_of(Side.INTEREST, currency),
            minor=minor,
            side=Side.INTEREST,
            day=day,
            at=at,
            sign=-1,
        )
    return stopped


def _tell() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [list(TELL_AT)])
        found = cursor.fetchall()
    for loan, borrower, days in found:
        events.publish(LoanOverdue(loan_id=loan, borrower_id=borrower, days_past_due=days))
