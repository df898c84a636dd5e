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
    # What is written as paid on dues is what the members' rows say came in for them, less what was given back.
    "dues_are_paid_by_money": """
        WITH paid AS (
            SELECT c.member_id, p.fund, sum(p.minor) AS minor
              FROM chamas_contribution c
             CROSS JOIN LATERAL (VALUES ('WELFARE', c.paid_welfare_minor), ('ROTATION', c.paid_rotation_minor),
                                        ('SAVINGS', c.paid_savings_minor)) p (fund, minor)
             GROUP BY 1, 2 HAVING sum(p.minor) <> 0
             UNION ALL
            SELECT member_id, 'FINES', sum(paid_minor) FROM chamas_fine GROUP BY 1 HAVING sum(paid_minor) <> 0),
        came AS (
            SELECT member_id, fund, sum(amount_minor) AS minor FROM chamas_groupentry
             WHERE kind IN ('CONTRIBUTION', 'FINE', 'REFUND') AND fund IN ('WELFARE', 'ROTATION', 'SAVINGS', 'FINES')
             GROUP BY 1, 2 HAVING sum(amount_minor) <> 0)
        SELECT format('member %s: %s of %s is written as paid, %s came in', member_id, COALESCE(p.minor, 0), fund,
                      COALESCE(c.minor, 0))
          FROM paid p FULL JOIN came c USING (member_id, fund)
         WHERE COALESCE(p.minor, 0) <> COALESCE(c.minor, 0)
         LIMIT 50
    """,
    "payments_are_their_parts": """
        SELECT format('payment %s is %s, its parts %s', i.reference, i.amount_minor, COALESCE(sum(p.minor), 0))
          FROM chamas_payin i LEFT JOIN chamas_payinpart p ON p.pay_in_id = i.id
         GROUP BY i.id HAVING i.amount_minor <> COALESCE(sum(p.minor), 0)
         LIMIT 50
    """,
    "rotation_is_what_turns_wait_for": """
        WITH held AS (SELECT group_id, sum(amount_minor) AS minor FROM chamas_groupentry
                       WHERE fund = 'ROTATION' GROUP BY 1),
        waits AS (
            SELECT y.group_id, sum(brought.minor - COALESCE(t.paid_minor + t.shared_minor, 0)) AS minor
              FROM chamas_cycle y
              LEFT JOIN chamas_turn t ON t.cycle_id = y.id
             CROSS JOIN LATERAL (SELECT COALESCE(sum(c.paid_rotation_minor), 0) AS minor
                                   FROM chamas_contribution c WHERE c.cycle_id = y.id) brought
             GROUP BY 1)
        SELECT format('group %s: the merry-go-round holds %s, its turns wait for %s', g.id, COALESCE(h.minor, 0),
                      COALESCE(w.minor, 0))
          FROM chamas_chamagroup g LEFT JOIN held h ON h.group_id = g.id LEFT JOIN waits w ON w.group_id = g.id
         WHERE COALESCE(h.minor, 0) <> COALESCE(w.minor, 0)
         LIMIT 50
    """,
    "loans_are_what_is_lent_out": """
        WITH lent AS (SELECT member_id, -sum(amount_minor) AS minor FROM chamas_groupentry
                       WHERE fund = 'LOANS' GROUP BY 1 HAVING sum(amount_minor) <> 0),
        owed AS (SELECT member_id, sum(left_minor) AS minor FROM chamas_grouploan WHERE status = 'ACTIVE' GROUP BY 1)
        SELECT format('member %s owes %s by the loan, %s by the books', member_id, COALESCE(o.minor, 0),
                      COALESCE(l.minor, 0))
          FROM lent l FULL JOIN owed o USING (member_id)
         WHERE COALESCE(l.minor, 0) <> COALESCE(o.minor, 0)
         LIMIT 50
    """,
    "lost_loans_are_what_was_written_off": """
        WITH books AS (SELECT member_id, -sum(amount_minor) FILTER (WHERE kind = 'LOAN_LOSS') AS lost,
                              sum(amount_minor) FILTER (WHERE kind = 'LOAN_RECOVERY') AS back
                         FROM chamas_groupentry WHERE fund = 'RESERVE' AND kind IN ('LOAN_LOSS', 'LOAN_RECOVERY')
                        GROUP BY 1),
        rows AS (SELECT member_id, sum(written_off_minor) AS lost, sum(recovered_minor) AS back FROM chamas_grouploan
                  WHERE status = 'WRITTEN_OFF' GROUP BY 1)
        SELECT format('member %s: %s was lost and %s came back by the loans, %s and %s by the books', member_id,
                      COALESCE(r.lost, 0), COALESCE(r.back, 0), COALESCE(b.lost, 0), COALESCE(b.back, 0))
          FROM books b FULL JOIN rows r USING (member_id)
         WHERE COALESCE(b.lost, 0) <> COALESCE(r.lost, 0) OR COALESCE(b.back, 0) <> COALESCE(r.back, 0)
         LIMIT 50
    """,
    "investments_are_what_was_paid_for_them": """
        WITH out AS (SELECT group_id, -sum(amount_minor) AS minor FROM chamas_groupentry
                      WHERE fund = 'INVESTMENTS' GROUP BY 1),
        owned AS (SELECT group_id, sum(cost_left_minor) AS minor FROM chamas_investment GROUP BY 1)
        SELECT format('group %s: %s is out in investments by its rows, %s by the register', group_id,
                      COALESCE(o.minor, 0), COALESCE(i.minor, 0))
          FROM out o FULL JOIN owned i USING (group_id)
         WHERE COALESCE(o.minor, 0) <> COALESCE(i.minor, 0)
         LIMIT 50
    """,
    "investments_are_bought_less_sold": """
        SELECT format('investment %s: %s units left at %s, bought less sold are %s at %s', i.id, i.units_left,
                      i.cost_left_minor, i.units - COALESCE(sum(l.units), 0),
                      i.cost_minor - COALESCE(sum(r.cost_minor), 0))
          FROM chamas_investment i
          LEFT JOIN chamas_investmentreceipt r ON r.investment_id = i.id
          LEFT JOIN chamas_investmentsale l ON l.id = r.sale_id
         GROUP BY i.id
        HAVING i.units_left <> i.units - COALESCE(sum(l.units), 0)
            OR i.cost_left_minor <> i.cost_minor - COALESCE(sum(r.cost_minor), 0)
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
