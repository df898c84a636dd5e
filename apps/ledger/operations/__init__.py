"""The verbs of the books: `from apps.ledger import operations as ledger`."""

from apps.ledger.operations.accounts import (
    DERIVED,
    LOCKED,
    AccountToOpen,
    block_account,
    close_account,
    ensure_chart,
    gl,
    map_gl,
    open_account,
    open_accounts,
    set_floor,
    unblock_account,
)
from apps.ledger.operations.hold import HoldRef, capture, expire_holds, hold, release
from apps.ledger.operations.legs import credit, debit
from apps.ledger.operations.post import Posted, PostedEntry, Posting, post, post_many
from apps.ledger.operations.reverse import reverse
from apps.ledger.rules.accounts import AccountRef
from apps.ledger.rules.legs import Leg, Unbalanced, WrongCurrency

__all__ = [
    "DERIVED",
    "LOCKED",
    "AccountRef",
    "AccountToOpen",
    "HoldRef",
    "Leg",
    "Posted",
    "PostedEntry",
    "Posting",
    "Unbalanced",
    "WrongCurrency",
    "block_account",
    "capture",
    "close_account",
    "credit",
    "debit",
    "ensure_chart",
    "expire_holds",
    "gl",
    "hold",
    "map_gl",
    "open_account",
    "open_accounts",
    "post",
    "post_many",
    "release",
    "reverse",
    "set_floor",
    "unblock_account",
]
