"""What every side says about one M-Pesa transaction: we, the provider's callbacks, its statement, and the books."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.kernel.money import Money
from apps.mpesa.models import Callback, MpesaTransaction, ReconciliationBreak, StatementRow


@dataclass(frozen=True, slots=True)
class BookedLeg:
    """One leg of a transfer; debits positive."""

    reference: str
    posted_at: datetime
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FourViews:
    """The views side by side. `answer` is the last answer to our own question, `stated` their statement's word."""

    row: MpesaTransaction
    callbacks: list[Callback]
    answer: Callback | None
    stated: StatementRow | None
    breaks: list[ReconciliationBreak]
    legs: list[BookedLeg]


_LEGS = """
    SELECT t.reference, t.created_at, a.code, a.name, e.amount_minor, e.currency
      FROM ledger_transfer t
      JOIN ledger_entry e ON e.id BETWEEN t.id * 1000 AND t.id * 1000 + 999 AND e.transfer_id = t.id
      JOIN ledger_account a ON a.id = e.account_id
     WHERE t.reference = ANY(%s) ORDER BY t.id, e.leg
"""


def four_views(row: MpesaTransaction) -> FourViews:
    """Everything known of one transaction; a fixed number of questions."""
    told = list(row.callbacks.defer("raw").order_by("pk"))
    questions = [one for one in told if one.product == "status"]
    stated = StatementRow.objects.filter(receipt=row.receipt).first() if row.receipt else None
    breaks = ReconciliationBreak.objects.filter(receipt=row.receipt or "").select_related("resolved_by").order_by("pk")
    return FourViews(
        row=row,
        callbacks=[one for one in told if one.product != "status"],
        answer=questions[-1] if questions else None,
        stated=stated,
        breaks=list(breaks),
        legs=_legs(row),
    )


def _legs(row: MpesaTransaction) -> list[BookedLeg]:
    references = [row.payment_reference] if row.payment_reference else []
    references += [f"mpesa/back/{back}" for back in row.reversals.values_list("public_id", flat=True)]
    references += [f"mpesa/back/{row.public_id}"] if row.reverses_id else []
    if row.receipt:
        references += [f"mpesa/{row.receipt}{part}" for part in ("", "/placed", "/charge")]
    with connection.cursor() as cursor:
        cursor.execute(_LEGS, [references])
        return [
            BookedLeg(reference, at, f"{name} ({code})" if name else code, Money(minor, currency))
            for reference, at, code, name, minor, currency in cursor.fetchall()
        ]
