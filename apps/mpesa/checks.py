"""What must hold between M-Pesa's receipts and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

_QUESTIONS = {
    "money_in_is_booked": """
        SELECT format('M-Pesa receipt %s is not booked by its amount', m.receipt)
          FROM mpesa_mpesatransaction m
          LEFT JOIN ledger_transfer t ON t.id = m.transfer_id AND t.reference = 'mpesa/' || m.receipt
          LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.amount_minor = m.amount_minor
         WHERE m.kind IN ('STK_PUSH', 'C2B') AND m.status = 'COMPLETED' AND e.id IS NULL
         LIMIT 50
    """,
    "what_was_sent_is_booked": """
        SELECT format('M-Pesa payment %s is %s and its payment %s', m.public_id, m.status, p.status)
          FROM mpesa_mpesatransaction m
          JOIN payments_payment p ON 'payments/' || p.public_id = m.payment_reference
         WHERE (m.status = 'COMPLETED') <> (p.status IN ('COMPLETED', 'REVERSED'))
         LIMIT 50
    """,
    "what_went_back_is_booked": """
        SELECT format('M-Pesa return %s is %s, its receipt %s', m.public_id, m.status, o.status)
          FROM mpesa_mpesatransaction m
          JOIN mpesa_mpesatransaction o ON o.id = m.reverses_id
          LEFT JOIN ledger_transfer t ON t.id = m.transfer_id AND t.reference = 'mpesa/back/' || m.public_id
         WHERE (m.status = 'COMPLETED') <> (t.id IS NOT NULL)
            OR (m.status = 'COMPLETED' AND o.status <> 'REVERSED')
         LIMIT 50
    """,
    "suspense_is_explained": """
        SELECT format('suspense of M-Pesa holds %s cents, its rows %s', b.minor, r.minor)
          FROM (SELECT COALESCE(-sum(e.amount_minor), 0) AS minor
                  FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
                 WHERE t.reference LIKE 'mpesa/%'
                   AND e.account_id = (SELECT id FROM ledger_account WHERE code = '2200-KES')) b,
               (SELECT COALESCE(sum(amount_minor), 0) AS minor
                  FROM mpesa_mpesatransaction WHERE in_suspense) r
         WHERE b.minor <> r.minor
    """,
    "charges_are_booked": """
        SELECT format('charge of M-Pesa receipt %s is not booked by its amount', s.receipt)
          FROM mpesa_statementrow s
          LEFT JOIN ledger_transfer t ON t.reference = 'mpesa/' || s.receipt || '/charge'
          LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.amount_minor = s.booked_charge_minor
         WHERE s.booked_charge_minor > 0 AND e.id IS NULL
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Receipts are booked by their amounts; payments out agree with theirs; suspense is the sum of its rows."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"mpesa.{name}", partial(_findings, question)))
