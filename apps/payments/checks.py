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
    "taken_back_says_so": """
        SELECT format('payment %s is %s, its transfer was reversed', p.reference, p.status)
          FROM ledger_transfer r
          JOIN payments_payment p ON p.transfer_id = r.reverses_id AND p.status <> 'REVERSED'
         WHERE r.reverses_id IS NOT NULL
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
        SELECT format('date %s of standing order %s is %s, its payment %s', r.due_on, r.order_id, r.status, p.status)
          FROM payments_standingorderrun r
          JOIN payments_payment p ON p.id = r.payment_id
         WHERE (r.status = 'PAID' AND p.status NOT IN ('COMPLETED', 'REVERSED'))
            OR (r.status = 'UNDER_WAY' AND p.status NOT IN ('HELD', 'PENDING', 'CHECKING'))
         LIMIT 50
    """,
    # Nobody alone pays for a business: each date that was paid is a joint payment with its signatures.
    "dates_of_businesses_are_signed": """
        SELECT format('date %s of standing order %s of a business was paid unsigned', r.due_on, r.order_id)
          FROM payments_standingorderrun r
          JOIN payments_standingorder o ON o.id = r.order_id
          JOIN users_user u ON u.id = o.owner_id AND u.kind = 'BUSINESS'
          LEFT JOIN payments_jointpayment j ON j.payment_id = r.payment_id AND j.status <> 'WAITING'
               AND EXISTS (SELECT FROM payments_jointsignature s WHERE s.joint_id = j.id)
         WHERE r.payment_id IS NOT NULL AND j.id IS NULL
         LIMIT 50
    """,
    # Loaded and posted go together, and the commission in the books is the discount of the order.
    "airtime_is_as_loaded": """
        SELECT format('airtime of payment %s is %s, the payment %s; the books hold %s of its discount of %s',
                      p.reference, o.status, p.status, COALESCE(c.minor, 0), o.discount_minor)
          FROM payments_airtimeorder o
          JOIN payments_payment p ON p.id = o.payment_id
          LEFT JOIN LATERAL (
                SELECT sum(e.amount_minor) AS minor
                  FROM ledger_transfer t
                  JOIN ledger_entry e ON e.transfer_id = t.id AND e.amount_minor > 0
                 WHERE t.reference = 'airtime/' || p.public_id || '/commission') c ON TRUE
         WHERE (o.status = 'DELIVERED') <> (p.status IN ('COMPLETED', 'REVERSED'))
            OR (o.status = 'FAILED') <> (p.status = 'FAILED')
            OR COALESCE(c.minor, 0) <> CASE o.status WHEN 'DELIVERED' THEN o.discount_minor ELSE 0 END
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
    "exchanges_are_as_quoted": """
        SELECT format('exchange %s: its lines or its spread are not what quote %s says', p.reference, q.public_id)
          FROM payments_payment p
          LEFT JOIN fx_quote q ON q.id = p.quote_id
          LEFT JOIN accounts_transaction o ON o.transfer_id = p.transfer_id AND o.account_id = p.from_account_id
               AND o.amount_minor = -q.give_minor AND o.currency = q.give_currency
          LEFT JOIN accounts_transaction i ON i.transfer_id = p.transfer_id AND i.account_id = p.to_account_id
               AND i.amount_minor = q.get_minor AND i.currency = q.get_currency
          LEFT JOIN (SELECT e.transfer_id, -sum(e.amount_minor) AS minor
                       FROM ledger_entry e
                       JOIN ledger_account a ON a.id = e.account_id
                       JOIN ledger_gl_purpose g ON g.code = 'fx:spread' AND a.code = g.line_id || '-' || a.currency
                      GROUP BY 1) s ON s.transfer_id = p.transfer_id
         WHERE p.kind = 'EXCHANGE' AND p.status = 'COMPLETED'
           AND (q.used_at IS NULL OR o.id IS NULL OR i.id IS NULL
                OR COALESCE(s.minor, 0) <> q.give_worth_minor - q.get_worth_minor)
         LIMIT 50
    """,
    # Of each currency the account of its position and the one of its worth in the home currency. First: a transfer that
    # moves a position moves its worth the other way, and nothing but a revaluation moves the worth alone. Then: at the
    # last revaluation both were what it wrote down.
    "positions_agree_with_their_worth": """
        WITH pairs AS (
            SELECT split_part(g.code, ':', 3) AS currency, a.id AS position_id, h.id AS equivalent_id
              FROM ledger_gl_purpose g
              JOIN ledger_gl_purpose w ON w.code = 'fx:position'
              JOIN ledger_account a ON a.code = w.line_id || '-' || split_part(g.code, ':', 3)
              JOIN ledger_account h ON h.code = g.line_id || '-KES'
             WHERE starts_with(g.code, 'fx:equivalent:'))
        (SELECT format('transfer %s: it moves the position in %s by %s and its worth by %s', m.transfer_id, m.currency,
                       m.position, m.equivalent)
           FROM (SELECT e.transfer_id, p.currency,
                        COALESCE(sum(e.amount_minor) FILTER (WHERE e.account_id = p.position_id), 0) AS position,
                        COALESCE(sum(e.amount_minor) FILTER (WHERE e.account_id = p.equivalent_id), 0) AS equivalent
                   FROM pairs p JOIN ledger_entry e ON e.account_id IN (p.position_id, p.equivalent_id)
                  GROUP BY 1, 2) m
           JOIN ledger_transfer t ON t.id = m.transfer_id
          WHERE (m.position <> 0 AND sign(m.position) <> -sign(m.equivalent))
             OR (m.position = 0 AND NOT EXISTS (SELECT 1 FROM payments_revaluation r
                  WHERE r.transfer_id IN (t.id, t.reverses_id) AND r.currency = m.currency))
          LIMIT 50)
         UNION ALL
        (SELECT format('position in %s at the end of %s: %s worth %s was written, the books say %s worth %s',
                       r.currency, r.day, r.position_minor, r.value_minor, s.position, s.equivalent)
           FROM (SELECT DISTINCT ON (currency) * FROM payments_revaluation ORDER BY currency, day DESC) r
           JOIN pairs p ON p.currency = r.currency
          CROSS JOIN LATERAL (
                SELECT -COALESCE(sum(e.amount_minor) FILTER (WHERE e.account_id = p.position_id), 0) AS position,
                       COALESCE(sum(e.amount_minor) FILTER (WHERE e.account_id = p.equivalent_id), 0) AS equivalent
                  FROM ledger_entry e
                 WHERE e.account_id IN (p.position_id, p.equivalent_id) AND e.booked_on <= r.day) s
          WHERE s.position <> r.position_minor OR s.equivalent <> r.value_minor
          LIMIT 50)
    """,
    "sales_are_paid_once": """
        SELECT format('sale %s is %s, its payment %s is %s over %s', s.reference, s.status, p.reference, p.status,
                      p.amount_minor)
          FROM payments_possale s
          LEFT JOIN payments_payment p ON p.id = s.payment_id AND p.sale_id = s.id AND p.merchant_id = s.merchant_id
               AND p.amount_minor = s.amount_minor AND p.currency = s.currency
         WHERE (s.status = 'PAID' AND (p.id IS NULL OR p.status NOT IN ('COMPLETED', 'REVERSED')))
            OR (s.status = 'OPEN' AND s.payment_id IS NOT NULL AND (p.id IS NULL OR p.status <> 'HELD'))
         LIMIT 50
    """,
    "takings_are_what_is_not_paid_out": """
        SELECT format('%s holds %s, payments to shops say %s', g.code, -COALESCE(e.minor, 0), COALESCE(o.minor, 0))
          FROM ledger_gl_purpose u
          JOIN ledger_account g ON g.code LIKE u.line_id || '-%'
          LEFT JOIN (SELECT account_id, sum(amount_minor) AS minor FROM ledger_entry GROUP BY 1) e
            ON e.account_id = g.id
          LEFT JOIN (SELECT p.currency, sum(p.amount_minor - COALESCE(r.minor, 0)) AS minor
                       FROM payments_payment p
                       LEFT JOIN (SELECT payment_id, sum(amount_minor) AS minor FROM payments_refund
                                   WHERE from_takings GROUP BY 1) r ON r.payment_id = p.id
                      WHERE p.merchant_id IS NOT NULL AND p.settlement_id IS NULL
                        AND p.status IN ('COMPLETED', 'REVERSED')
                      GROUP BY 1) o ON o.currency = g.currency
         WHERE u.code = 'merchants:takings' AND -COALESCE(e.minor, 0) <> COALESCE(o.minor, 0)
         LIMIT 50
    """,
    "settlements_are_booked": """
        SELECT format('settlement %s: sales %s, refunds %s, net %s; payments say %s and %s, the account got %s',
                      s.reference, s.sales_minor, s.refunds_minor, s.net_minor, t.sales, t.refunds,
                      COALESCE(l.amount_minor, 0))
          FROM payments_settlement s
         CROSS JOIN LATERAL (
               SELECT COALESCE(sum(p.amount_minor), 0) AS sales, count(*) AS n,
                      COALESCE(sum((SELECT sum(r.amount_minor) FROM payments_refund r
                                     WHERE r.payment_id = p.id AND r.from_takings)), 0) AS refunds
                 FROM payments_payment p WHERE p.settlement_id = s.id) t
          LEFT JOIN ledger_transfer b ON b.reference = 'settlements/' || s.id
          LEFT JOIN accounts_transaction l ON l.transfer_id = b.id AND l.account_id = s.account_id
         WHERE s.sales_minor <> t.sales OR s.refunds_minor <> t.refunds OR s.sales_count <> t.n
            OR s.net_minor <> COALESCE(l.amount_minor, 0)
            OR (s.sales_minor <> s.refunds_minor) <> (b.id IS NOT NULL)
         LIMIT 50
    """,
    "no_more_goes_back_than_was_paid": """
        SELECT format('payment %s over %s: %s went back', p.reference, p.amount_minor, r.minor)
          FROM payments_payment p
          JOIN (SELECT payment_id, sum(amount_minor) AS minor FROM payments_refund WHERE status = 'DONE'
                 GROUP BY 1) r ON r.payment_id = p.id
         WHERE r.minor > p.amount_minor OR (r.minor = p.amount_minor) <> (p.status = 'REVERSED')
         LIMIT 50
    """,
    "bulk_rows_are_booked": """
        SELECT format('row %s of batch %s is PAID, the books say otherwise', r.number, b.reference)
          FROM payments_bulkrow r
          JOIN payments_bulkpayment b ON b.id = r.bulk_id
          LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.status IN ('COMPLETED', 'REVERSED')
               AND p.amount_minor = r.amount_minor AND p.transfer_id = r.transfer_id
          LEFT JOIN accounts_account a ON a.id = r.to_account_id
          LEFT JOIN ledger_transfer t ON t.id = r.transfer_id
               AND t.reference = 'bulk/' || b.public_id || '/' || r.number
          LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.account_id = a.ledger_account_id
               AND e.amount_minor = -r.amount_minor
         WHERE r.status = 'PAID' AND CASE r.rail WHEN 'internal' THEN e.id ELSE p.id END IS NULL
         LIMIT 50
    """,
    "bulk_money_is_paid_or_back": """
        SELECT format('batch %s (%s): %s was taken, %s is paid, %s is open, %s came back', b.reference, b.status,
                      took.minor, done.paid, done.open, back.minor)
          FROM payments_bulkpayment b
          JOIN ledger_account g ON g.code = (SELECT line_id FROM ledger_gl_purpose WHERE code = 'bulk:payouts')
                                            || '-' || b.currency
         CROSS JOIN LATERAL (
               SELECT COALESCE(-sum(e.amount_minor), 0) AS minor FROM ledger_transfer t
                 JOIN ledger_entry e ON e.transfer_id = t.id AND e.account_id = g.id
                WHERE t.reference = 'bulk/' || b.public_id || '/take') took
         CROSS JOIN LATERAL (
               SELECT COALESCE(sum(e.amount_minor), 0) AS minor FROM ledger_transfer t
                 JOIN ledger_entry e ON e.transfer_id = t.id AND e.account_id = g.id
                WHERE t.reference = 'bulk/' || b.public_id || '/return') back
         CROSS JOIN LATERAL (
               SELECT COALESCE(sum(r.amount_minor) FILTER (WHERE r.status = 'PAID'), 0) AS paid,
                      COALESCE(sum(r.amount_minor) FILTER (WHERE b.status = 'RUNNING' AND (r.status = 'READY' OR
                               r.status = 'FAILED' AND r.settled_at IS NOT NULL)), 0) AS open
                 FROM payments_bulkrow r WHERE r.bulk_id = b.id AND r.rail = 'internal') done
         WHERE b.status IN ('RUNNING', 'DONE', 'PARTLY_FAILED') AND took.minor <> done.paid + done.open + back.minor
         LIMIT 50
    """,
    "bulk_clearing_is_what_is_open": """
        SELECT format('%s holds %s, batches under way say %s', g.code, -COALESCE(e.minor, 0), COALESCE(o.minor, 0))
          FROM ledger_gl_purpose u
          JOIN ledger_account g ON g.code LIKE u.line_id || '-%'
          LEFT JOIN (SELECT account_id, sum(amount_minor) AS minor FROM ledger_entry GROUP BY 1) e
            ON e.account_id = g.id
          LEFT JOIN (SELECT b.currency, sum(r.amount_minor) AS minor
                       FROM payments_bulkpayment b JOIN payments_bulkrow r ON r.bulk_id = b.id
                      WHERE b.status = 'RUNNING' AND r.rail = 'internal'
                        AND (r.status = 'READY' OR r.status = 'FAILED' AND r.settled_at IS NOT NULL)
                      GROUP BY 1) o ON o.currency = g.currency
         WHERE u.code = 'bulk:payouts' AND -COALESCE(e.minor, 0) <> COALESCE(o.minor, 0)
         LIMIT 50
    """,
    "bulk_rest_is_set_aside": """
        SELECT format('batch %s: rows that wait for their rail need %s, %s is set aside', b.reference, o.minor,
                      COALESCE(h.amount_minor - h.captured_minor, 0))
          FROM payments_bulkpayment b
         CROSS JOIN LATERAL (
               SELECT COALESCE(sum(r.amount_minor + r.fee_minor + r.duty_minor), 0) AS minor FROM payments_bulkrow r
                WHERE r.bulk_id = b.id AND r.status = 'READY' AND r.rail <> 'internal') o
          LEFT JOIN ledger_hold h ON h.id = b.hold_id AND h.status = 'OPEN'
         WHERE b.status = 'RUNNING' AND o.minor <> COALESCE(h.amount_minor - h.captured_minor, 0)
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Payments and what hangs on them are booked, set aside or over as they say; positions and their worth agree."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"payments.{name}", partial(_findings, question)))
