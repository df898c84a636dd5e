"""Questions to the books: `from apps.ledger import queries as books`."""

from apps.ledger.queries.accounts import account_by_code, accounts_by_id, gl_tree
from apps.ledger.queries.balances import Balance, balance, balance_as_of, balances, balances_as_of
from apps.ledger.queries.lines import Line, lines

__all__ = [
    "Balance",
    "Line",
    "account_by_code",
    "accounts_by_id",
    "balance",
    "balance_as_of",
    "balances",
    "balances_as_of",
    "gl_tree",
    "lines",
]
