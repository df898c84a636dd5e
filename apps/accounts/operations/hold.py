"""Setting a customer's money aside for what leaves the bank: held with its limits spent, then taken or given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Account, Transaction
from apps.accounts.operations.limits import require_room, spend_limits
from apps.accounts.operations.movement import Movement, leg_of
from apps.accounts.operations.post import line_rows, lock, require_open
from apps.fx import queries as fx
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.kernel.written import insert
from apps.ledger import operations as ledger


@dataclass(frozen=True, slots=True)
class SetAside:
    """Money set aside on an account: what goes out, and with it what the act costs."""

    hold_id: int
    account: Account
    amount: Money
    on: date


@transaction.atomic
def set_aside(*, account: Account, amount: Money, cost: Money, reference: str, limited: bool, at: datetime) -> SetAside:
    """Hold `amount` and `cost`, checking status, limits and funds under one lock. Limits count `amount` alone.

    Once per `reference`. Raises AccountClosed, AccountNotActive, InsufficientFunds, LimitExceeded, ReferenceReused.
    """
    out = Movement(account, -amount, "")
    accounts = lock([out], with_siblings=False)
    require_open(accounts[account.pk], out.amount, by_bank=False)
    held = ledger.hold(reference=reference, account=account.ledger_account_id, amount=amount + cost, at=at)
    if limited and not held.is_replay:
        spend_limits([out], accounts, at)
    return SetAside(held.id, account, amount, local_date(at))


@transaction.atomic
def take(
    *,
    hold_id: int,
    reference: str,
    kind: str,
    narrative: str,
    movements: Sequence[Movement],
    legs: Sequence[Any],
    at: datetime,
    receipt: str,
    limited: bool = False,
    details: dict[str, Any] | None = None,
) -> list[Transaction]:
    """Turn what was set aside into a posting: all of it, by `movements` and the bank's own `legs`.

    A frozen account does not stop it: the money left when it was set aside, and the payer's limits were counted then.
    `limited` looks whether a receiver may hold what comes. Raises HoldNotOpen, HoldExceeded, AccountClosed, PayeeLimit;
    TakesNoMoney for a deposit that would receive it.
    """
    accounts = lock(movements, with_siblings=limited)
    for movement in movements:
        require_open(accounts[movement.account.pk], movement.amount, by_bank=movement.amount.minor < 0)
    posted = ledger.capture(
        hold_id,
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
        require_room(movements, accounts, at)
    return insert(line_rows(receipt, kind, movements, posted, at))


_GIVE_BACK = """
UPDATE accounts_limituse SET used_minor = greatest(used_minor - %(minor)s, 0)
 WHERE user_id = %(user)s AND on_date = %(day)s AND currency = 'KES'
"""


@transaction.atomic
def give_back(*, hold_id: int, account: Account, amount: Money, held_at: datetime, limited: bool, at: datetime) -> bool:
    """Release what was set aside, and the limit of the day it counted on; True when it still was set aside.

    `amount` is what the limit counted. Raises HoldNotOpen when it was taken.
    """
    was_open = ledger.release(hold_id, at=at)
    if was_open and limited:
        give_back_limit(account=account, amount=amount, counted_at=held_at)
    return was_open


def give_back_limit(*, account: Account, amount: Money, counted_at: datetime) -> None:
    """What came back counts on the limit of its day no more, within the caller's transaction.

    At the last rate there was then, also of a currency that the bank quotes no more: money must be able to come back.
    """
    counted = fx.held_to_home(counted_at, paid_in=())(amount)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"user": account.owner_id, "day": local_date(counted_at), "minor": counted.minor})
