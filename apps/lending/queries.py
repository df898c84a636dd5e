"""Questions about the loan book that need more than a filter."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from apps.kernel.money import Money
from apps.lending.models import AgeingRule, LossBand

LINES = (1, 30, 60, 90, 180)

_BOOK = """
SELECT count(*), COALESCE(sum(principal_left_minor), 0)::bigint, COALESCE(sum(arrears_minor), 0)::bigint,
       COALESCE(sum(provision_minor), 0)::bigint, COALESCE(sum(regulatory_minor), 0)::bigint,
       COALESCE(sum(interest_accrued_minor - interest_paid_minor), 0)::bigint
  FROM lending_loan WHERE status = 'ACTIVE' AND currency = %(currency)s
"""
_RISK = """
SELECT line, count(*) FILTER (WHERE l.days_past_due > line),
       COALESCE(sum(l.principal_left_minor) FILTER (WHERE l.days_past_due > line), 0)::bigint,
       COALESCE(sum(l.principal_left_minor) FILTER (WHERE l.days_past_due > line OR l.is_restructured), 0)::bigint
  FROM unnest(%(lines)s::int[]) AS line
  LEFT JOIN lending_loan l ON l.status = 'ACTIVE' AND l.currency = %(currency)s
 GROUP BY 1 ORDER BY 1
"""
_CLASSES = """
SELECT p.code, l.loss_class, l.stage, count(*), sum(l.principal_left_minor)::bigint, sum(l.provision_minor)::bigint
  FROM lending_loan l JOIN lending_loanproduct p ON p.id = l.product_id
 WHERE l.status = 'ACTIVE' AND l.currency = %(currency)s
 GROUP BY 1, 2, 3 ORDER BY 1, min(l.days_past_due), 3
"""
# Loans that enter another class tomorrow when nobody pays, and what the regulator's table asks for them then.
# One by one, or summed up by class.
_TOMORROW = """
WITH bands AS (
    SELECT DISTINCT ON (table_id, from_days) table_id, from_days, code, rate
      FROM lending_lossband WHERE valid_from <= %(day)s ORDER BY table_id, from_days, valid_from DESC)
SELECT l.loss_class, b.code, count(*), sum(l.principal_left_minor)::bigint,
       sum(round((l.principal_left_minor + l.interest_accrued_minor - l.interest_paid_minor) * b.rate)
           - l.regulatory_minor)::bigint, CASE WHEN %(one_by_one)s THEN l.id END
  FROM lending_loan l
  JOIN lending_loanproduct p ON p.id = l.product_id
 CROSS JOIN LATERAL (SELECT code, rate FROM bands x WHERE x.table_id = p.loss_table_id
                        AND x.from_days <= greatest(
                            %(day)s - l.oldest_due_on,
                            CASE WHEN l.oldest_due_on < %(day)s OR %(day)s < l.on_time_since + %(cure)s
                                 THEN l.held_at_days ELSE 0 END)
                      ORDER BY from_days DESC LIMIT 1) b
 WHERE l.status = 'ACTIVE' AND l.currency = %(currency)s AND b.code <> l.loss_class
 GROUP BY 1, 2, 6 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Portfolio at risk beyond `days`: principal of whole loans with an instalment more than so many days late; the
    strict form counts restructured loans whatever their lateness.
    """

    days: int
    loans: int
    principal: Money
    share: Decimal
    strict_principal: Money
    strict_share: Decimal


@dataclass(frozen=True, slots=True)
class ClassLine:
    """Loans of one product, class and stage."""

    product: str
    loss_class: str
    stage: int
    loans: int
    principal: Money
    provision: Money


@dataclass(frozen=True, slots=True)
class Migration:
    """Loans that change class tomorrow unless somebody pays, and what that costs in provisions."""

    before: str
    after: str
    loans: int
    principal: Money
    cost: Money


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The loan book of a currency."""

    loans: int
    principal: Money
    arrears: Money
    provision: Money  # expected loss by IFRS 9
    regulatory: Money  # what the regulator's tables ask for
    interest: Money
    at_risk: tuple[AtRisk, ...]
    classes: tuple[ClassLine, ...]

    @property
    def coverage(self) -> Decimal | None:
        """Provisions over PAR 30; None without any."""
        risk = next(line for line in self.at_risk if line.days == 30).principal
        return (Decimal(self.provision.minor) / risk.minor).quantize(Decimal("0.0001")) if risk else None


def portfolio(currency: str = "KES") -> Portfolio:
    """The book as it stood at the last end of a day, payments since counted."""
    values = {"currency": currency, "lines": list(LINES)}
    ((loans, gross, arrears, provision, regulatory, interest),) = _asked(_BOOK, values)

    def money(minor: int) -> Money:
        return Money(minor, currency)

    def share(minor: int) -> Decimal:
        return (Decimal(minor) / gross).quantize(Decimal("0.0001")) if gross else Decimal(0)

    at_risk = tuple(
        AtRisk(days, count, money(plain), share(plain), money(strict), share(strict))
        for days, count, plain, strict in _asked(_RISK, values)
    )
    classes = tuple(
        ClassLine(product, code, stage, count, money(left), money(kept))
        for product, code, stage, count, left, kept in _asked(_CLASSES, values)
    )
    return Portfolio(
        loans=loans,
        principal=money(gross),
        arrears=money(arrears),
        provision=money(provision),
        regulatory=money(regulatory),
        interest=money(interest),
        at_risk=at_risk,
        classes=classes,
    )


def ageing_rule(day: date) -> AgeingRule:
    """By which a loan is late enough for a worse stage on a day, or cured. Raises DoesNotExist before the first."""
    return AgeingRule.objects.filter(valid_from__lte=day).latest("valid_from")


def bands_in_force(day: date) -> QuerySet[LossBand]:
    """Each table's classes with the share that is provided for on a day, the best class first."""
    newest = LossBand.objects.filter(valid_from__lte=day).order_by("table", "from_days", "-valid_from")
    newest = newest.distinct("table", "from_days")
    return LossBand.objects.filter(pk__in=newest.values("pk")).select_related("table").order_by("table", "from_days")


def tomorrow(day: date, currency: str = "KES") -> list[Migration]:
    """What the end of `day` will move between classes when nobody pays."""
    found = _moving(day, currency, one_by_one=False)
    return [
        Migration(before, after, loans, Money(left, currency), Money(cost, currency))
        for before, after, loans, left, cost, _loan in found
    ]


def moving(day: date, before: str, after: str, currency: str = "KES") -> list[int]:
    """The loans that the end of `day` will move from one class to another when nobody pays."""
    found = _moving(day, currency, one_by_one=True)
    return [pk for was, becomes, _n, _left, _cost, pk in found if (was, becomes) == (before, after)]


def _moving(day: date, currency: str, *, one_by_one: bool) -> list[tuple[Any, ...]]:
    values = {"currency": currency, "day": day, "one_by_one": one_by_one, "cure": ageing_rule(day).cure_days}
    return _asked(_TOMORROW, values)


def _asked(question: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())
