"""What must hold between payments, what other banks were asked to do, and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

_QUESTIONS = {
    "bank_orders_follow_their_payments": """
        SELECT format('payment %s is %s, its order to the bank %s', p.reference, p.status, o.status)
          FROM payments_bankorder o JOIN payments_payment p ON p.id = o.payment_id
         WHERE (o.status = 'SETTLED' AND p.status <> 'COMPLETED')
            OR (o.status = 'RETURNED' AND p.status <> 'REVERSED')
            OR (o.status = 'REJECTED' AND p.status <> 'FAILED')
            OR (p.status IN ('COMPLETED', 'REVERSED') AND o.status NOT IN ('SETTLED', 'RETURNED'))
         LIMIT 50
    """,
    "bank_files_are_their_orders": """
        SELECT format('file %s says %s of %s, its orders %s of %s', f.message_id, f.count, f.total_minor,
                      n.count, n.minor)
          FROM payments_bankfile f
         CROSS JOIN LATERAL (SELECT count(*) AS count, COALESCE(sum(o.moved_minor), 0) AS minor
                               FROM payments_bankorder o WHERE o.file_id = f.id) n
         WHERE n.count <> f.count OR n.minor <> f.total_minor
         LIMIT 50
    """,
    "bank_returns_are_booked": """
        SELECT format('return of payment %s is not booked by its amount', p.reference)
          FROM payments_paymentreturn r
          JOIN payments_payment p ON p.id = r.payment_id
          LEFT JOIN ledger_transfer t ON t.id = r.transfer_id
               AND t.reference = 'payments/' || p.public_id || '/return'
          LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.amount_minor = r.came_minor
               AND e.currency = r.came_currency
          LEFT JOIN ledger_entry g ON g.transfer_id = t.id AND g.amount_minor = -r.given_minor
               AND g.currency = r.currency
         WHERE e.id IS NULL OR g.id IS NULL OR p.status <> 'REVERSED'
         LIMIT 50
    """,
    "money_from_other_banks_is_booked": """
        SELECT format('transfer %s of another bank is %s and not booked by its amount', i.reference, i.status)
          FROM payments_incomingtransfer i
          LEFT JOIN ledger_transfer t ON t.id = i.transfer_id AND t.reference = 'incoming/' || i.public_id
          LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.amount_minor = i.amount_minor
               AND e.currency = i.currency
         WHERE i.status <> 'REFUSED' AND e.id IS NULL
         LIMIT 50
    """,
    "returns_to_other_banks_are_booked": """
        SELECT format('return of transfer %s is %s, the transfer %s', i.reference, r.status, i.status)
          FROM payments_incomingreturn r
          JOIN payments_incomingtransfer i ON i.id = r.incoming_id
          LEFT JOIN ledger_transfer t ON t.id = r.transfer_id
               AND t.reference = 'incoming/returned/' || r.public_id
         WHERE (r.status = 'SETTLED') <> (t.id IS NOT NULL)
            OR (r.status = 'SETTLED' AND i.status <> 'RETURNED')
            OR (r.status = 'WAITING' AND i.status <> 'RETURNING')
         LIMIT 50
    """,
    "suspense_of_other_banks_is_explained": """
        SELECT format('suspense of other banks holds %s minor units of %s, its rows %s', b.minor, c.currency, r.minor)
          FROM (SELECT DISTINCT currency FROM payments_incomingtransfer) c
         CROSS JOIN LATERAL (
               SELECT COALESCE(-sum(e.amount_minor), 0) AS minor
                 FROM ledger_entry e
                 JOIN ledger_transfer t ON t.id = e.transfer_id AND t.reference LIKE 'incoming/%'
                WHERE e.account_id = (SELECT id FROM ledger_account WHERE code = '2200-' || c.currency)) b
         CROSS JOIN LATERAL (
               SELECT COALESCE(sum(i.amount_minor), 0) AS minor FROM payments_incomingtransfer i
                WHERE i.currency = c.currency AND i.status IN ('SUSPENSE', 'RETURNING')) r
         WHERE b.minor <> r.minor
    """,
    "money_abroad_left_by_its_quote": """
        SELECT format('payment %s abroad: the books do not show what its quote says', p.reference)
          FROM payments_payment p
          JOIN fx_quote q ON q.id = p.quote_id
          LEFT JOIN ledger_entry e ON e.transfer_id = p.transfer_id AND e.currency = q.get_currency
               AND e.amount_minor = -q.get_minor
         WHERE p.rail = 'abroad' AND p.status IN ('COMPLETED', 'REVERSED') AND (e.id IS NULL OR q.used_at IS NULL)
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Orders, files, returns and money abroad say what the books say."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"payments.{name}", partial(_findings, question)))
