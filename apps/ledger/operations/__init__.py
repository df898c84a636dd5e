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
from apps.ledger.operations.ask_reversal import ask_reversal, why_not_reversed
from apps.ledger.operations.bulk import PostedToEach, credit_each, debit_each, post_many
from apps.ledger.operations.hold import HoldRef, capture, expire_holds, hold, release
from apps.ledger.operations.holidays import add_holiday, withdraw_holiday
from apps.ledger.operations.legs import credit, debit
from apps.ledger.operations.periods import ask_reopening, close_period, open_period, withdraw_period
from apps.ledger.operations.post import Posted, PostedEntry, Posting, post
from apps.ledger.operations.reverse import reverse
from apps.ledger.operations.seal import prove, seal_up_to
from apps.ledger.operations.settle import settled_upto
from apps.ledger.operations.summarise import roll_up_days, take_snapshots
from apps.ledger.rules.accounts import AccountRef
from apps.ledger.rules.evidence import InclusionProof, verify_proof
from apps.ledger.rules.legs import Leg, Unbalanced, WrongCurrency

__all__ = [
    "DERIVED",
    "LOCKED",
    "AccountRef",
    "AccountToOpen",
    "HoldRef",
    "InclusionProof",
    "Leg",
    "Posted",
    "PostedEntry",
    "PostedToEach",
    "Posting",
    "Unbalanced",
    "WrongCurrency",
    "add_holiday",
    "ask_reopening",
    "ask_reversal",
    "block_account",
    "capture",
    "close_account",
    "close_period",
    "credit",
    "credit_each",
    "debit",
    "debit_each",
    "ensure_chart",
    "expire_holds",
    "gl",
    "hold",
    "map_gl",
    "open_account",
    "open_accounts",
    "open_period",
    "post",
    "post_many",
    "prove",
    "release",
    "reverse",
    "roll_up_days",
    "seal_up_to",
    "set_floor",
    "settled_upto",
    "take_snapshots",
    "unblock_account",
    "verify_proof",
    "why_not_reversed",
    "withdraw_holiday",
    "withdraw_period",
]
