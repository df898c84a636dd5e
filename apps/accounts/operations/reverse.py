"""Taking a transfer on customers' accounts back: its mirror in the books, and a line beside each of its lines."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import Transaction, TransactionType
from apps.accounts.operations.movement import Movement
from apps.accounts.operations.post import line_rows, lock, require_open
from apps.kernel.written import insert
from apps.ledger import operations as ledger
from apps.users.models import User


@transaction.atomic
def reverse(
    *, transfer_id: int, description: str, reason: str, receipt: str, by: User, at: datetime
) -> list[Transaction]:
    """Answer a transfer by its mirror, once; its lines (by `description`, REVERSAL) are returned in their order.

    By the bank, so a frozen account does not stop it. Raises AccountClosed, AlreadyReversed, InsufficientFunds when who
    received money has it no more, PeriodClosed; then nothing has moved.
    """
    lines = Transaction.objects.filter(transfer_id=transfer_id).select_related("account").order_by("pk")
    movements = [
        Movement(line.account, -line.amount, description, counterparty=line.counterparty, category=line.category)
        for line in lines
    ]
    accounts = lock(movements, with_siblings=False)
    for movement in movements:
        require_open(accounts[movement.account.pk], movement.amount, by_bank=True)
    posted = ledger.reverse(transfer_id=transfer_id, reason=reason, by=by, at=at)
    if posted.is_replay:
        return list(Transaction.objects.filter(transfer_id=posted.transfer_id).order_by("pk"))
    return insert(line_rows(receipt, TransactionType.REVERSAL.value, movements, posted, at))
