"""What lending tells credit scoring about loans, as of a moment: the source that scoring asks for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.credit_scoring.loan_facts import LoanFacts, LoanOutcome, LoanState
from apps.credit_scoring.rules.stress import Position
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.lending.models import RatePer

HOME = "KES"
_PER_YEAR = {RatePer.WEEK: 52, RatePer.MONTH: 12, RatePer.YEAR: 1, RatePer.TERM: 1}

# Rows of the schedule that counts, as they were on the day: what was settled later was open then.
_FACTS = """
WITH mine AS (
    SELECT id, borrower_id, disbursed_at, over_at FROM lending_loan
     WHERE borrower_id = ANY(%(users)s) AND disbursed_at <= %(at)s AND currency = %(home)s),
rows AS (
    SELECT m.borrower_id, i.due_on,
           CASE WHEN i.settled_on <= %(on)s THEN i.settled_on END AS settled_on
      FROM mine m JOIN lending_instalment i ON i.loan_id = m.id AND i.is_current AND i.due_on < %(on)s
       AND i.principal_minor + i.interest_minor > 0),
paid AS (
    SELECT borrower_id, count(*) FILTER (WHERE settled_on <= due_on) AS on_time,
           count(*) FILTER (WHERE settled_on > due_on) AS late,
           count(*) FILTER (WHERE settled_on IS NULL) AS missed,
           avg(greatest(COALESCE(settled_on, %(on)s) - due_on, 0)) AS average_late,
           max(greatest(COALESCE(settled_on, %(on)s) - due_on, 0)) AS worst,
           max(CASE WHEN settled_on IS NULL THEN %(on)s - due_on ELSE 0 END) AS now_late
      FROM rows GROUP BY 1),
owed AS (
    SELECT m.borrower_id, sum(e.amount_minor)::bigint AS minor
      FROM mine m JOIN lending_loanentry e ON e.loan_id = m.id AND e.side = 'PRINCIPAL' AND e.booked_on <= %(on)s
     GROUP BY 1)
SELECT m.borrower_id, count(*), count(*) FILTER (WHERE m.over_at IS NULL OR m.over_at > %(at)s),
       max(p.on_time), max(p.late), max(p.missed), max(p.average_late), max(p.worst), max(p.now_late), max(o.minor)
  FROM mine m
  LEFT JOIN paid p USING (borrower_id)
  LEFT JOIN owed o USING (borrower_id)
 GROUP BY 1
"""
_LIVE = """
SELECT l.id, l.borrower_id, l.days_past_due,
       count(i.*) FILTER (WHERE i.due_on < %(on)s AND i.settled_on IS NULL),
       count(i.*) FILTER (WHERE i.settled_on <= i.due_on AND i.principal_minor + i.interest_minor > 0),
       l.principal_left_minor, n.left_minor, n.due_on
  FROM lending_loan l
  LEFT JOIN lending_instalment i ON i.loan_id = l.id AND i.is_current
  LEFT JOIN LATERAL (
       SELECT due_on, principal_minor + interest_minor + fee_minor + penalty_minor - paid_principal_minor
              - paid_interest_minor - paid_fee_minor - paid_penalty_minor AS left_minor
         FROM lending_instalment r WHERE r.loan_id = l.id AND r.is_current AND r.settled_on IS NULL
        ORDER BY number LIMIT 1) n ON TRUE
 WHERE l.status = 'ACTIVE' AND l.currency = %(home)s AND (%(loan)s::bigint IS NULL OR l.id = %(loan)s)
 GROUP BY l.id, n.left_minor, n.due_on
 ORDER BY l.id
"""
# Bad within a year: more than 90 days late at some day's end, or given up.
_OUTCOMES = """
SELECT l.id, l.borrower_id, l.decided_at,
       EXISTS (SELECT FROM lending_classmove m WHERE m.loan_id = l.id AND m.stage_after = 3
                  AND m.day <= (l.decided_at + interval '1 year')::date) OR l.status = 'WRITTEN_OFF'
  FROM lending_loan l
 WHERE l.disbursed_at IS NOT NULL AND l.decided_at >= %(since)s AND l.decided_at < %(until)s
 ORDER BY l.id
"""
_BOOK = """
SELECT l.principal_left_minor, l.currency, l.days_past_due, l.rate, t.rate_per, t.reference <> '', l.last_due_on,
       l.score, p.loss_given_default
  FROM lending_loan l
  JOIN lending_productterms t ON t.id = l.terms_id
  JOIN lending_loanproduct p ON p.id = l.product_id
 WHERE l.status = 'ACTIVE' AND l.currency = %(home)s
"""


class Loans:
    """Answers from the loans of the bank; nothing after `at` is in an answer."""

    def facts(self, user_ids: Sequence[int], *, at: datetime) -> Mapping[int, LoanFacts]:
        """Of several people, in one query."""
        values = {"users": list(user_ids), "at": at, "on": local_date(at), "home": HOME}
        return {user: _facts(figures) for user, *figures in _asked(_FACTS, values)}

    def state(self, reference: str, *, at: datetime) -> LoanState | None:
        """Of one live loan, `loan/7`."""
        kind, _slash, key = reference.partition("/")
        if kind != "loan" or not key.isdecimal():
            return None
        return next(iter(self._live(at, int(key))), None)

    def live(self, *, at: datetime) -> Iterable[LoanState]:
        """Every live loan."""
        return self._live(at, None)

    def _live(self, at: datetime, loan: int | None) -> list[LoanState]:
        found = _asked(_LIVE, {"on": local_date(at), "home": HOME, "loan": loan})
        return [
            LoanState(
                reference=f"loan/{pk}",
                user_id=user,
                days_late=days,
                missed=missed,
                on_time=on_time,
                outstanding_minor=owed,
                next_due_minor=left or 0,
                next_due_at=day_start(due_on) if due_on else None,
            )
            for pk, user, days, missed, on_time, owed, left, due_on in found
        ]

    def outcomes(self, *, since: datetime, until: datetime) -> Iterable[LoanOutcome]:
        """Loans decided in a period that are old enough to be judged: a year and more."""
        found = _asked(_OUTCOMES, {"since": since, "until": until})
        return [
            LoanOutcome(reference=f"loan/{pk}", user_id=user, decided_at=decided, is_bad=bad)
            for pk, user, decided, bad in found
        ]

    def positions(self, *, at: datetime) -> Iterable[Position]:
        """The book, for the stress test. The PD is that of the score it was decided by; 5 % where there was none."""
        on = local_date(at)
        return [
            Position(
                owed=Money(owed, currency),
                probability=_probability(score),
                loss_given_default=lost,
                rate=rate * _PER_YEAR[RatePer(per)],
                days_late=days,
                months_left=max((last - on).days // 30, 1) if last else 1,
                reprices=reprices,
            )
            for owed, currency, days, rate, per, reprices, last, score, lost in _asked(_BOOK, {"home": HOME})
        ]


def _facts(figures: Sequence[Any]) -> LoanFacts:
    existing, active, on_time, late, missed, average, worst, now_late, owed = figures
    return LoanFacts(
        existing_loans=existing,
        active_loans=active,
        on_time=on_time or 0,
        late=late or 0,
        missed=missed or 0,
        average_days_late=Decimal(average or 0).quantize(Decimal("0.01")),
        worst_days_late=worst or 0,
        days_late_now=now_late or 0,
        outstanding_minor=owed or 0,
    )


def _probability(score: int | None) -> Decimal:
    """The PD behind a decision score: 600 + 80 × log2(odds ÷ 9), so odds = 9 × 2^((score − 600) ÷ 80)."""
    if score is None:
        return Decimal("0.05")
    odds = 9 * Decimal(2) ** (Decimal(score - 600) / 80)
    return (1 / (1 + odds)).quantize(Decimal("0.000001"))


def _asked(question: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())
