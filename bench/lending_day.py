"""The end of a day for many loans: accrue, penalise, age, provide, count; against a loop over rows with the ORM."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from bench.common import Options, Result, filling, main, timed

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 3, 0, 5, tzinfo=ZoneInfo("Africa/Nairobi"))
LENT, ROWS = 60_000_00, 12
SAMPLE = 2_000  # loans of the loop, whose time grows with their number

# Loans of a year, a tenth of them late by up to five instalments, as rows made by the database. Columns that are not
# named here have their model's own defaults.
_LOAN = {
    "public_id": "gen_random_uuid()", "reference": "'B' || n", "borrower_id": "%(user)s", "product_id": "%(product)s",
    "terms_id": "%(terms)s", "account_id": "%(account)s", "currency": "'KES'", "principal_minor": "%(lent)s",
    "periods": "12", "rate": "0.015", "purpose": "'OTHER'", "status": "'ACTIVE'", "key": "'bench/' || n",
    "made_by_id": "%(user)s", "applied_at": "now()", "disbursed_at": "now()", "disbursed_on": "%(day)s::date - 200",
    "first_due_on": "%(day)s::date - 170", "last_due_on": "%(day)s::date + 160", "auto_debit": "FALSE",
    "principal_left_minor": "%(lent)s - 6 * (%(lent)s / 12)", "version": "1",
}  # fmt: skip
_LOANS_FROM = "generate_series(1, %(count)s) n"
_SCHEDULE = {
    "loan_id": "l.id", "version": "1", "why": "'FIRST'", "terms": "'{}'", "made_by_id": "l.borrower_id",
    "made_at": "now()",
}  # fmt: skip
_SCHEDULES_FROM = "lending_loan l"
_INSTALMENT = {
    "loan_id": "l.id", "schedule_id": "s.id", "number": "k", "starts_on": "l.disbursed_on + 30 * (k - 1)",
    "due_on": "l.disbursed_on + 30 * k", "currency": "'KES'", "principal_minor": "%(lent)s / 12",
    "interest_minor": "45000", "earned_minor": "45000", "fee_minor": "0",
    "balance_minor": "%(lent)s - k * (%(lent)s / 12)",
    "paid_principal_minor": "CASE WHEN k <= paid THEN %(lent)s / 12 ELSE 0 END",
    "paid_interest_minor": "CASE WHEN k <= paid THEN 45000 ELSE 0 END",
    "settled_on": "CASE WHEN k <= paid THEN l.disbursed_on + 30 * k END",
}  # fmt: skip
_INSTALMENTS_FROM = """lending_loan l
  JOIN lending_schedule s ON s.loan_id = l.id
 CROSS JOIN LATERAL (SELECT CASE WHEN l.id %% 10 = 0 THEN 1 + l.id %% 5 ELSE 6 END AS paid) p
 CROSS JOIN generate_series(1, 12) k"""
_LEFT = """
UPDATE lending_loan l
   SET principal_left_minor = i.lent, interest_paid_minor = i.interest, interest_accrued_minor = i.interest,
       oldest_due_on = i.oldest
  FROM (SELECT loan_id, sum(principal_minor - paid_principal_minor) AS lent, sum(paid_interest_minor) AS interest,
               min(due_on) FILTER (WHERE settled_on IS NULL) AS oldest
          FROM lending_instalment GROUP BY 1) i
 WHERE i.loan_id = l.id
"""


def run(options: Options) -> list[Result]:
    """Two days of the steps, the second one measured: the first catches up on what no day before had earned."""
    from django.db import connection

    from apps.lending.operations import day as steps

    count = options.interest_accounts
    _fill(count)
    at = AT
    order = (steps.collect, steps.accrue, steps.penalise, steps.age, steps.provide, steps.snapshot)
    for step in order:
        step(day=DAY, at=at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    later, names = at + timedelta(days=1), []
    for step in order:
        took = timed(partial(step, day=DAY + timedelta(days=1), at=later))
        names.append((step.__name__, took))
    ours = sum(took for _name, took in names)
    base = timed(lambda: _loop(DAY + timedelta(days=2))) * count / SAMPLE
    note = ", ".join(f"{name} {took:.1f}" for name, took in names)
    return [
        Result(
            f"end of day for {count:,} loans : a loop over rows with the ORM",
            base / ours,
            at_least=20,
            note=f"{ours:.1f} s : {base:.0f} s, from {SAMPLE:,} loans",
        ),
        Result(f"  seconds for {count:,} loans", ours, at_most=60, unit="s", note=note),
    ]


def _fill(count: int) -> None:
    from django.db import connection

    from apps.accounts.testing import make_account
    from apps.lending.models import Instalment, Loan, ProductTerms, Schedule

    account = make_account()
    terms = ProductTerms.objects.get(product__code="BUSINESS")
    values: dict[str, Any] = {
        "user": account.owner_id,
        "account": account.pk,
        "product": terms.product_id,
        "terms": terms.pk,
        "lent": LENT,
        "day": DAY,
        "count": count,
    }
    with connection.cursor() as cursor:
        for model, columns, source in (
            (Loan, _LOAN, _LOANS_FROM),
            (Schedule, _SCHEDULE, _SCHEDULES_FROM),
            (Instalment, _INSTALMENT, _INSTALMENTS_FROM),
        ):
            statement, defaults = filling(model, columns, source)
            cursor.execute(statement, values | defaults)
        cursor.execute(_LEFT)
        cursor.execute("ANALYZE")


def _loop(day: date) -> None:
    """What one writes first: each loan, its rows, what it earned, how late it is, its class; saved one by one."""
    from django.db import transaction

    from apps.lending.models import Loan, LoanEntry, LossBand

    bands = sorted(LossBand.objects.filter(table__code="CBK_BANK"), key=lambda band: band.from_days)
    for loan in Loan.objects.active().select_related("terms").order_by("pk")[:SAMPLE]:
        with transaction.atomic():
            rows = list(loan.instalments.filter(is_current=True).order_by("number"))
            earned = sum(_earned(row, day) for row in rows) - loan.interest_accrued_minor
            late = [row for row in rows if row.settled_on is None and row.due_on < day]
            loan.days_past_due = (day - late[0].due_on).days if late else 0
            loan.arrears_minor = sum(row.left_minor for row in late)
            for row in late:
                fee = int(Decimal(row.left_minor) * loan.terms.penalty_rate)
                row.penalty_minor += fee
                row.save()
                loan.charges_left_minor += fee
                loan.penalties_minor += fee
                LoanEntry.objects.create(
                    loan=loan, side="CHARGES", amount_minor=fee, transfer_id=0, booked_on=day, what="PENALTY"
                )
            if earned > 0:
                loan.interest_accrued_minor += earned
                LoanEntry.objects.create(
                    loan=loan, side="INTEREST", amount_minor=earned, transfer_id=0, booked_on=day, what="ACCRUAL"
                )
            band = [one for one in bands if one.from_days <= loan.days_past_due][-1]
            loan.loss_class = band.code
            loan.provision_minor = int(loan.principal_left_minor * band.rate)
            loan.save()


def _earned(row: Any, day: date) -> int:
    gone = min(max((day - row.starts_on).days + 1, 0), (row.due_on - row.starts_on).days)
    return int(row.earned_minor * gone / (row.due_on - row.starts_on).days)


if __name__ == "__main__":
    main(run)
