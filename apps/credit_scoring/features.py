"""The feature store: what the bank knew of customers at a moment, asked of their statement lines in one statement.

Nothing after the moment is looked at, so what a model is trained on is what it would have seen then. Lines in other
currencies than the home currency are left out, and so is money that is no income: one's own transfers, exchanges,
loans, interest and what came back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.credit_scoring.loan_facts import LoanFacts, loan_facts
from apps.credit_scoring.models import BureauReport, BureauStatus
from apps.credit_scoring.rules.features import Features, ScoreInputs
from apps.kernel.clock import local_date
from apps.users.models import User

NO_INCOME = [
    "INTERNAL_TRANSFER",
    "EXCHANGE",
    "REFUND",
    "REVERSAL",
    "INTEREST",
    "DISBURSEMENT",
]
NO_SPENDING = ["INTERNAL_TRANSFER", "EXCHANGE", "REVERSAL", "LOAN_REPAYMENT"]
BUREAU_HOLDS = timedelta(days=30)
BATCH = 1000  # customers in one statement

_LOOK = """
WITH moment AS (
    SELECT %(at)s::timestamptz AS at
), held AS (
    SELECT account.id, account.owner_id AS user_id, account.opened_at,
           (SELECT line.running_balance_minor FROM accounts_transaction line
             WHERE line.account_id = account.id AND line.posted_at <= moment.at - interval '180 days'
             ORDER BY line.seq DESC LIMIT 1) AS start_minor
      FROM accounts_account account CROSS JOIN moment
     WHERE account.owner_id = ANY(%(users)s::bigint[]) AND account.currency = %(home)s
       AND account.opened_at <= moment.at
), line AS (
    SELECT held.user_id, row.account_id, row.id, row.amount_minor, row.running_balance_minor AS balance_minor,
           row.posted_at, moment.at - row.posted_at AS ago, row.seq,
           row.amount_minor > 0 AND row.txn_type <> ALL(%(no_income)s::text[]) AS is_income,
           row.amount_minor < 0 AND row.txn_type <> ALL(%(no_spending)s::text[]) AS is_spending
      FROM held CROSS JOIN moment JOIN accounts_transaction row ON row.account_id = held.id
     WHERE row.posted_at <= moment.at AND row.posted_at > moment.at - interval '180 days'
), step AS (
    SELECT user_id, account_id, seq, posted_at AS since, balance_minor FROM line
    UNION ALL
    SELECT user_id, id, 0, GREATEST(opened_at, moment.at - interval '180 days'), COALESCE(start_minor, 0)
      FROM held CROSS JOIN moment
), lasted AS (
    SELECT step.user_id, step.account_id, step.balance_minor,
           EXTRACT(epoch FROM COALESCE(lead(step.since) OVER spell, moment.at)
                              - GREATEST(step.since, moment.at - interval '90 days')) AS seconds,
           lead(step.since) OVER spell IS NULL AS is_last
      FROM step CROSS JOIN moment WINDOW spell AS (PARTITION BY step.account_id ORDER BY step.seq)
), average AS (
    SELECT user_id, sum(minor)::bigint AS minor FROM (
        SELECT user_id, account_id,
               COALESCE(sum(balance_minor * GREATEST(seconds, 0)) / NULLIF(sum(GREATEST(seconds, 0)), 0),
                        max(balance_minor) FILTER (WHERE is_last)) AS minor
          FROM lasted GROUP BY user_id, account_id) each_account GROUP BY user_id
), lowest AS (
    SELECT user_id, sum(minor)::bigint AS minor FROM (
        SELECT held.user_id, LEAST(min(line.balance_minor), held.start_minor) AS minor
          FROM held LEFT JOIN line ON line.account_id = held.id
         GROUP BY held.user_id, held.id, held.start_minor) each_account GROUP BY user_id
), moved AS (
    SELECT user_id, max(id) AS newest,
           count(*) FILTER (WHERE ago < interval '90 days') AS lines_90d,
           count(*) FILTER (WHERE is_income AND ago < interval '30 days') AS income_30d,
           count(*) FILTER (WHERE is_spending AND ago < interval '30 days') AS expense_30d,
           COALESCE(sum(amount_minor) FILTER (WHERE is_income AND ago < interval '90 days'), 0)::bigint AS in_90d,
           COALESCE(-sum(amount_minor) FILTER (WHERE is_spending AND ago < interval '90 days'), 0)::bigint AS out_90d,
           count(*) FILTER (WHERE is_income AND ago < interval '90 days') AS deposits_90d,
           COALESCE(sum(amount_minor) FILTER (WHERE is_income AND ago < interval '30 days'), 0)::bigint AS in_30d
      FROM line GROUP BY user_id
), age AS (
    SELECT held.user_id, EXTRACT(day FROM moment.at - min(held.opened_at))::int AS days,
           LEAST(6, floor(EXTRACT(epoch FROM moment.at - min(held.opened_at)) / 2592000))::int AS periods
      FROM held CROSS JOIN moment GROUP BY held.user_id, moment.at
), month AS (
    SELECT line.user_id, floor(EXTRACT(epoch FROM line.ago) / 2592000)::int AS nth, sum(line.amount_minor) AS minor
      FROM line WHERE line.is_income GROUP BY 1, 2
), regular AS (
    SELECT age.user_id, CASE WHEN age.periods >= 2 AND sum(month.minor) > 0
           THEN 1 - LEAST(1, sqrt(GREATEST(sum(month.minor * month.minor) / age.periods
                                           - (sum(month.minor) / age.periods) ^ 2, 0))
                             / (sum(month.minor) / age.periods)) END AS share
      FROM age JOIN month ON month.user_id = age.user_id AND month.nth < age.periods
     GROUP BY age.user_id, age.periods
)
SELECT asked.user_id, COALESCE(age.days, 0), COALESCE(average.minor, 0), COALESCE(lowest.minor, 0),
       COALESCE(moved.lines_90d, 0), COALESCE(moved.income_30d, 0), COALESCE(moved.expense_30d, 0),
       COALESCE(moved.in_90d, 0), COALESCE(moved.out_90d, 0), COALESCE(moved.deposits_90d, 0),
       CASE WHEN moved.deposits_90d > 0 THEN round(moved.in_90d::numeric / moved.deposits_90d)::bigint ELSE 0 END,
       round(regular.share::numeric, 4), COALESCE(moved.in_30d, 0), COALESCE(moved.newest, 0)
  FROM unnest(%(users)s::bigint[]) AS asked (user_id)
  LEFT JOIN age USING (user_id) LEFT JOIN average USING (user_id) LEFT JOIN lowest USING (user_id)
  LEFT JOIN moved USING (user_id) LEFT JOIN regular USING (user_id)
"""


@dataclass(frozen=True, slots=True)
class Observed:
    """One customer as seen at a moment, and the newest statement line that was seen."""

    user_id: int
    features: Features
    newest_line_id: int


def observe(users: Sequence[User], *, at: datetime, told: ScoreInputs | None = None) -> list[Observed]:
    """Several customers at `at`, two statements and lending's for up to a thousand; `told` is what they said."""
    return observe_told(users, at=at, told={user.pk: told for user in users} if told else {})


def observe_told(users: Sequence[User], *, at: datetime, told: Mapping[int, ScoreInputs]) -> list[Observed]:
    """The same where each told something else of themself."""
    found: list[Observed] = []
    for start in range(0, len(users), BATCH):
        found += _observe(users[start : start + BATCH], at, told)
    return found


def _observe(users: Sequence[User], at: datetime, told: Mapping[int, ScoreInputs]) -> list[Observed]:
    ids = [user.pk for user in users]
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOK,
            {
                "users": ids,
                "at": at,
                "home": settings.HOME_CURRENCY,
                "no_income": NO_INCOME,
                "no_spending": NO_SPENDING,
            },
        )
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    loans, bureau = loan_facts().facts(ids, at=at), _bureau_scores(ids, at)
    silent = ScoreInputs()
    found = []
    for user in users:
        row, said = rows[user.pk], told.get(user.pk, silent)
        seen = _features(user, row, loans.get(user.pk), bureau.get(user.pk), at, said)
        found.append(Observed(user.pk, seen, int(row[-1])))
    return found


def _bureau_scores(ids: Iterable[int], at: datetime) -> dict[int, int]:
    """The newest answer of the last 30 days of each."""
    rows = (
        BureauReport.objects.filter(
            user_id__in=list(ids), status=BureauStatus.ANSWERED, asked_at__lte=at, asked_at__gt=at - BUREAU_HOLDS
        )
        .order_by("user_id", "-asked_at", "-pk")
        .distinct("user_id")
    )
    return {row.user_id: row.score for row in rows if row.score is not None}


def _features(
    user: User, row: Sequence[Any], loans: LoanFacts | None, bureau: int | None, at: datetime, told: ScoreInputs
) -> Features:
    facts = loans or LoanFacts()
    rate = facts.repayment_rate
    return Features(
        account_age_days=row[0],
        average_balance_minor=row[1],
        minimum_balance_6m_minor=row[2],
        lines_90d=row[3],
        income_count_30d=row[4],
        expense_count_30d=row[5],
        money_in_90d_minor=row[6],
        money_out_90d_minor=row[7],
        deposits_90d=row[8],
        deposit_average_90d_minor=row[9],
        income_regularity=None if row[10] is None else float(row[10]),
        money_in_30d_minor=row[11],
        existing_loans=facts.existing_loans,
        active_loans=facts.active_loans,
        repayment_rate=None if rate is None else float(rate),
        missed_payments=facts.missed,
        worst_days_late=facts.worst_days_late,
        days_late_now=facts.days_late_now,
        outstanding_minor=facts.outstanding_minor,
        bureau_score=bureau if bureau is not None else told.credit_bureau_score,
        age=_age(user, local_date(at), told.age),
        employment_status=told.employment_status,
        declared_income_minor=told.monthly_income_minor,
        kyc_tier=user.kyc_tier,
    )


def _age(user: User, on: date, told: int | None) -> int | None:
    """In whole years, by the papers where we have them."""
    if not user.date_of_birth:
        return told
    born = date.fromisoformat(str(user.date_of_birth))
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def newest_line_of(user: User, *, at: datetime) -> int:
    """The last statement line of a customer's home-currency accounts, to tell whether a score is stale."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(max(newest.id), 0) FROM accounts_account account"
            "  CROSS JOIN LATERAL (SELECT line.id FROM accounts_transaction line WHERE line.account_id = account.id"
            "                         AND line.posted_at <= %s ORDER BY line.id DESC LIMIT 1) newest"
            " WHERE account.owner_id = %s AND account.currency = %s",
            [at, user.pk, settings.HOME_CURRENCY],
        )
        return int(cursor.fetchone()[0])
