"""Writing the legs of a transfer down: debit this, credit that."""

from apps.kernel.money import Money
from apps.ledger.operations.accounts import account_id_of
from apps.ledger.rules.accounts import AccountRef
from apps.ledger.rules.legs import Leg, Unbalanced


def debit(account: AccountRef | int | str, amount: Money) -> Leg:
    """A debit: adds to assets and expenses, takes from what customers have. Raises Unbalanced unless over zero."""
    return Leg(account_id_of(account, amount.currency), _over_zero(amount), amount.currency)


def credit(account: AccountRef | int | str, amount: Money) -> Leg:
    """A credit: adds to what customers have and to income, takes from assets. Raises Unbalanced unless over zero."""
    return Leg(account_id_of(account, amount.currency), -_over_zero(amount), amount.currency)


def _over_zero(amount: Money) -> int:
    if amount.minor <= 0:
        raise Unbalanced(f"a leg moves more than nothing, not {amount}")
    return amount.minor
