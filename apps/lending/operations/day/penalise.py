"""Penalties of a day: on what is overdue, capped by the product and by in duplum."""

from datetime import date, datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.ledger import operations as ledger
from apps.lending.models import Side
from apps.lending.operations import books
from apps.lending.operations.day import posting
from apps.users.queries import system_user

# On principal, interest and fee of each instalment late by more than the product's free days; never on penalties. The
# oldest instalment takes what is left under the cap first.
_DUE = """
WITH late AS (
    SELECT i.id, i.loan_id, i.currency, i.number,
           round((i.principal_minor - i.paid_principal_minor + i.interest_minor - i.paid_interest_minor
                  + i.fee_minor - i.paid_fee_minor) * t.penalty_rate)::bigint AS minor,
           least(round(l.principal_minor * t.penalty_cap_rate)::bigint - l.penalties_minor,
                 CASE WHEN t.in_duplum AND l.owed_when_non_performing_minor IS NOT NULL
                 THEN l.owed_when_non_performing_minor - l.paid_since_non_performing_minor - l.charges_left_minor
                      - l.interest_suspended_minor - (l.interest_accrued_minor - l.interest_paid_minor)
                 ELSE 9223372036854775807 END) AS room
      FROM lending_instalment i
      JOIN lending_loan l ON l.id = i.loan_id AND l.status = 'ACTIVE'
       AND (l.penalised_through IS NULL OR l.penalised_through < %(day)s)
      JOIN lending_productterms t ON t.id = l.terms_id AND t.penalty_rate > 0
     WHERE i.is_current AND i.settled_on IS NULL AND i.due_on + t.penalty_after_days < %(day)s),
summed AS (
    SELECT *, sum(minor) OVER (PARTITION BY loan_id ORDER BY number) AS upto FROM late)
SELECT loan_id, currency, greatest(least(minor, room - (upto - minor)), 0)::bigint, id
  FROM summed
"""
# First, so that no payment, nor one taken back, puts another schedule in place between looking and charging.
_HOLD = """
SELECT l.id FROM lending_loan l
 WHERE l.status = 'ACTIVE' AND (l.penalised_through IS NULL OR l.penalised_through < %(day)s)
   AND EXISTS (SELECT FROM lending_instalment i
                WHERE i.loan_id = l.id AND i.is_current AND i.settled_on IS NULL AND i.due_on < %(day)s)
 ORDER BY l.id FOR NO KEY UPDATE OF l
"""
_CHARGE_ROWS = """
UPDATE lending_instalment i SET penalty_minor = i.penalty_minor + d.minor
  FROM lending_day d WHERE d.instalment_id = i.id AND d.minor > 0
"""
_CHARGE_LOANS = """
UPDATE lending_loan l
   SET charges_left_minor = l.charges_left_minor + d.minor, penalties_minor = l.penalties_minor + d.minor,
       penalised_through = %(day)s
  FROM (SELECT loan_id, sum(minor)::bigint AS minor FROM lending_day GROUP BY 1) d
 WHERE d.loan_id = l.id
"""


@transaction.atomic
def penalise(*, day: date, at: datetime) -> str:
    """Charge the day's penalty on every overdue instalment: one transfer a currency, one entry an instalment."""
    rows, charged = 0, {}
    posting.run(_HOLD, {"day": day})
    if posting.gather(_DUE, {"day": day}, also=["instalment_id"]):
        rows = posting.run(_CHARGE_ROWS)
        posting.run(_CHARGE_LOANS, {"day": day})
        charged = posting.sums()
    for currency, minor in charged.items():
        posting.post_day(
            what="PENALTY",
            currency=currency,
            debit=books.account_of(Side.CHARGES, currency),
            credit=ledger.gl("loans:penalties", currency),
            minor=minor,
            side=Side.CHARGES,
            day=day,
            at=at,
        )
    facts = {"day": str(day), "instalments": rows, "minor": charged}
    audit_trail.record("lending.day.penalised", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"penalties on {rows} instalments: {charged}"
