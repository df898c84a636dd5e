"""What must hold between tax returns and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

# The last return of a chain has, with those before it, counted every entry up to its end and cut once: unless the one
# before it was computed again meanwhile, and this one not yet.
_CLOSING = """
SELECT format('the tax return %s %s of %s says %s at its end, the books say %s', r.kind, r.currency, r.first_on,
              c.closing_minor, coalesce(books.minor, 0))
  FROM compliance_taxreturn r
  JOIN compliance_taxcomputation c ON c.id = r.computation_id
  JOIN ledger_gl_purpose p ON p.code = 'tax:' || lower(r.kind)
  JOIN ledger_account a ON a.code = p.line_id || '-' || r.currency
  LEFT JOIN compliance_taxreturn before ON before.id = r.follows_id
  LEFT JOIN compliance_taxcomputation was ON was.id = before.computation_id
 CROSS JOIN LATERAL (SELECT -sum(e.amount_minor) AS minor FROM ledger_entry e
                      WHERE e.account_id = a.id AND e.booked_on <= r.last_on
                        AND e.transfer_id <= c.upto_transfer) books
 WHERE NOT EXISTS (SELECT FROM compliance_taxreturn later WHERE later.follows_id = r.id)
   AND coalesce(was.upto_transfer, 0) = c.since_transfer AND c.closing_minor <> coalesce(books.minor, 0)
 LIMIT 50
"""
_CHAIN = """
SELECT format('the filed tax return %s %s of %s does not begin where the one before it ends', r.kind, r.currency,
              r.first_on)
  FROM compliance_taxreturn r
  JOIN compliance_taxcomputation c ON c.id = r.computation_id
  JOIN compliance_taxreturn before ON before.id = r.follows_id
  JOIN compliance_taxcomputation was ON was.id = before.computation_id
 WHERE r.status <> 'DRAFT' AND (c.opening_minor <> was.closing_minor OR c.since_transfer <> was.upto_transfer
                                OR r.first_on <> before.last_on + 1 OR before.status = 'DRAFT')
 LIMIT 50
"""
_PAID = """
SELECT format('the tax return %s %s of %s is paid by transfer %s, which the books do not know so', r.kind, r.currency,
              r.first_on, r.transfer_id)
  FROM compliance_taxreturn r
  JOIN compliance_taxcomputation c ON c.id = r.computation_id
  JOIN ledger_gl_purpose p ON p.code = 'tax:' || lower(r.kind)
  JOIN ledger_account a ON a.code = p.line_id || '-' || r.currency
 WHERE r.status = 'PAID'
   AND NOT EXISTS (SELECT FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
                    WHERE t.id = r.transfer_id AND t.kind = 'TAX_PAYMENT' AND e.account_id = a.id
                      AND e.amount_minor = c.payable_minor)
 LIMIT 50
"""


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Returns tie to the tax accounts, follow each other, and are paid as they say."""
    for name, question in {"end_as_the_books": _CLOSING, "follow_each_other": _CHAIN, "are_paid": _PAID}.items():
        verification.register(verification.Check(f"taxes.returns_{name}", partial(_findings, question)))
