"""Telling holders that a balance has fallen below a fifth of what is usual, on the day it happens."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.accounts.events import BalanceLow
from apps.accounts.models import Account
from apps.accounts.rules.dormancy import AVERAGE_OF, LOW
from apps.kernel import events
from apps.kernel.clock import day_start
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications import people

# The average of the days is the balance of today less each line for the days before it was there.
_LOW = """
WITH spent AS MATERIALIZED (
    SELECT e.account_id, -sum(e.amount_minor) AS minor FROM ledger_entry e
     WHERE e.booked_on = %(day)s GROUP BY 1 HAVING bool_or(e.amount_minor > 0)
), figures AS MATERIALIZED (
    SELECT a.id, s.minor AS of_day, b.posted_minor - l.later AS balance,
           b.posted_minor - l.later - l.weighed / %(days)s AS average
      FROM spent s
      JOIN accounts_account a ON a.ledger_account_id = s.account_id AND a.status = 'ACTIVE'
                             AND a.account_type = 'TRANSACTION' AND a.opened_at < %(opened)s
      JOIN ledger_balance b ON b.account_id = a.ledger_account_id
     CROSS JOIN LATERAL (
           SELECT COALESCE(sum(t.amount_minor) FILTER (WHERE t.booked_on > %(day)s), 0) AS later,
                  COALESCE(sum(t.amount_minor * (t.booked_on - %(first)s::date))
                           FILTER (WHERE t.booked_on <= %(day)s), 0) AS weighed
             FROM accounts_transaction t WHERE t.account_id = a.id AND t.booked_on >= %(first)s) l
)
SELECT f.id, f.balance::bigint, (f.average * %(low)s / 100)::bigint FROM figures f
 WHERE f.average > 0 AND f.balance * 100 < f.average * %(low)s
   AND (f.balance - f.of_day) * 100 >= f.average * %(low)s
 ORDER BY f.id
"""


def low_balances(*, day: date) -> list[tuple[int, int, int]]:
    """Current accounts that fell below a fifth of their average of 90 days on this day: (account, balance, threshold).

    Only the day on which it happened answers, so nobody is told every day.
    """
    first = day - timedelta(days=AVERAGE_OF - 1)
    values: dict[str, Any] = {"day": day, "first": first, "days": AVERAGE_OF, "low": LOW, "opened": day_start(first)}
    with connection.cursor() as cursor:
        cursor.execute(_LOW, values)
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


@transaction.atomic
def tell_of_low_balances(*, day: date, at: datetime) -> int:
    """One message, and the alert in the app, for each account and fall; how many."""
    found = {pk: (balance, threshold) for pk, balance, threshold in low_balances(day=day)}
    facts: list[notifications.Fact] = []
    for account in Account.objects.filter(pk__in=found).select_related("owner").order_by("pk"):
        balance, threshold = (Money(minor, account.currency) for minor in found[account.pk])
        context = {
            "account": account.masked_number.replace("•", "*"),
            "balance": str(balance),
            "threshold": str(threshold),
        }
        key = f"balance-low/{account.pk}/{day}"
        notifications.send("accounts.balance_low", to=account.owner, context=context, at=at, key=key)
        about = f"accounts/{account.pk}/low/{day}"
        facts += [notifications.Fact(to=one.pk, about=about, context=context) for one in people.readers(account.owner)]
        events.publish(BalanceLow(account_id=account.pk, minor=balance.minor, currency=account.currency))
    notifications.note("accounts.balance_low", facts=facts, at=at)
    return len(found)
