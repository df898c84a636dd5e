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
    "dates_follow_their_payments": """
        SELECT format('the date %s of standing order %s is %s, its payment %s', r.due_on, r.order_id, r.status, p.status)
          FROM payments_standingorderrun r
          JOIN payments_payment p ON p.id = r.payment_id
         WHERE (r.status = 'PAID' AND p.status NOT IN ('COMPLETED', 'REVERSED'))
            OR (r.status = 'UNDER_WAY' AND p.status NOT IN ('HELD', 'PENDING', 'CHECKING'))
         LIMIT 50
    """,
    "requests_are_paid_once": """
        SELECT format('request %s is %s with %s payments made and %s under way', q.id, q.status, made, under_way)
          FROM payments_paymentrequest q
         CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE p.status IN ('COMPLETED', 'REVERSED')) AS made,
                   count(*) FILTER (WHERE p.status IN ('HELD', 'PENDING', 'CHECKING')) AS under_way
              FROM payments_payment p WHERE p.request_id = q.id
         ) AS paid
         WHERE made <> (q.status = 'PAID')::int OR under_way <> (q.status = 'PAYING')::int
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Done payments are booked, those under way set aside, those over hold nothing; what hangs on them follows them."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"payments.{name}", partial(_findings, question)))
