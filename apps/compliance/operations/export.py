"""Transactions of customers as goAML moves: the customer's own side whole, the other as far as the bank knows it."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings

from apps.accounts.models import Account, Transaction, TransactionType
from apps.compliance import goaml
from apps.fx.queries import closing_rates
from apps.kernel.clock import local_date
from apps.users.models import User

# How the money moved; confirmed against the centre's list before the first filing.
MODES = {
    TransactionType.DEPOSIT: "CASH_DEP",
    TransactionType.WITHDRAWAL: "CASH_WDL",
    TransactionType.MOBILE_MONEY: "MOBILE",
    TransactionType.EXTERNAL_TRANSFER: "EFT",
    TransactionType.INTERNATIONAL_REMITTANCE: "SWIFT",
}


def person(user: User) -> goaml.Person:
    """A customer or a member of staff; one name stands for both when there is only one."""
    first, _space, rest = user.full_name.strip().partition(" ")
    last = rest.strip() or first or "Unknown"
    return goaml.Person(
        first or "Unknown", last, _born(user), str(user.id_number or ""), str(user.phone or ""),
        str(user.email or ""),
    )  # fmt: skip


def _born(user: User) -> date | None:
    return date.fromisoformat(str(user.date_of_birth)[:10]) if user.date_of_birth else None


def account(row: Account) -> goaml.Account:
    """An account here."""
    return goaml.Account(
        row.number, row.currency, row.owner.full_name or row.number, local_date(row.opened_at), row.status,
        person(row.owner),
    )  # fmt: skip


def moves(ids: Iterable[int]) -> list[goaml.Move]:
    """The transactions in time order, each once though both its sides were chosen."""
    rows = Transaction.objects.filter(pk__in=list(ids)).select_related("account__owner").order_by("posted_at", "pk")
    lines = list({row.transfer_id: row for row in reversed(rows)}.values())[::-1]
    twins: dict[int, list[Transaction]] = {}
    for twin in Transaction.objects.filter(transfer_id__in=[line.transfer_id for line in lines]).select_related(
        "account__owner"
    ):
        twins.setdefault(twin.transfer_id, []).append(twin)
    return [_move(line, twins[line.transfer_id]) for line in lines]


def _move(line: Transaction, legs: list[Transaction]) -> goaml.Move:
    other = next((leg for leg in legs if leg.account_id != line.account_id and leg.is_out != line.is_out), None)
    ours = goaml.Side(account=account(line.account))
    theirs = goaml.Side(account=account(other.account)) if other else goaml.Side(entity=_outside(line))
    giver, taker = (ours, theirs) if line.is_out else (theirs, ours)
    amount, foreign = _local(line)
    return goaml.Move(
        f"{line.reference[:30]}-{line.pk}", "KitBank", line.description or str(line.get_txn_type_display()),
        line.posted_at, MODES.get(TransactionType(line.txn_type), "TRANSFER"), amount, giver, taker, foreign,
    )  # fmt: skip


def _outside(line: Transaction) -> str:
    return (line.counterparty or line.merchant or "Unknown")[:255]


def _local(line: Transaction) -> tuple[Decimal, tuple[str, Decimal, Decimal] | None]:
    amount = abs(line.amount.amount)
    if line.currency == settings.HOME_CURRENCY:
        return amount, None
    rate, _at = closing_rates(line.booked_on)[line.currency]
    return max((amount * rate).quantize(Decimal("0.01")), Decimal("0.01")), (line.currency, amount, rate)


def document(
    *,
    kind: str,
    reference: str,
    reason: str,
    action: str,
    indicators: list[str],
    ids: Iterable[int],
    by: User,
    at: datetime,
) -> bytes:
    """A whole report as goAML XML."""
    return goaml.build(
        goaml.Document(
            kind,
            getattr(settings, "GOAML_RENTITY_ID", 1),
            reference,
            at,
            person(by),
            reason,
            action,
            moves(ids),
            indicators or ["UNSPECIFIED"],
        )
    )
