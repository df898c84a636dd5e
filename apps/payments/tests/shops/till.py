"""What tests of shops look at: takings, income, giving back, paying out."""

from datetime import timedelta

from django.db import connection

from apps.accounts.testing import kes
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.ledger import verification
from apps.ledger.testing import assert_books_balance
from apps.payments import operations


def takings() -> str:
    """What the bank owes shops in its books."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(-sum(e.amount_minor), 0) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id "
            "WHERE a.code = '2085-KES'"
        )
        return f"{Money(int(cursor.fetchone()[0]), 'KES').amount:f}"


def books_hold() -> None:
    assert_books_balance()
    mine = ("sales_are_paid_once", "takings_are_what_is_not_paid_out", "settlements_are_booked")
    assert verification.verify([f"payments.{name}" for name in (*mine, "no_more_goes_back_than_was_paid")]) == []


def income(line: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(-sum(e.amount_minor), 0) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id "
            "WHERE a.code = %s",
            [f"{line}-KES"],
        )
        return f"{Money(int(cursor.fetchone()[0]), 'KES').amount:f}"


def give_back(payment, amount, *, key="r-1", by=None, reason="Returned goods"):
    return operations.refund_by_merchant(
        payment=payment, amount=kes(amount), reason=reason, key=key, by=by or payment.merchant.created_by, at=now()
    )


def pay_out_now(*, days_on=0):
    return operations.pay_out_merchants(day=local_date(now()) + timedelta(days=days_on), at=now())
