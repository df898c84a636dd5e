"""What must hold between customers' lines and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

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
SELECT format('cash %s is done without its transfer', c.receipt)
  FROM accounts_cashmovement c
  LEFT JOIN ledger_transfer t ON t.id = c.transfer_id AND t.reference = 'cash/' || c.id
 WHERE c.status = 'DONE' AND t.id IS NULL
 LIMIT 50
"""


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Lines equal legs, both ways; cash that is done is in the books."""
    for name, question in (("lines_equal_legs", _LINES), ("legs_have_lines", _MISSING), ("cash_is_booked", _CASH)):
        verification.register(verification.Check(f"accounts.{name}", partial(_findings, question)))
