"""The one way money moves on customers' accounts: status, limits, books and lines in one transaction.

Rows are locked in one order: customers' accounts by id, then the ledger (which orders its own), then the limit used.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, cycle
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed, AccountNotActive, NotSpendable, TakesNoMoney
from apps.accounts.models import POTS, Account, AccountStatus, AccountType, Transaction
from apps.accounts.operations.limits import spend_limits
from apps.accounts.operations.movement import Movement, leg_of
from apps.kernel.clock import local_date
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.written import Written, insert, written_among
from apps.ledger import operations as ledger
from apps.ledger.rules import arrays
from apps.users.models import UserStatus


def post(
    *,
    reference: str,
    kind: str,
    narrative: str,
    movements: Sequence[Movement],
    at: datetime,
    legs: Sequence[Any] = (),
    limited: bool = False,
    by_bank: bool = False,
    details: dict[str, Any] | None = None,
    receipt: str = "",
) -> list[Transaction]:
    """Post one transfer on customers' accounts, `legs` being its other side in the bank's own books.

    Statuses and, when `limited`, the tier limits of who pays and who receives are checked under the locks that the
    posting holds, so no other payment fits between. `by_bank` lets the bank charge or correct a frozen account.
    A reference posts once: asked again, the first lines are returned. `receipt` is what people are told to quote.
    Raises CurrencyMismatch, AccountClosed, AccountNotActive, InsufficientFunds, LimitExceeded, PayeeLimit,
    ReferenceReused.
    """
    with transaction.atomic():
        return post_within(
            reference=reference,
            kind=kind,
            narrative=narrative,
            movements=movements,
            at=at,
            legs=legs,
            limited=limited,
            by_bank=by_bank,
            details=details,
            receipt=receipt,
        )


def post_within(
    *,
    reference: str,
    kind: str,
    narrative: str,
    movements: Sequence[Movement],
    at: datetime,
    legs: Sequence[Any] = (),
    limited: bool = False,
    by_bank: bool = False,
    details: dict[str, Any] | None = None,
    receipt: str = "",
) -> list[Transaction]:
    """As `post`, as part of the caller's transaction, which a refusal must end: without a savepoint of its own."""
    accounts = lock(movements, with_siblings=limited)
    for movement in movements:
        require_open(accounts[movement.account.pk], movement.amount, by_bank=by_bank)
    posted = ledger.post(
        reference=reference,
        kind=kind,
        narrative=narrative,
        legs=[*map(leg_of, movements), *legs],
        at=at,
        details=details,
    )
    if posted.is_replay:
        return list(Transaction.objects.filter(transfer_id=posted.transfer_id).order_by("pk"))
    if limited:
        spend_limits(movements, accounts, at)
    return insert(line_rows(receipt or reference, kind, movements, posted, at))


def _to_lock() -> models.QuerySet[Account]:
    rows = Account.objects.select_related("owner").select_for_update(of=("self",), no_key=True).order_by("pk")
    people = (f"owner__{name}" for name in ("status", "is_service", "kyc_tier"))
    return rows.only("status", "account_type", "currency", "number", "ledger_account", *people)


class _Locking:
    """Locks the accounts whose `column` is one of some keys. A few have a statement of their own, because PostgreSQL
    plans one with an array anew for every array.
    """

    FEW = 4

    def __init__(self, column: str) -> None:
        marks = {f"nth{nth}": -1 - nth for nth in range(self.FEW)}
        self._many = written_among(_to_lock(), f"accounts_account.{column}")
        self._few = Written(lambda **keys: _to_lock().filter(**{f"{column}__in": list(keys.values())}), **marks)

    def rows(self, keys: set[int]) -> list[Account]:
        """In the order of their ids."""
        if 0 < len(keys) <= self.FEW:
            filled = zip(range(self.FEW), cycle(keys), strict=False)
            return self._few.rows(**{f"nth{nth}": key for nth, key in filled})
        return self._many.rows(among=arrays.numbers(keys))


_LOCK, _LOCK_OWNERS = _Locking("id"), _Locking("owner_id")


def lock(movements: Iterable[Movement], *, with_siblings: bool) -> dict[int, Account]:
    """The accounts as they stand now, locked in id order; with every account of their owners when balances count."""
    if with_siblings:
        rows = _LOCK_OWNERS.rows({movement.account.owner_id for movement in movements})
    else:
        rows = _LOCK.rows({movement.account.pk for movement in movements})
    return {account.pk: account for account in rows}


def require_open(account: Account, amount: Money, *, by_bank: bool) -> None:
    """Money may come in (+) or go out (−). Raises CurrencyMismatch; AccountClosed; AccountNotActive when it would leave
    a frozen account; NotSpendable and TakesNoMoney for goals and deposits, whose own acts move their money as the bank.
    """
    is_out = amount.minor < 0
    if amount.currency != account.currency:
        raise CurrencyMismatch(_("The account is in %(currency)s. No money moved.") % {"currency": account.currency})
    # Accounts close with the profile of their owner; one that outlived it, from before they did, takes no more either.
    has_left = not is_out and not by_bank and account.owner.status == UserStatus.CLOSED
    if account.status == AccountStatus.CLOSED or has_left:
        raise AccountClosed(_("That account is closed. No money moved."))
    if not by_bank and is_out and account.account_type in POTS:
        raise NotSpendable(_("Money in a goal or a deposit is taken out on its own page. No money moved."))
    if not by_bank and account.account_type == AccountType.FIXED_DEPOSIT:
        raise TakesNoMoney(_("A fixed deposit takes no more money. No money moved. Pay into another account."))
    if is_out and account.status != AccountStatus.ACTIVE and not by_bank:
        raise AccountNotActive(
            _("Account %(number)s is frozen, so money cannot leave it. No money moved.")
            % {"number": account.masked_number}
        )


def line_rows(
    reference: str,
    kind: str,
    movements: Sequence[Movement],
    posted: Any,
    at: datetime,
    *,
    legs: Sequence[int] | None = None,
) -> list[Transaction]:
    """The lines of a posting whose first legs, or those given, are `movements`, in their order; not yet written."""
    rows = _line_values(reference, kind, movements, posted, at, legs)
    lines = [Transaction(**dict(zip(_COLUMNS, values, strict=True))) for values in rows]
    for line, movement in zip(lines, movements, strict=True):
        line.account = movement.account
    return lines


_COLUMNS = (
    "account_id", "transfer_id", "seq", "txn_type", "amount_minor", "currency", "running_balance_minor", "description",
    "counterparty", "merchant", "mcc", "category", "reference", "booked_on", "posted_at",
)  # fmt: skip
_COPY = f"COPY accounts_transaction ({', '.join(_COLUMNS)}) FROM STDIN"


def _line_values(
    reference: str,
    kind: str,
    movements: Sequence[Movement],
    posted: Any,
    at: datetime,
    legs: Sequence[int] | None = None,
) -> Iterator[tuple[Any, ...]]:
    entries = {(entry.account_id, entry.leg): entry for entry in posted.entries}
    booked_on = local_date(at)
    for leg, movement in zip(legs or count(1), movements, strict=False):
        entry = entries[movement.account.ledger_account_id, leg]
        yield (
            movement.account.pk,
            posted.transfer_id,
            entry.seq,
            movement.txn_type or kind,
            movement.amount.minor,
            movement.amount.currency,
            entry.balance_after,
            movement.description[:140],
            movement.counterparty[:140],
            movement.merchant[:100],
            movement.mcc,
            movement.category[:40],
            reference,
            booked_on,
            at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One transfer for `post_many`; see `post` for what the members mean."""

    reference: str
    kind: str
    narrative: str
    movements: Sequence[Movement]
    legs: Sequence[Any] = ()
    at: datetime | None = None
    receipt: str = ""


@transaction.atomic
def post_many(*, orders: Sequence[Order], at: datetime) -> int:
    """Post many transfers at once by the bank (salaries, interest, fees): the same books, set-based, lines by COPY.

    Statuses are checked under the same locks; tier limits do not apply to what the bank itself pays. `at` is the moment
    of orders that bring none. Returns the lines written. Raises what `post` raises.
    """
    return _post_all(orders, at)[1]


@transaction.atomic
def post_each(*, orders: Sequence[Order], at: datetime) -> list[int]:
    """As `post_many`; returns the id of each order's transfer in the books, in their order."""
    return _post_all(orders, at)[0]


def _post_all(orders: Sequence[Order], at: datetime) -> tuple[list[int], int]:
    accounts = lock([movement for order in orders for movement in order.movements], with_siblings=False)
    for order in orders:
        for movement in order.movements:
            require_open(accounts[movement.account.pk], movement.amount, by_bank=True)
    results = ledger.post_many([_posting(order, at) for order in orders], at=at)
    lines = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as into:
        for order, posted in zip(orders, results, strict=True):
            if posted.is_replay:
                continue
            name = order.receipt or order.reference
            for values in _line_values(name, order.kind, order.movements, posted, order.at or at):
                into.write_row(values)
                lines += 1
    return [posted.transfer_id for posted in results], lines


def _posting(order: Order, at: datetime) -> ledger.Posting:
    return ledger.Posting(
        reference=order.reference,
        kind=order.kind,
        narrative=order.narrative,
        legs=[*map(leg_of, order.movements), *order.legs],
        at=order.at or at,
    )
