"""What must hold between groups, the rows their members see and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

_QUESTIONS = {
    # Every fund of a group is its account in the books.
    "funds_are_the_books": """
        WITH booked AS (
            SELECT f.id, -COALESCE(sum(e.amount_minor), 0) AS minor
              FROM chamas_fund f LEFT JOIN ledger_entry e ON e.account_id = f.ledger_account_id GROUP BY f.id),
        kept AS (SELECT group_id, fund, sum(amount_minor) AS minor FROM chamas_groupentry GROUP BY 1, 2)
        SELECT format('group %s: its rows say %s of %s, the books %s',
                      f.group_id, COALESCE(k.minor, 0), f.kind, b.minor)
          FROM chamas_fund f
          JOIN booked b ON b.id = f.id
          LEFT JOIN kept k ON k.group_id = f.group_id AND k.fund = f.kind
         WHERE COALESCE(k.minor, 0) <> b.minor
         LIMIT 50
    """,
    "no_purse_below_zero": """
        SELECT format('group %s: %s is %s', group_id, purse, minor)
          FROM (SELECT group_id, CASE WHEN fund IN ('WELFARE', 'ROTATION', 'ADVANCE') THEN fund ELSE 'POT' END AS purse,
                       sum(amount_minor) AS minor
                  FROM chamas_groupentry GROUP BY 1, 2) sums
         WHERE minor < 0
         LIMIT 50
    """,
    "no_member_below_zero": """
        SELECT format('group %s: member %s has %s of %s', group_id, member_id, minor, fund)
          FROM (SELECT group_id, member_id, fund, sum(amount_minor) AS minor
                  FROM chamas_groupentry WHERE fund IN ('SAVINGS', 'SHARES', 'ADVANCE') AND member_id IS NOT NULL
                 GROUP BY 1, 2, 3) sums
         WHERE minor < 0
         LIMIT 50
    """,
    "closed_groups_hold_nothing": """
        SELECT format('group %s is closed and holds %s of %s', e.group_id, sum(e.amount_minor), e.fund)
          FROM chamas_groupentry e JOIN chamas_chamagroup g ON g.id = e.group_id AND g.status = 'CLOSED'
         GROUP BY e.group_id, e.fund HAVING sum(e.amount_minor) <> 0
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Groups, their rows and the books say the same."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"chamas.{name}", partial(_findings, question)))
