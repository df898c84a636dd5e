"""A scenario on the whole book, set-based: provisions by product, class and stage, a year's income, capital after it.

What is assumed (weights of assets, how funds reprice, the least capital) is dated data with its source and is kept
beside every run, so that a run of last year can be read as it was made.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from apps.kernel.money import Money
from apps.ledger import queries as books
from apps.lending.models import AssumptionKind, LoanProduct, RiskAssumption, StressScenario
from apps.lending.rules.stress import Bank, Outcome, Shock, capital

MODEL = "1"  # of the arithmetic below; raised when it changes
LOANS = ("1100", "1110", "1120", "1130", "1150")
RESERVE = "3030"
FAILED_DAYS = 91  # as late as loans are that failed

# The arithmetic is rules/stress.py, which says it for one loan; a test adds that up over the book. `hit` loans are
# those the scenario is about. Before: the same arithmetic without a shock, so that nothing but the shock differs.
_BOOK = """
WITH bands AS (
    SELECT DISTINCT ON (table_id, from_days) table_id, from_days, code, rate
      FROM lending_lossband WHERE valid_from <= %(day)s ORDER BY table_id, from_days, valid_from DESC),
failed AS (
    SELECT DISTINCT ON (table_id) table_id, rate
      FROM bands WHERE from_days <= %(failed)s ORDER BY table_id, from_days DESC),
seen AS (
    SELECT p.id AS product_id, p.code AS product, l.loss_class, l.stage, l.principal_left_minor AS principal,
           l.provision_minor, l.regulatory_minor, t.reference <> '' AS floats, p.loss_given_default AS lgd,
           l.principal_left_minor + l.interest_accrued_minor - l.interest_paid_minor AS owed,
           COALESCE(b.rate, 0) AS asked, greatest(COALESCE(b.rate, 0), COALESCE(f.rate, 0)) AS asked_failed,
           greatest(ceil((l.last_due_on - %(day)s) / 30.0), 1) AS months,
           l.rate * CASE t.rate_per WHEN 'WEEK' THEN 52 WHEN 'MONTH' THEN 12 ELSE 1 END AS yearly,
           CASE t.rate_per WHEN 'WEEK' THEN l.rate * 52 WHEN 'MONTH' THEN l.rate * 12 WHEN 'YEAR' THEN l.rate
                ELSE l.rate * 365 / greatest(l.last_due_on - l.disbursed_on, 1) END AS earns,
           CASE WHEN l.score IS NULL THEN 0.05 ELSE 1 / (1 + 9 * power(2::numeric, (l.score - 600) / 80.0)) END AS pd,
           (%(product)s::bigint IS NULL OR p.id = %(product)s) AS hit
      FROM lending_loan l
      JOIN lending_productterms t ON t.id = l.terms_id
      JOIN lending_loanproduct p ON p.id = l.product_id
      LEFT JOIN bands b ON b.table_id = p.loss_table_id AND b.code = l.loss_class
      LEFT JOIN failed f ON f.table_id = p.loss_table_id
     WHERE l.status = 'ACTIVE' AND l.currency = %(currency)s),
shocked AS (
    SELECT *, CASE WHEN stage = 1 THEN least(months, 12) ELSE months END AS ahead,
           CASE WHEN hit THEN least(pd * %(pd_factor)s, 1) ELSE pd END AS pd2,
           CASE WHEN hit THEN least(lgd + %(loss_points)s, 1) ELSE lgd END AS lgd2,
           CASE WHEN hit AND stage <> 3 THEN %(failing_share)s::numeric ELSE 0 END AS stops,
           CASE WHEN hit AND floats THEN %(rate_points)s::numeric ELSE 0 END AS dearer
      FROM seen)
SELECT product, loss_class, stage, count(*), sum(owed)::bigint, sum(provision_minor)::bigint,
       sum(CASE WHEN stage = 3 THEN ceil(owed * lgd)
           ELSE ceil(owed * lgd * (1 - power(1 - pd, ahead / 12.0)) / power(1 + yearly, ahead / 24.0)) END)::bigint,
       sum(CASE WHEN stage = 3 THEN ceil(owed * lgd2)
           ELSE ceil(owed * lgd2 * (stops + (1 - stops) * (1 - power(1 - pd2, ahead / 12.0))
                     / power(1 + yearly, ahead / 24.0))) END)::bigint,
       sum(ceil(owed * asked))::bigint,
       sum(ceil(owed * (stops * asked_failed + (1 - stops) * asked)))::bigint,
       sum(CASE WHEN stage = 3 THEN 0 ELSE trunc(owed * (1 - pd) * earns) END)::bigint,
       sum(CASE WHEN stage = 3 THEN 0 ELSE trunc(owed * (1 - stops) * (1 - pd2) * (earns + dearer)) END)::bigint
  FROM shocked GROUP BY 1, 2, 3 ORDER BY 1, min(asked), 3
"""


@dataclass(frozen=True, slots=True)
class StressLine:
    """Loans of one product, class and stage: what is owed, kept in the books, and needed before and after."""

    product: str
    loss_class: str
    stage: int
    loans: int
    owed: Money
    booked: Money
    before: Money
    after: Money
    table_before: Money
    table_after: Money
    income_before: Money
    income_after: Money


@dataclass(frozen=True, slots=True)
class Assumed:
    """The figures in force on a day, the longest beginning of an account's code first."""

    rows: tuple[RiskAssumption, ...]

    def of(self, kind: str, code: str = "") -> Decimal:
        """The figure for an account; of several the most exact. Zero where nobody assumed any."""
        fits = [row for row in self.rows if row.kind == kind and code.startswith(row.accounts)]
        return max(fits, key=lambda row: len(row.accounts)).value if fits else Decimal(0)


@dataclass(frozen=True, slots=True)
class Tested:
    """What a scenario does: line by line, to a year's income, and to capital."""

    lines: tuple[StressLine, ...]
    bank: Bank
    outcome: Outcome
    funds: Money
    funding_cost: Money
    minimum: Decimal


def scenarios(on: date) -> QuerySet[StressScenario]:
    """The scenarios of a day: of each name the newest whose day has come, in the order they were written."""
    newest = StressScenario.objects.filter(code=OuterRef("code"), valid_from__lte=on).order_by("-valid_from")
    return StressScenario.objects.filter(pk=Subquery(newest.values("pk")[:1])).select_related("product").order_by("pk")


def assumed(on: date) -> Assumed:
    """What is assumed on a day, one query."""
    rows = RiskAssumption.objects.filter(valid_from__lte=on).order_by("kind", "accounts", "-valid_from")
    return Assumed(tuple(rows.distinct("kind", "accounts")))


def lines_of(*, shock: Shock, product: LoanProduct | None, on: date, currency: str = "KES") -> tuple[StressLine, ...]:
    """The book in the scenario, one query whatever its size."""
    values: dict[str, Any] = {
        "day": on,
        "failed": FAILED_DAYS,
        "currency": currency,
        "product": product.pk if product else None,
        "pd_factor": shock.pd_factor,
        "loss_points": shock.loss_points,
        "rate_points": shock.rate_points,
        "failing_share": shock.failing_share,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, values)
        found = cursor.fetchall()
    return tuple(
        StressLine(code, loss, stage, loans, *(Money(int(minor), currency) for minor in figures))
        for code, loss, stage, loans, *figures in found
    )


def try_out(*, shock: Shock, product: LoanProduct | None, on: date, currency: str = "KES") -> Tested:
    """A scenario on the book and the books of a day. Nothing is kept or posted."""
    lines, known = lines_of(shock=shock, product=product, on=on, currency=currency), assumed(on)
    sheet = books.balance_sheet(on=on, currency=currency)

    def added(name: str) -> int:
        return sum(getattr(line, name).minor for line in lines)

    weighted = sum(int(line.balance.minor * known.of(AssumptionKind.WEIGHT, line.code)) for line in sheet.assets)
    bank = Bank(
        equity=sum(line.balance.minor for line in sheet.equity) + sheet.result.minor,
        reserve=sum(line.balance.minor for line in sheet.equity if line.code == RESERVE),
        weighted=max(weighted, 0),
        provision=added("before"),
        regulatory=added("table_before"),
    )
    repricing = sum(int(line.balance.minor * known.of(AssumptionKind.FUNDING, line.code)) for line in sheet.liabilities)
    cost = int(repricing * shock.rate_points)
    outcome = capital(
        bank,
        provision=added("after"),
        regulatory=added("table_after"),
        income_lost=added("income_before") - added("income_after"),
        funding_cost=cost,
        loan_weight=known.of(AssumptionKind.WEIGHT, LOANS[0]),
    )
    minimum = known.of(AssumptionKind.MINIMUM)
    return Tested(lines, bank, outcome, Money(repricing, currency), Money(cost, currency), minimum)
