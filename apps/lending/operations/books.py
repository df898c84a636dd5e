"""The loan's side of a posting: what a transfer did to a loan, written beside it in the same transaction."""

from collections.abc import Iterable
from datetime import date

from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending.models import LoanEntry, Side

PURPOSES = {
    Side.PRINCIPAL: "loans:principal",
    Side.INTEREST: "loans:interest_receivable",
    Side.CHARGES: "loans:fees_receivable",
}


def account_of(side: str, currency: str) -> ledger.AccountRef:
    """The account of the books that all loans' entries of a side add up to."""
    return ledger.gl(PURPOSES[Side(side)], currency)


def write(rows: Iterable[tuple[int, str, Money]], *, transfer_id: int, on: date, what: str) -> None:
    """Entries `(loan id, side, amount)` of one transfer; those of nothing are left out."""
    LoanEntry.objects.bulk_create(entries(rows, transfer_id=transfer_id, on=on, what=what))


def entries(rows: Iterable[tuple[int, str, Money]], *, transfer_id: int, on: date, what: str) -> list[LoanEntry]:
    """As `write`, not yet written."""
    return [
        LoanEntry(
            loan_id=loan_id, side=side, amount_minor=amount.minor, transfer_id=transfer_id, booked_on=on, what=what
        )
        for loan_id, side, amount in rows
        if amount
    ]
