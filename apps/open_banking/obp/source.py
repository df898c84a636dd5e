"""Where this API reads accounts, balances and movements: the one place to put another source, as for a sandbox.

A sandbox app has no source yet: `entry.py` turns it away. Its own data would be a second `Source`, chosen in
`source_of`.
"""

from collections.abc import Iterable
from typing import Protocol

from django.db.models import QuerySet

from apps.accounts.models import Account, Transaction
from apps.accounts.queries import Holding, holdings
from apps.open_banking import policies
from apps.open_banking.models import ThirdPartyApp
from apps.users.models import User


class Source(Protocol):
    """What an app's reads are answered from."""

    def accounts(self, user: User) -> Iterable[Account]:
        """All that a customer could share."""

    def holdings(self, accounts: Iterable[Account]) -> list[Holding]:
        """With their balances, in one query."""

    def lines(self, account: Account) -> QuerySet[Transaction]:
        """Its movements."""


class Books:
    """The bank's own books."""

    def accounts(self, user: User) -> Iterable[Account]:
        """Open ones of their own that pay."""
        return policies.eligible(user)

    def holdings(self, accounts: Iterable[Account]) -> list[Holding]:
        """As the books say now."""
        return holdings(accounts)

    def lines(self, account: Account) -> QuerySet[Transaction]:
        """Every one."""
        rows: QuerySet[Transaction] = Transaction.objects.filter(account=account)
        return rows


_BOOKS = Books()


def source_of(app: ThirdPartyApp) -> Source:
    """What this app reads."""
    return _BOOKS
