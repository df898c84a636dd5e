"""What is set aside for losses: the day's movement posted, the regulator's reserve, the picture of the day."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books_of
from apps.lending.models import Side
from apps.lending.operations.day import posting
from apps.users.queries import system_user

# Expected loss by IFRS 9 (5.5.3, 5.5.5, B5.5.33), rounded up to the cent: PD x LGD x what is owed, discounted from the
# middle of the time looked at. Stage 1 looks a year ahead at most, stage 2 to the end; stage 3 has failed. The PD of a
# year is that of the score the loan was decided by (odds = 9 x 2^((score - 600) / 80)), 5 % where there was none.
# Beside it what the regulator's table asks for by class. Nothing for loans that are over.
_NEEDED = """
WITH bands AS (
    SELECT DISTINCT ON (table_id, from_days) table_id, from_days, code, rate
      FROM lending_lossband WHERE valid_from <= %(day)s ORDER BY table_id, from_days, valid_from DESC),
seen AS (
    SELECT l.id, l.currency, l.provision_minor, l.regulatory_minor, l.status, l.stage, p.loss_given_default AS lgd,
           l.principal_left_minor + l.interest_accrued_minor - l.interest_paid_minor AS owed, b.rate AS asked,
           greatest(ceil((l.last_due_on - %(day)s) / 30.0), 1) AS months,
           l.rate * CASE t.rate_per WHEN 'WEEK' THEN 52 WHEN 'MONTH' THEN 12 ELSE 1 END AS yearly,
           CASE WHEN l.score IS NULL THEN 0.05 ELSE 1 / (1 + 9 * power(2::numeric, (l.score - 600) / 80.0)) END AS pd
      FROM lending_loan l
      JOIN lending_productterms t ON t.id = l.terms_id
      JOIN lending_loanproduct p ON p.id = l.product_id
      LEFT JOIN bands b ON b.table_id = p.loss_table_id AND b.code = l.loss_class
     WHERE l.status = 'ACTIVE' OR l.provision_minor > 0 OR l.regulatory_minor > 0),
looked AS (
    SELECT *, CASE WHEN stage = 1 THEN least(months, 12) ELSE months END AS ahead FROM seen),
needed AS (
    SELECT id AS loan_id, currency, provision_minor, regulatory_minor,
           CASE WHEN status <> 'ACTIVE' THEN 0 WHEN stage = 3 THEN ceil(owed * lgd)
                ELSE ceil(owed * lgd * (1 - power(1 - pd, ahead / 12.0)) / power(1 + yearly, ahead / 24.0)) END::bigint
           AS wanted,
           CASE WHEN status <> 'ACTIVE' THEN 0 ELSE ceil(owed * COALESCE(asked, 0)) END::bigint AS regulatory
      FROM looked)
SELECT loan_id, currency, wanted - provision_minor, wanted, regulatory
  FROM needed WHERE wanted <> provision_minor OR regulatory <> regulatory_minor
"""
_PROVIDED = """
UPDATE lending_loan l SET provision_minor = d.wanted, regulatory_minor = d.regulatory
  FROM lending_day d WHERE d.loan_id = l.id
"""
_EXCESS = """
SELECT currency, greatest(sum(regulatory_minor) - sum(provision_minor), 0)::bigint
  FROM lending_loan GROUP BY 1 ORDER BY 1
"""
_SNAPSHOT = """
INSERT INTO lending_portfolioday (day, product_id, currency, loss_class, stage, from_days, is_restructured, loans,
                                  principal_minor, arrears_minor, interest_minor, provision_minor, regulatory_minor)
SELECT %(day)s, product_id, currency, loss_class, stage,
       CASE WHEN days_past_due > 180 THEN 181 WHEN days_past_due > 90 THEN 91 WHEN days_past_due > 60 THEN 61
            WHEN days_past_due > 30 THEN 31 WHEN days_past_due > 1 THEN 2 ELSE days_past_due END,
       is_restructured, count(*), sum(principal_left_minor), sum(arrears_minor),
       sum(interest_accrued_minor - interest_paid_minor), sum(provision_minor), sum(regulatory_minor)
  FROM lending_loan WHERE status = 'ACTIVE'
 GROUP BY 2, 3, 4, 5, 6, 7
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def provide(*, day: date, at: datetime) -> str:
    """Provide for every loan its expected loss, posting only the movement of the day: one transfer each way.

    Where the regulator's table asks for more than that in all, the difference is kept out of retained earnings in the
    statutory loan loss reserve (Central Bank of Kenya, guidance note on IFRS 9, April 2018).
    """
    loans, moved = 0, {}
    if posting.gather(_NEEDED, {"day": day}, also=["wanted", "regulatory"]):
        loans = posting.run(_PROVIDED)
        moved = posting.sums()
        for only in (1, -1):
            for currency, minor in posting.sums(only).items():
                _post(currency, abs(minor), day, at, only)
    reserved = _reserve(day, at)
    facts: dict[str, Any] = {"day": str(day), "loans": loans, "minor": moved, "reserve": reserved}
    audit_trail.record("lending.day.provided", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"provisions of {loans} loans moved: {moved}; reserve: {reserved}"


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


def _reserve(day: date, at: datetime) -> dict[str, int]:
    """Move between retained earnings and the reserve what makes the reserve the excess (minor units, by currency)."""
    with connection.cursor() as cursor:
        cursor.execute(_EXCESS)
        wanted = dict(cursor.fetchall())
    moved = {}
    for currency, minor in wanted.items():
        reserve, earnings = ledger.gl("equity:loan_reserve", currency), ledger.gl("equity:retained", currency)
        difference = minor - books_of.balance(reserve.id).posted_minor
        if difference:
            amount, more = Money(abs(difference), currency), difference > 0
            source, target = (earnings, reserve) if more else (reserve, earnings)
            ledger.post(
                reference=f"lending/reserve/{day}/{currency}",
                kind="LOAN_RESERVE",
                narrative=f"Statutory loan loss reserve of {day}",
                legs=[ledger.debit(source, amount), ledger.credit(target, amount)],
                at=at,
                booked_on=day,
            )
            moved[currency] = difference
    return moved


def snapshot(*, day: date, at: datetime) -> str:
    """Keep the portfolio as it stands at the end of `day`; once."""
    return f"{posting.run(_SNAPSHOT, {'day': day})} lines of the portfolio kept"
