"""What a posting moves on customers' accounts, as it is written down before it happens."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.models import Account
from apps.kernel.money import Money
from apps.ledger import operations as ledger


@dataclass(frozen=True, slots=True)
class Movement:
    """Money into (+) or out of (−) one customer's account, and what the holder will read on the line."""

    account: Account
    amount: Money
    description: str
    counterparty: str = ""
    merchant: str = ""
    category: str = ""
    mcc: str = ""  # of the merchant
    txn_type: str = ""  # the posting's kind, unless this line is another, such as a FEE


def into(account: Account, amount: Money, description: str, **words: str) -> Movement:
    """Money in."""
    return Movement(account, amount, description, **words)


def out_of(account: Account, amount: Money, description: str, **words: str) -> Movement:
    """Money out."""
    return Movement(account, -amount, description, **words)


def leg_of(movement: Movement) -> Any:
    """The customer's side of a movement in the books: accounts are what the bank owes."""
    side = ledger.credit if movement.amount.minor > 0 else ledger.debit
    return side(movement.account.ledger_account_id, abs(movement.amount))
