"""What batches need of accounts: the limits of their payer counted once, and many people paid with some refused."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from apps.accounts.models import Account, AccountStatus, AccountType
from apps.accounts.operations.limits import spend_limits
from apps.accounts.operations.movement import Movement
from apps.accounts.operations.post import Order, lock, post_many, require_open
from apps.fx import queries as fx
from apps.fx.errors import RatesStale
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.kyc.queries import limits_of_all
from apps.ledger import queries as books

CLOSED, FULL = "PAYEE_CLOSED", "PAYEE_FULL"


def begin_batch(*, account: Account, amounts: Sequence[Money], limited: bool, at: datetime) -> None:
    """Lock the payer's account for a batch, within the caller's transaction; it must be able to pay.

    `limited` counts the batch against its holder's tier as so many payments: each against the limit of one, together
    against the day's. Raises AccountClosed, AccountNotActive, LimitExceeded.
    """
    accounts = lock([Movement(account, -amount, "") for amount in amounts[:1]], with_siblings=False)
    require_open(accounts[account.pk], -amounts[0], by_bank=False)
    if limited:
        spend_limits([Movement(account, -amount, "") for amount in amounts], accounts, at, one_by_one=True)


@transaction.atomic
def pay_each(*, orders: Sequence[Order], at: datetime) -> dict[str, str]:
    """Post orders of one receiver each, set-based; those that cannot be are left out, and answered by reference.

    A closed account, or a holder who no longer banks here, is CLOSED; one whose tier may not hold that much, with all
    they receive in these orders, is FULL. Both are looked at under the locks that the posting holds.
    """
    movements = [order.movements[0] for order in orders]
    accounts = lock(movements, with_siblings=True)
    refused = _full(movements, accounts, at)
    why: dict[str, str] = {}
    for order in orders:
        account = accounts[order.movements[0].account.pk]
        takes_none = account.account_type == AccountType.FIXED_DEPOSIT
        if account.status == AccountStatus.CLOSED or takes_none or not account.owner.is_active:
            why[order.reference] = CLOSED
        elif account.owner_id in refused:
            why[order.reference] = FULL
    post_many(orders=[order for order in orders if order.reference not in why], at=at)
    return why


def _full(movements: Sequence[Movement], accounts: dict[int, Account], at: datetime) -> set[int]:
    """The owners who would end with more than their tier may hold, all their accounts together at their mid rates."""
    limits = limits_of_all(sorted({account.owner.kyc_tier for account in accounts.values()}), on=local_date(at))
    capped = {
        account.owner_id: most.minor
        for account in accounts.values()
        if (most := limits[account.owner.kyc_tier].balance) is not None and not account.owner.is_service
    }
    amounts: dict[int, list[Money]] = defaultdict(list)
    for movement in movements:
        amounts[movement.account.owner_id].append(movement.amount)
    held = [one for one in accounts.values() if one.owner_id in capped]
    balances = books.balances([one.ledger_account_id for one in held])
    for one in held:
        amounts[one.owner_id].append(balances[one.ledger_account_id].posted)
    return over_cap(capped, amounts, {movement.amount.currency for movement in movements}, at)


def over_cap(
    capped: Mapping[int, int], amounts: Mapping[int, Sequence[Money]], paid_in: Collection[str], at: datetime
) -> set[int]:
    """Of people with a cap (home minor units) those whose amounts come to more: what they hold and what comes to them
    in the currencies `paid_in`, which must have a rate. What they hold in others counts as far as its worth is known.
    """
    worth_of = fx.held_to_home(at, paid_in=paid_in)

    def is_over(most: int, its: Sequence[Money]) -> bool:
        try:
            return sum(worth_of(one).minor for one in its) > most
        except RatesStale:  # what they are paid in has none: that stops them, and nobody beside them
            return True

    return {owner for owner, most in capped.items() if is_over(most, amounts.get(owner, ()))}
