"""The loan book by month: how loans of a month went, how late the book is, what went out, came in and was due.

Every figure names the filter that opens its loans (`rows_of`), so that nothing is shown that cannot be looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import TruncMonth
from django.utils.dateparse import parse_date

from apps.kernel.money import Money
from apps.lending import queries
from apps.lending.models import Instalment, Loan, LoanQuerySet, LoanStatus, Repayment

MONTHS = 12
BUCKETS = ((0, 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, None))
LATE = 30
UNCLASSED = "-"  # in a link: paid out since the last end of a day
MOST_DIGITS = 9  # inside an integer column

# A loan was late by more than 30 days at the end of its n-th month on book when an instalment of the schedule that
# counts had been due for longer and was not settled by then. Months that are not over are left out.
_VINTAGES = """
WITH lent AS (
    SELECT id, principal_minor, disbursed_on, date_trunc('month', disbursed_on)::date AS month
      FROM lending_loan
     WHERE disbursed_on IS NOT NULL AND currency = %(currency)s
       AND (%(product)s::bigint IS NULL OR product_id = %(product)s)
       AND disbursed_on >= date_trunc('month', %(today)s::date) - make_interval(months => %(months)s - 1)),
whole AS (SELECT month, count(*) AS loans, sum(principal_minor) AS lent FROM lent GROUP BY 1),
seen AS (
    SELECT w.month, w.loans, w.lent, n, (w.month + make_interval(months => n + 1))::date - 1 AS seen_on
      FROM whole w CROSS JOIN generate_series(0, %(months)s - 1) AS n),
late AS (
    SELECT s.month, s.n, l.id, l.principal_minor
      FROM lent l
      JOIN lending_instalment i ON i.loan_id = l.id AND i.is_current
           AND (i.settled_on IS NULL OR i.settled_on > i.due_on + %(late)s)
      JOIN seen s ON s.month = l.month AND i.due_on < s.seen_on - %(late)s
           AND (i.settled_on IS NULL OR i.settled_on > s.seen_on)
     WHERE s.seen_on < %(today)s
     GROUP BY 1, 2, 3, 4),
were AS (SELECT month, n, count(*) AS loans, sum(principal_minor) AS minor FROM late GROUP BY 1, 2)
SELECT s.month, s.n, s.loans, s.lent::bigint, COALESCE(w.loans, 0), COALESCE(w.minor, 0)::bigint
  FROM seen s LEFT JOIN were w USING (month, n)
 WHERE s.seen_on < %(today)s
 ORDER BY 1 DESC, 2
"""
_AGEING = """
SELECT bucket, count(l.id), COALESCE(sum(l.principal_left_minor), 0)::bigint, COALESCE(sum(l.arrears_minor), 0)::bigint
  FROM unnest(%(from)s::int[], %(to)s::int[]) WITH ORDINALITY AS b(since, until, bucket)
  LEFT JOIN lending_loan l ON l.status = 'ACTIVE' AND l.currency = %(currency)s AND l.days_past_due >= b.since
        AND (b.until IS NULL OR l.days_past_due <= b.until)
        AND (%(product)s::bigint IS NULL OR l.product_id = %(product)s)
 GROUP BY 1 ORDER BY 1
"""
_MONTHS = """
WITH months AS (
    SELECT (date_trunc('month', %(today)s::date) - make_interval(months => n))::date AS month
      FROM generate_series(0, %(months)s - 1) AS n),
loans AS (
    SELECT id, principal_minor, disbursed_on FROM lending_loan
     WHERE currency = %(currency)s AND disbursed_on IS NOT NULL
       AND (%(product)s::bigint IS NULL OR product_id = %(product)s)),
lent AS (
    SELECT date_trunc('month', disbursed_on)::date AS month, count(*) AS loans, sum(principal_minor) AS minor
      FROM loans GROUP BY 1),
back AS (
    SELECT date_trunc('month', r.paid_on)::date AS month, sum(r.amount_minor) AS minor,
           sum(r.principal_minor) AS principal
      FROM lending_repayment r JOIN loans l ON l.id = r.loan_id
     WHERE NOT EXISTS (SELECT FROM lending_repaymentreversal t WHERE t.repayment_id = r.id) GROUP BY 1),
due AS (
    SELECT date_trunc('month', i.due_on)::date AS month,
           sum(i.principal_minor + i.interest_minor + i.fee_minor + i.penalty_minor) AS asked,
           sum(i.paid_principal_minor + i.paid_interest_minor + i.paid_fee_minor + i.paid_penalty_minor) AS paid
      FROM lending_instalment i JOIN loans l ON l.id = i.loan_id
     WHERE i.is_current AND i.due_on <= %(today)s GROUP BY 1)
SELECT m.month, COALESCE(t.loans, 0), COALESCE(t.minor, 0)::bigint, COALESCE(b.minor, 0)::bigint,
       COALESCE(b.principal, 0)::bigint, COALESCE(d.asked, 0)::bigint, COALESCE(d.paid, 0)::bigint
  FROM months m LEFT JOIN lent t USING (month) LEFT JOIN back b USING (month) LEFT JOIN due d USING (month)
 ORDER BY 1 DESC
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Loans of one month at the end of their n-th month: how many, and the share lent that was over 30 days late."""

    loans: int
    late: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Vintage:
    """Loans paid out in one month, month by month on book; None for months to come."""

    month: date
    loans: int
    lent: Money
    seen: tuple[Seen | None, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Loans that run and are so many days late; `until` None is without end."""

    since: int
    until: int | None
    loans: int
    principal: Money
    arrears: Money


@dataclass(frozen=True, slots=True)
class Month:
    """What went out and came back in a month, what fell due in it, and what of that is paid by now."""

    month: date
    loans: int
    lent: Money
    back: Money
    principal: Money
    due: Money
    collected: Money

    @property
    def rate(self) -> Decimal | None:
        """Collected over due; None where nothing fell due."""
        return (Decimal(self.collected.minor) / self.due.minor).quantize(Decimal("0.0001")) if self.due else None


def vintages(today: date, product: int | None = None, currency: str = "KES") -> list[Vintage]:
    """The last twelve months of paying out, the newest first, one query."""
    found: dict[date, dict[int, tuple[Any, ...]]] = {}
    for month, nth, *figures in _asked(_VINTAGES, today, product, currency, late=LATE):
        found.setdefault(month, {})[nth] = tuple(figures)
    rows = []
    for month, by_nth in found.items():
        loans, lent, *_rest = by_nth[0]
        seen: list[Seen | None] = []
        for nth in range(MONTHS):
            if nth not in by_nth:
                seen.append(None)
                continue
            count, principal, late, late_minor = by_nth[nth]
            share = (Decimal(late_minor) / principal).quantize(Decimal("0.0001"))
            seen.append(Seen(count, late, share))
        rows.append(Vintage(month, loans, Money(lent, currency), tuple(seen)))
    return rows


def ageing(today: date, product: int | None = None, currency: str = "KES") -> list[Bucket]:
    """The book by lateness, one query."""
    since, until = [one[0] for one in BUCKETS], [one[1] for one in BUCKETS]
    rows = _asked(_AGEING, today, product, currency, **{"from": since, "to": until})
    return [
        Bucket(since[nth - 1], until[nth - 1], loans, Money(principal, currency), Money(arrears, currency))
        for nth, loans, principal, arrears in rows
    ]


def months(today: date, product: int | None = None, currency: str = "KES") -> list[Month]:
    """The last twelve months, the newest first, one query."""
    return [
        Month(month, loans, *(Money(minor, currency) for minor in figures))
        for month, loans, *figures in _asked(_MONTHS, today, product, currency)
    ]


def _asked(question: str, today: date, product: int | None, currency: str, **more: Any) -> list[tuple[Any, ...]]:
    values = {"today": today, "product": product, "currency": currency, "months": MONTHS, **more}
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def rows_of(asked: Mapping[str, str], today: date) -> LoanQuerySet:
    """The loans behind a figure, by the filter in its link; what makes no sense filters to none.

    `product`, `terms`, `class` (and what it `becomes` tomorrow), `stage`, `status`; `over` (later than so many days;
    with `strict` also other terms), `since`/`until` (days late); `lent`, `repaid`, `due` (YYYY-MM); `book` with `lent`
    (late at the end of month n).
    """
    rows = Loan.objects.exclude(disbursed_at=None)
    status = asked.get("status", "ACTIVE" if not any(asked.get(name) for name in _BY_MONTH) else "")
    if status:
        rows = rows.filter(status=status) if status in LoanStatus.values else rows.none()
    was = "" if asked.get("class") == UNCLASSED else asked.get("class", "")
    if asked.get("product"):
        rows = rows.filter(product__code=asked["product"])
    if asked.get("class"):
        rows = rows.filter(loss_class=was)
    for name, column in _NUMBERS.items():
        if asked.get(name):
            number = _number(asked[name])
            rows = rows.none() if number is None else rows.filter(**{column: number})
    if asked.get("over"):
        number = _number(asked["over"])
        late = Q(days_past_due__gt=number or 0) | (Q(is_restructured=True) if asked.get("strict") else Q())
        rows = rows.none() if number is None else rows.filter(late)
    if asked.get("becomes"):
        day = today + timedelta(days=1)
        rows = rows.filter(pk__in=queries.moving(day, was, asked["becomes"]))
    return _by_month(rows, asked, today)


_BY_MONTH = ("lent", "repaid", "due")
_NUMBERS = {"terms": "terms_id", "stage": "stage", "since": "days_past_due__gte", "until": "days_past_due__lte"}


def _by_month(rows: LoanQuerySet, asked: Mapping[str, str], today: date) -> LoanQuerySet:
    for name in _BY_MONTH:
        if not asked.get(name):
            continue
        month = parse_month(asked[name])
        if month is None:
            return rows.none()
        if name == "lent":
            rows = rows.annotate(month=TruncMonth("disbursed_on")).filter(month=month)
        elif name == "repaid":
            back = Repayment.objects.standing().annotate(month=TruncMonth("paid_on")).filter(month=month)
            rows = rows.filter(pk__in=back.values("loan_id"))
        else:
            due = Instalment.objects.current().filter(due_on__lte=today).annotate(month=TruncMonth("due_on"))
            rows = rows.filter(pk__in=due.filter(month=month).values("loan_id"))
    nth, month = _number(asked.get("book", "")), parse_month(asked.get("lent", ""))
    if nth is not None and month is not None:
        rows = rows.filter(pk__in=_late_at(nth, month))
    return rows


def _late_at(nth: int, month: date) -> Any:
    """As the vintage table counts them."""
    after = month.month + nth
    seen_on = date(month.year + after // 12, after % 12 + 1, 1).toordinal() - 1
    late = Instalment.objects.current().filter(due_on__lt=date.fromordinal(seen_on - LATE))
    return late.filter(Q(settled_on=None) | Q(settled_on__gt=date.fromordinal(seen_on))).values("loan_id")


def parse_month(text: str) -> date | None:
    """`2026-11` is its first day; None for anything else."""
    try:
        return parse_date(f"{text}-01") if len(text) == len("2026-11") else None
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
