"""What must hold between payments and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

_QUESTIONS = {
    "done_is_booked": """
        SELECT format('payment %s is %s without its transfer', p.reference, p.status)
          FROM payments_payment p
          LEFT JOIN ledger_transfer t ON t.id = p.transfer_id AND t.reference = 'payments/' || p.public_id
         WHERE p.status IN ('COMPLETED', 'REVERSED') AND t.id IS NULL
         LIMIT 50
    """,
    "under_way_is_set_aside": """
        SELECT format('payment %s is %s, its money is not set aside', p.reference, p.status)
          FROM payments_payment p
          LEFT JOIN ledger_hold h ON h.id = p.hold_id AND h.reference = 'payments/' || p.public_id AND h.status = 'OPEN'
               AND h.amount_minor - h.captured_minor = p.amount_minor + p.fee_minor + p.duty_minor
         WHERE p.status IN ('HELD', 'PENDING', 'CHECKING') AND h.id IS NULL
         LIMIT 50
    """,
    "over_is_given_back": """
        SELECT format('payment %s is %s, its money is still set aside', p.reference, p.status)
          FROM payments_payment p
          JOIN ledger_hold h ON h.id = p.hold_id AND h.status = 'OPEN'
         WHERE p.status NOT IN ('HELD', 'PENDING', 'CHECKING')
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Done payments are booked, those under way are set aside, those that are over hold nothing back."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"payments.{name}", partial(_findings, question)))
