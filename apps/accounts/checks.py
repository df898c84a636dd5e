"""What must hold between customers' lines and the books, set-based."""

from functools import partial

from django.db import connection

from apps.accounts.rules.interest import PARTS
from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.queries import balances

_LINES = """
SELECT format('line %s of account %s says %s, the books say %s', l.id, a.number, l.amount_minor, -e.amount_minor)
  FROM accounts_transaction l
  JOIN accounts_account a ON a.id = l.account_id
  LEFT JOIN ledger_entry e ON e.transfer_id = l.transfer_id AND e.account_id = a.ledger_account_id AND e.seq = l.seq
 WHERE e.id IS NULL OR -e.amount_minor <> l.amount_minor OR e.balance_after <> l.running_balance_minor
 LIMIT 50
"""
_MISSING = """
SELECT format('leg %s of transfer %s on account %s has no line', e.seq, e.transfer_id, a.number)
  FROM accounts_account a
  JOIN ledger_entry e ON e.account_id = a.ledger_account_id
  LEFT JOIN accounts_transaction l ON l.account_id = a.id AND l.seq = e.seq
 WHERE l.id IS NULL
 LIMIT 50
"""
_CASH = """
SELECT format('cash %s is %s, which its transfer is not', c.receipt, c.status)
  FROM accounts_cashmovement c
  LEFT JOIN ledger_transfer t ON t.id = c.transfer_id AND t.reference = 'cash/' || c.id
  LEFT JOIN ledger_transfer back ON back.reverses_id = t.id
 WHERE c.status IN ('DONE', 'REVERSED') AND (t.id IS NULL OR (back.id IS NULL) <> (c.status = 'DONE'))
 LIMIT 50
"""


_INTEREST = """
SELECT a.currency, sum(div(i.parts, %s))::bigint
  FROM accounts_accruedinterest i JOIN accounts_account a ON a.id = i.account_id GROUP BY 1
"""
_INTEREST_PAID = """
SELECT format('interest of account %s to %s is not in the books as it was paid', a.number, p.paid_for)
  FROM accounts_interestpayment p
  JOIN accounts_account a ON a.id = p.account_id
 WHERE p.gross_minor - p.tax_minor <> COALESCE(
       (SELECT sum(l.amount_minor) FROM accounts_transaction l WHERE l.transfer_id = p.transfer_id), 0)
 LIMIT 50
"""
_INTEREST_BACK = """
SELECT format('interest of account %s to %s was taken back by transfer %s, which the books do not know so', a.number,
              p.paid_for, r.transfer_id)
  FROM accounts_interestreturn r
  JOIN accounts_interestpayment p ON p.id = r.payment_id
  JOIN accounts_account a ON a.id = p.account_id
 WHERE NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.id = r.transfer_id AND t.reverses_id = p.transfer_id)
 UNION ALL
SELECT format('interest of account %s to %s was reversed in the books alone', a.number, p.paid_for)
  FROM ledger_transfer t
  JOIN accounts_interestpayment p ON p.transfer_id = t.reverses_id
  JOIN accounts_account a ON a.id = p.account_id
 WHERE t.reverses_id IS NOT NULL AND NOT EXISTS (SELECT FROM accounts_interestreturn r WHERE r.payment_id = p.id)
 LIMIT 50
"""
_GOALS = """
SELECT format('goal %s says that %s moved by transfer %s, its account does not', g.public_id, m.amount_minor,
              m.transfer_id)
  FROM accounts_goalmove m
  JOIN accounts_savingsgoal g ON g.id = m.goal_id
  LEFT JOIN accounts_transaction l ON l.transfer_id = m.transfer_id AND l.account_id = g.account_id
                                  AND l.amount_minor = m.amount_minor
 WHERE l.id IS NULL
 LIMIT 50
"""
_CLOSED_GOALS = """
SELECT format('goal %s is closed and holds %s', g.public_id, b.posted_minor)
  FROM accounts_savingsgoal g
  JOIN accounts_account a ON a.id = g.account_id
  JOIN ledger_balance b ON b.account_id = a.ledger_account_id
 WHERE g.closed_at IS NOT NULL AND (b.posted_minor <> 0 OR a.status <> 'CLOSED')
 LIMIT 50
"""
_DEPOSITS = """
SELECT format('deposit %s says %s, its account holds %s', d.public_id, d.principal_minor, b.posted_minor)
  FROM accounts_fixeddeposit d
  JOIN accounts_account a ON a.id = d.account_id
  JOIN ledger_balance b ON b.account_id = a.ledger_account_id
 WHERE (d.status = 'RUNNING' AND b.posted_minor <> d.principal_minor)
    OR (d.status IN ('PAID_OUT', 'BROKEN') AND (b.posted_minor <> 0 OR a.status <> 'CLOSED'))
 LIMIT 50
"""
_ASLEEP = """
SELECT format('account %s is dormant and in no register', a.number) FROM accounts_account a
 WHERE a.status = 'DORMANT' AND NOT EXISTS (SELECT FROM accounts_sleepingaccount s WHERE s.account_id = a.id)
 UNION ALL
SELECT format('%s of account %s with the Authority is not in the books', s.amount_minor, a.number)
  FROM accounts_sleepingaccount s
  JOIN accounts_account a ON a.id = s.account_id
 WHERE s.transfer_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM accounts_transaction l WHERE l.account_id = a.id AND l.transfer_id = s.transfer_id
          AND l.amount_minor = -s.amount_minor)
 LIMIT 50
"""
_AUTO = """
SELECT format('rule %s moved %s by transfer %s, which the books do not know so', r.rule_id, r.amount_minor,
              r.transfer_id)
  FROM accounts_autotransferrun r
 WHERE r.status = 'MADE' AND r.kind <> 'LOAN_DUES'
   AND NOT EXISTS (SELECT FROM accounts_transaction l WHERE l.transfer_id = r.transfer_id
                      AND l.amount_minor = -r.amount_minor)
 LIMIT 50
"""


def _interest_owed() -> list[str]:
    """The whole cents that accounts say they have earned are what the books say the bank owes of interest."""
    with connection.cursor() as cursor:
        cursor.execute(_INTEREST, [PARTS])
        said = dict(cursor.fetchall())
    held = {one: ledger.gl("interest:payable", one) for one in said}
    books = balances([account.id for account in held.values()])
    return [
        f"accounts have earned {said[one]} minor units of {one}, the books owe {books[account.id].posted_minor}"
        for one, account in held.items()
        if books[account.id].posted_minor != said[one]
    ]


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Lines equal legs, both ways; cash that is done is in the books; interest that was earned is owed or was paid."""
    questions = {
        "lines_equal_legs": _LINES,
        "legs_have_lines": _MISSING,
        "cash_is_booked": _CASH,
        "interest_paid_is_booked": _INTEREST_PAID,
        "interest_taken_back_is_booked": _INTEREST_BACK,
        "transfers_by_rule_are_booked": _AUTO,
        "goals_are_their_lines": _GOALS,
        "closed_goals_are_empty": _CLOSED_GOALS,
        "deposits_are_their_accounts": _DEPOSITS,
        "sleeping_accounts_are_in_the_register": _ASLEEP,
    }
    for name, question in questions.items():
        verification.register(verification.Check(f"accounts.{name}", partial(_findings, question)))
    verification.register(verification.Check("accounts.interest_earned_is_owed", _interest_owed))
