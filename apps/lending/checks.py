"""What must hold between loans, their entries, their instalments and the books, set-based."""

from functools import partial

from django.db import connection

from apps.ledger import verification

_QUESTIONS = {
    # Every side of the sub-ledger is its account in the books, in each currency.
    "entries_are_the_books": """
        WITH sides (side, purpose) AS (
            VALUES ('PRINCIPAL', 'loans:principal'), ('INTEREST', 'loans:interest_receivable'),
                   ('CHARGES', 'loans:fees_receivable'), ('PROVISION', 'loans:provision')),
        booked AS (
            SELECT s.side, a.currency, sum(e.amount_minor) AS minor
              FROM sides s
              JOIN ledger_gl_purpose u ON u.code = s.purpose
              JOIN ledger_account a ON a.code LIKE u.line_id || '-%%'
              JOIN ledger_entry e ON e.account_id = a.id
             GROUP BY 1, 2),
        kept AS (
            SELECT n.side, l.currency, sum(n.amount_minor) * CASE n.side WHEN 'PROVISION' THEN -1 ELSE 1 END AS minor
              FROM lending_loanentry n JOIN lending_loan l ON l.id = n.loan_id GROUP BY n.side, l.currency)
        SELECT format('loans say %s %s of %s, the books %s', COALESCE(k.minor, 0), COALESCE(k.currency, b.currency),
                      COALESCE(k.side, b.side), COALESCE(b.minor, 0))
          FROM booked b FULL JOIN kept k USING (side, currency)
         WHERE COALESCE(k.minor, 0) <> COALESCE(b.minor, 0)
         LIMIT 50
    """,
    "loans_are_their_entries": """
        SELECT format('loan %s owes %s %s %s %s, its entries say %s %s %s %s', l.reference, l.principal_left_minor,
                      l.interest_accrued_minor - l.interest_paid_minor, l.charges_left_minor, l.provision_minor,
                      e.principal, e.interest, e.charges, e.provision)
          FROM lending_loan l
         CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount_minor) FILTER (WHERE side = 'PRINCIPAL'), 0) AS principal,
                   COALESCE(sum(amount_minor) FILTER (WHERE side = 'INTEREST'), 0) AS interest,
                   COALESCE(sum(amount_minor) FILTER (WHERE side = 'CHARGES'), 0) AS charges,
                   COALESCE(sum(amount_minor) FILTER (WHERE side = 'PROVISION'), 0) AS provision
              FROM lending_loanentry n WHERE n.loan_id = l.id) e
         WHERE (l.principal_left_minor, l.interest_accrued_minor - l.interest_paid_minor, l.charges_left_minor,
                l.provision_minor) <> (e.principal, e.interest, e.charges, e.provision)
         LIMIT 50
    """,
    "instalments_add_up": """
        SELECT format('loan %s: principal %s, its instalments %s; interest paid %s, on them %s; charges %s, on them %s',
                      l.reference, l.principal_left_minor, i.principal, l.interest_paid_minor, i.interest,
                      l.charges_left_minor, i.charges)
          FROM lending_loan l
         CROSS JOIN LATERAL (
            SELECT COALESCE(sum(principal_minor - paid_principal_minor), 0) AS principal,
                   COALESCE(sum(paid_interest_minor), 0) AS interest,
                   COALESCE(sum(fee_minor + penalty_minor - paid_fee_minor - paid_penalty_minor), 0) AS charges
              FROM lending_instalment r WHERE r.loan_id = l.id AND r.is_current) i
         WHERE l.status IN ('ACTIVE', 'PAID')
           AND (l.principal_left_minor, l.interest_paid_minor, l.charges_left_minor)
               <> (i.principal, i.interest, i.charges)
         LIMIT 50
    """,
    # What was taken of guarantors is what was repaid or recovered by them.
    "guarantors_paid_what_was_taken": """
        SELECT format('loan %s: %s taken of guarantors, %s came in from them', l.reference, c.taken, r.paid)
          FROM lending_loan l
         CROSS JOIN LATERAL (
            SELECT COALESCE(sum(taken_minor), 0) AS taken FROM lending_guarantorcall WHERE loan_id = l.id) c
         CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount_minor), 0) AS paid FROM lending_repayment
             WHERE loan_id = l.id AND source = 'GUARANTOR') r
         WHERE c.taken <> r.paid
         LIMIT 50
    """,
    # A repayment is taken back in the books and on the loan, or in neither.
    "taken_back_in_books_and_loans": """
        SELECT format('repayment %s: taken back by transfer %s of the books and %s of the loan', r.reference, t.id,
                      b.transfer_id)
          FROM lending_repayment r
          LEFT JOIN lending_repaymentreversal b ON b.repayment_id = r.id
          LEFT JOIN ledger_transfer t ON t.reverses_id = r.transfer_id
         WHERE b.transfer_id IS DISTINCT FROM t.id
         LIMIT 50
    """,
    "loans_paid_out_are_booked": """
        SELECT format('loan %s is %s without its transfer', l.reference, l.status)
          FROM lending_loan l
          LEFT JOIN ledger_transfer t ON t.reference = 'loan/' || l.id || '/disburse'
         WHERE (l.status IN ('ACTIVE', 'PAID', 'WRITTEN_OFF')) <> (t.id IS NOT NULL)
         LIMIT 50
    """,
}


def _findings(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question.replace("%%", "%"))
        return [row[0] for row in cursor.fetchall()]


def register() -> None:
    """Loans, their entries, their instalments and the books say the same."""
    for name, question in _QUESTIONS.items():
        verification.register(verification.Check(f"lending.{name}", partial(_findings, question)))
