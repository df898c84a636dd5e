"""What is set aside for losses: the movement of the day posted, and the portfolio as it stands kept."""

from datetime import date, datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending.models import Side
from apps.lending.operations.day import posting
from apps.users.queries import system_user

# The regulator's rate for the class of each loan, on its principal and its interest receivable; nothing for loans that
# are over. Only what differs from yesterday moves.
_NEEDED = """
WITH bands AS (
    SELECT DISTINCT ON (table_id, from_days) table_id, from_days, code, rate
      FROM lending_lossband WHERE valid_from <= %(day)s ORDER BY table_id, from_days, valid_from DESC),
needed AS (
    SELECT l.id AS loan_id, l.currency, l.provision_minor AS had,
           CASE WHEN l.status <> 'ACTIVE' THEN 0 ELSE
             round((l.principal_left_minor + l.interest_accrued_minor - l.interest_paid_minor) * b.rate)::bigint
           END AS wanted
      FROM lending_loan l
      JOIN lending_loanproduct p ON p.id = l.product_id
      LEFT JOIN bands b ON b.table_id = p.loss_table_id AND b.code = l.loss_class
     WHERE l.status = 'ACTIVE' OR l.provision_minor > 0)
SELECT loan_id, currency, COALESCE(wanted, 0) AS wanted, COALESCE(wanted, 0) - had AS minor
  FROM needed WHERE COALESCE(wanted, 0) <> had
"""
_PROVIDED = "UPDATE lending_loan l SET provision_minor = d.wanted FROM lending_day d WHERE d.loan_id = l.id"
_SNAPSHOT = """
INSERT INTO lending_portfolioday (day, product_id, currency, loss_class, stage, from_days, is_restructured, loans,
                                  principal_minor, arrears_minor, interest_minor, provision_minor)
SELECT %(day)s, product_id, currency, loss_class, stage,
       CASE WHEN days_past_due > 180 THEN 181 WHEN days_past_due > 90 THEN 91 WHEN days_past_due > 60 THEN 61
            WHEN days_past_due > 30 THEN 31 WHEN days_past_due > 1 THEN 2 ELSE days_past_due END,
       is_restructured, count(*), sum(principal_left_minor), sum(arrears_minor),
       sum(interest_accrued_minor - interest_paid_minor), sum(provision_minor)
  FROM lending_loan WHERE status = 'ACTIVE'
 GROUP BY 2, 3, 4, 5, 6, 7
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def provide(*, day: date, at: datetime) -> str:
    """Provide for every loan by its class, posting only the movement of the day: one transfer a currency."""
    posting.gather(_NEEDED, {"day": day})
    loans = posting.run(_PROVIDED)
    moved = posting.sums()
    for only in (1, -1):
        for currency, minor in posting.sums(only).items():
            _post(currency, abs(minor), day, at, only)
    facts = {"day": str(day), "loans": loans, "minor": moved}
    audit_trail.record("lending.day.provided", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"provisions of {loans} loans moved: {moved}"


def _post(currency: str, minor: int, day: date, at: datetime, only: int) -> None:
    """What loans need more is an expense, what they need less is released into income: a transfer each."""
    amount = Money(minor, currency)
    stock = ledger.gl("loans:provision", currency)
    if only > 0:
        legs = [ledger.debit(ledger.gl("loans:provision_expense", currency), amount), ledger.credit(stock, amount)]
    else:
        legs = [ledger.debit(stock, amount), ledger.credit(ledger.gl("loans:provision_release", currency), amount)]
    posted = ledger.post(
        reference=f"lending/provision/{'more' if only > 0 else 'less'}/{day}/{currency}",
        kind="PROVISION",
        narrative=f"Provisions of {day}",
        legs=legs,
        at=at,
        booked_on=day,
    )
    posting.write_entries(
        what="PROVISION",
        currency=currency,
        side=Side.PROVISION,
        day=day,
        transfer=posted.transfer_id,
        sign=1,
        only=only,
    )


def snapshot(*, day: date, at: datetime) -> str:
    """Keep the portfolio as it stands at the end of `day`; once."""
    return f"{posting.run(_SNAPSHOT, {'day': day})} lines of the portfolio kept"
