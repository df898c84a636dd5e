"""Interest of a day: earned on every running loan, or only noted on those on which income has stopped."""

from datetime import date, datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.ledger import operations as ledger
from apps.lending.models import Side
from apps.lending.operations import books
from apps.lending.operations.day import posting
from apps.users.queries import system_user

# What should have been earned by the end of the day, by days within each period and to the nearest cent, halves up, as
# `owed.earned_by` does; less what was. Under in duplum (Banking Act s.44A) what is added once a loan is non-performing
# stops at the principal then owed: what was unpaid then counts, and what came since, paid or not. Interest that was
# paid ahead has been earned already: nothing is added.
_DUE = """
SELECT l.id, l.currency, least(greatest(g.earned - l.interest_accrued_minor - l.interest_suspended_minor, 0), r.room),
       l.is_non_accrual
  FROM lending_loan l
  JOIN lending_productterms t ON t.id = l.terms_id
 CROSS JOIN LATERAL (
       SELECT COALESCE(sum(CASE
              WHEN i.due_on <= %(next)s THEN i.earned_minor
              WHEN i.starts_on >= %(next)s THEN 0
              ELSE (2 * i.earned_minor * (%(next)s - i.starts_on) + (i.due_on - i.starts_on))
                   / (2 * (i.due_on - i.starts_on)) END), 0)::bigint AS earned
         FROM lending_instalment i WHERE i.loan_id = l.id AND i.is_current) g
 CROSS JOIN LATERAL (
       SELECT CASE WHEN t.in_duplum AND l.owed_when_non_performing_minor IS NOT NULL
              THEN greatest(l.owed_when_non_performing_minor - l.paid_since_non_performing_minor - l.charges_left_minor
                            - l.interest_suspended_minor - (l.interest_accrued_minor - l.interest_paid_minor), 0)
              ELSE 9223372036854775807 END::bigint AS room) r
 WHERE l.status = 'ACTIVE' AND (l.accrued_through IS NULL OR l.accrued_through < %(day)s)
"""
_EARN = """
UPDATE lending_loan l
   SET interest_accrued_minor = l.interest_accrued_minor + CASE WHEN d.is_non_accrual THEN 0 ELSE d.minor END,
       interest_suspended_minor = l.interest_suspended_minor + CASE WHEN d.is_non_accrual THEN d.minor ELSE 0 END,
       accrued_through = %(day)s
  FROM lending_day d WHERE d.loan_id = l.id
"""


@transaction.atomic
def accrue(*, day: date, at: datetime) -> str:
    """Earn the interest of every running loan up to the end of `day`; what was missed on days before comes with it.

    One transfer a currency, one entry a loan. Loans on which income stopped note it as suspended instead.
    """
    values = {"day": day, "next": date.fromordinal(day.toordinal() + 1)}
    posting.gather(_DUE, values, also=["is_non_accrual"])
    loans = posting.run(_EARN, values)
    posting.run("UPDATE lending_day SET minor = 0 WHERE is_non_accrual")
    earned = posting.sums()
    for currency, minor in earned.items():
        posting.post_day(
            what="ACCRUAL",
            currency=currency,
            debit=books.account_of(Side.INTEREST, currency),
            credit=ledger.gl("loans:interest", currency),
            minor=minor,
            side=Side.INTEREST,
            day=day,
            at=at,
        )
    facts = {"day": str(day), "loans": loans, "minor": earned}
    audit_trail.record("lending.day.accrued", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"interest of {loans} loans: {earned}"
