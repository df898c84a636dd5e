"""How late every loan is at the end of a day, which class and stage that makes it, and where income stops."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.ledger import operations as ledger
from apps.lending.events import LoanOverdue
from apps.lending.models import Side
from apps.lending.operations import books
from apps.lending.operations.day import posting
from apps.users.queries import system_user

NON_PERFORMING_AFTER = 90  # days late; CBK/PG/04 and IFRS 9's stage 3
STAGE_2_AFTER = 30  # IFRS 9, 5.5.11
TELL_AT = (1, 3, 7, 14, 30, 60, 90)

_AGE = """
WITH late AS (
    SELECT loan_id, min(due_on) AS oldest,
           sum(principal_minor + interest_minor + fee_minor + penalty_minor - paid_principal_minor - paid_interest_minor
               - paid_fee_minor - paid_penalty_minor)::bigint AS arrears
      FROM lending_instalment WHERE is_current AND settled_on IS NULL AND due_on < %(day)s GROUP BY 1),
seen AS (
    SELECT l.id, COALESCE(%(day)s - late.oldest, 0) AS days, COALESCE(late.arrears, 0) AS arrears,
           p.loss_table_id AS table_id
      FROM lending_loan l
      JOIN lending_loanproduct p ON p.id = l.product_id
      LEFT JOIN late ON late.loan_id = l.id
     WHERE l.status = 'ACTIVE'),
bands AS (
    SELECT DISTINCT ON (table_id, from_days) table_id, from_days, code
      FROM lending_lossband WHERE valid_from <= %(day)s ORDER BY table_id, from_days, valid_from DESC),
classed AS (
    SELECT seen.*, band.code,
           CASE WHEN days > %(bad)s THEN 3 WHEN days > %(watch)s THEN 2 ELSE 1 END AS stage
      FROM seen
     CROSS JOIN LATERAL (SELECT code FROM bands b WHERE b.table_id = seen.table_id AND b.from_days <= seen.days
                          ORDER BY from_days DESC LIMIT 1) band),
moved AS (
    INSERT INTO lending_classmove (loan_id, day, before, after, stage_before, stage_after, days_past_due)
    SELECT l.id, %(day)s, l.loss_class, c.code, l.stage, c.stage, c.days
      FROM classed c JOIN lending_loan l ON l.id = c.id
     WHERE l.loss_class <> c.code OR l.stage <> c.stage
    ON CONFLICT (loan_id, day) DO NOTHING)
UPDATE lending_loan l
   SET days_past_due = c.days, arrears_minor = c.arrears, loss_class = c.code, stage = c.stage
  FROM classed c
 WHERE c.id = l.id AND (l.days_past_due, l.arrears_minor, l.loss_class, l.stage)
                       IS DISTINCT FROM (c.days, c.arrears, c.code, c.stage)
"""
# Loans that became non-performing: what was earned and not paid is taken back out of income, and noted.
_STOP = """
SELECT id, currency, interest_accrued_minor - interest_paid_minor
  FROM lending_loan WHERE status = 'ACTIVE' AND NOT is_non_accrual AND days_past_due > %(bad)s
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
 WHERE status = 'ACTIVE' AND is_non_accrual AND days_past_due = 0
"""
_TELL = "SELECT id, borrower_id, days_past_due FROM lending_loan WHERE status = 'ACTIVE' AND days_past_due = ANY(%s)"


@transaction.atomic
def age(*, day: date, at: datetime) -> str:
    """Count days late from the oldest instalment not paid in full, class and stage loans, stop income where due."""
    values = {"day": day, "bad": NON_PERFORMING_AFTER, "watch": STAGE_2_AFTER}
    changed = posting.run(_AGE, values)
    stopped = _stop_income(values, day, at)
    started = posting.run(_START)
    _tell()
    facts = {"day": str(day), "changed": changed, "income_stopped": stopped, "income_goes_on": started}
    audit_trail.record("lending.day.aged", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"{changed} loans changed, income stopped on {stopped}, goes on for {started}"


def _stop_income(values: dict[str, Any], day: date, at: datetime) -> int:
    if not posting.gather(_STOP, values):
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
