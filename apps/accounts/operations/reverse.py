"""Taking a transfer on customers' accounts back: its mirror in the books, and a line beside each of its lines."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import AccountType, CashMovement, CashStatus, Transaction, TransactionType
from apps.accounts.operations.movement import Movement
from apps.accounts.operations.post import line_rows, lock, require_open
from apps.accounts.states import CASH
from apps.audit_trail import operations as audit_trail
from apps.kernel.money import Money
from apps.kernel.written import insert
from apps.ledger import operations as ledger
from apps.ledger.tied import under
from apps.notifications import operations as notifications
from apps.users.models import User

_GOAL = _("A goal stands on this transfer. Nothing was reversed. Who saved takes it out on the goal's page.")
_DEPOSIT = _("A fixed deposit stands on this transfer. Nothing was reversed. It is ended on its own page.")
BY_REFERENCE = under(
    {
        "interest/": _(
            "Interest that accounts earned stands on this transfer. Nothing was reversed. What was paid to an account "
            "is taken back with its tax on the page of that payment, under Money going back."
        ),
        "unclaimed/": _("Unclaimed money stands on this transfer. Nothing was reversed. It is given back on its page."),
        "auto/": _(
            "An automatic transfer stands on this one. Nothing was reversed. Its owner moves it back themselves."
        ),
        "goals/": _GOAL,
        "deposits/": _DEPOSIT,
    }
)


def stands_on(transfer_id: int, reference: str) -> Promise | str | None:
    """What undoing a transfer in the books alone would leave behind, in a sentence; None where nothing."""
    lines = Transaction.objects.filter(transfer_id=transfer_id)
    kinds = set(lines.values_list("account__account_type", flat=True))
    if AccountType.GOAL in kinds:
        return _GOAL
    return _DEPOSIT if AccountType.FIXED_DEPOSIT in kinds else BY_REFERENCE(transfer_id, reference)


@transaction.atomic
def reverse(
    *, transfer_id: int, words: Callable[[Transaction], str], reason: str, receipt: str, by: User, at: datetime
) -> list[Transaction]:
    """Answer a transfer by its mirror, once; its lines (REVERSAL, by the `words` for each) are returned in their order.

    By the bank, so a frozen account does not stop it. Raises AccountClosed, AlreadyReversed, InsufficientFunds when who
    received money has it no more, PeriodClosed; then nothing has moved.
    """
    lines = list(Transaction.objects.filter(transfer_id=transfer_id).select_related("account__owner").order_by("pk"))
    movements = [
        Movement(line.account, -line.amount, words(line), counterparty=line.counterparty, category=line.category)
        for line in lines
    ]
    accounts = lock(movements, with_siblings=False) if movements else {}
    for movement in movements:
        require_open(accounts[movement.account.pk], movement.amount, by_bank=True)
    posted = ledger.reverse(transfer_id=transfer_id, reason=reason, by=by, at=at)
    if posted.is_replay or not lines:
        return list(Transaction.objects.filter(transfer_id=posted.transfer_id).order_by("pk"))
    kind = TransactionType.REVERSAL.value
    return insert(line_rows(receipt, kind, movements, posted, at, legs=_legs(lines, posted)))


def reverse_for_staff(*, transfer_id: int, reason: str, by: User, at: datetime) -> None:
    """What two members of staff decided on (`ledger.ask_reversal`): as `reverse`, a slip of the counter says that its
    cash was taken back, and the holders are told.
    """
    first = Transaction.objects.filter(transfer_id=transfer_id).order_by("pk").first()
    receipt = first.reference if first else ""
    made = reverse(transfer_id=transfer_id, words=taken_back, reason=reason, receipt=receipt, by=by, at=at)
    if slip := CashMovement.objects.filter(transfer_id=transfer_id, status=CashStatus.DONE).first():
        CASH.make(slip, CashStatus.REVERSED)  # once: the books let one of two who reverse at once through
        owner = slip.account.owner
        audit_trail.record("accounts.cash.reversed", on=slip, by=by, at=at, reason=reason, customer=owner)
    tell_of(made, at)


def tell_of(made: list[Transaction], at: datetime) -> None:
    """The holders, of each line by which something of theirs was taken back."""
    for line in made:
        context = {
            "account": line.account.masked_number.replace("•", "*").replace(" ", ""),
            "amount": str(line.amount),
            "reference": line.reference[:12],
            "balance": str(Money(line.running_balance_minor, line.currency)),
        }
        key = f"accounts/lines/{line.pk}/reversed"
        notifications.send("accounts.reversed", to=line.account.owner, context=context, at=at, key=key)


def taken_back(line: Transaction) -> str:
    """The words of the line that answers one, in the holder's language."""
    with translation.override(line.account.owner.language):
        return translation.gettext("Reversed: %(words)s") % {"words": line.description}


def _legs(lines: list[Transaction], posted: Any) -> list[int]:
    """Which leg of the mirror answers each line: of one account the first line by its first leg, and so on."""
    legs: dict[int, list[int]] = {}
    for entry in sorted(posted.entries, key=lambda entry: entry.leg):
        legs.setdefault(entry.account_id, []).append(entry.leg)
    turn = {line.pk: legs[line.account.ledger_account_id].pop(0) for line in sorted(lines, key=lambda line: line.seq)}
    return [turn[line.pk] for line in lines]
