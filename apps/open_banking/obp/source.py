"""Where this API reads accounts, balances and movements: the bank's own books, or for an app in the sandbox the made-up
ones of its developer. One is chosen for each app, and neither can name an account of the other.
"""

from collections.abc import Iterable
from typing import Any, Protocol, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from apps.accounts.models import Account, AccountStatus, Transaction
from apps.accounts.queries import Holding, holdings
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.open_banking import policies
from apps.open_banking.models import (
    Consent,
    ConsentAccount,
    Permission,
    SandboxAccount,
    SandboxLine,
    SandboxPersona,
    ThirdPartyApp,
)
from apps.open_banking.names import account_name
from apps.open_banking.operations.sandbox import set_aside
from apps.users.models import User

_LINE = (
    "account_id", "seq", "txn_type", "amount_minor", "currency", "running_balance_minor", "description", "counterparty",
    "merchant", "posted_at",
)  # fmt: skip
Given = Iterable[tuple[Any, str, str]]
_ON_IT = ConsentAccount.objects.filter(account=OuterRef("pk")).order_by("pk")
# Asked at every call of every app, so it is worked out once: an account a row, whatever was allowed on it.
_CHOSEN = Written(
    lambda consent: (
        Account.objects.select_related("product")
        .filter(pk__in=ConsentAccount.objects.filter(consent_id=consent).values("account"))
        .annotate(given=ArraySubquery(_ON_IT.filter(consent_id=consent).values("permission")))
        .order_by("pk")
    ),
    consent=-1,
)


class Source(Protocol):
    """What an app's reads are answered from. Its accounts and lines are named alike, whichever source they are of."""

    def given(self, consent: Consent | None, user: User, persona: SandboxPersona | None) -> Given:
        """Account, what third parties call it, and a permission on it: by a consent, or without one all of them."""

    def holdings(self, accounts: Iterable[Any]) -> list[Holding]:
        """With their balances, in one query."""

    def lines(self, account: Any) -> QuerySet[Any]:
        """Its movements."""


class Books:
    """The bank's own books."""

    def given(self, consent: Consent | None, user: User, persona: SandboxPersona | None) -> Given:
        """Those the customer chose, else every open one that pays; those that closed or changed hands are out."""
        if consent is None:
            found = [(account, one) for account in policies.eligible(user) for one in Permission.values]
        else:
            found = [(row, one) for row in _CHOSEN.rows(consent=consent.pk) for one in row.given]
        for account, permission in found:
            if account.owner_id == user.pk and account.status != AccountStatus.CLOSED:
                yield account, str(account_name(account.pk)), permission

    def holdings(self, accounts: Iterable[Account]) -> list[Holding]:
        """As the books say now."""
        return holdings(accounts)

    def lines(self, account: Account) -> QuerySet[Transaction]:
        """Every one."""
        rows: QuerySet[Transaction] = Transaction.objects.filter(account=account).only(*_LINE)
        return rows


class Sandbox:
    """The made-up accounts of a developer."""

    def given(self, consent: Consent | None, user: User, persona: SandboxPersona | None) -> Given:
        """Those the developer chose for the persona, else all that the persona has."""
        if consent is None:
            accounts = SandboxAccount.objects.filter(persona=persona, persona__developer__user=user).order_by("pk")
            found = [(account, one) for account in accounts for one in Permission.values]
        else:
            rows = ConsentAccount.objects.filter(consent=consent, sandbox_account__persona__developer__user=user)
            rows = rows.select_related("sandbox_account").order_by("sandbox_account_id", "pk")
            found = [(row.sandbox_account, row.permission) for row in rows if row.sandbox_account]
        for account, permission in found:
            yield account, str(account.public_id), permission

    def holdings(self, accounts: Iterable[SandboxAccount]) -> list[Holding]:
        """Payments on their way hold their amounts, as anywhere."""
        rows = list(accounts)
        aside = set_aside([one.pk for one in rows])
        held = [(one, Money(aside.get(one.pk, 0), one.currency)) for one in rows]
        return [Holding(cast("Any", one), one.balance, away, one.balance - away) for one, away in held]

    def lines(self, account: SandboxAccount) -> QuerySet[SandboxLine]:
        """Every one."""
        return SandboxLine.objects.filter(account=account).only(*_LINE)


_BOOKS, _SANDBOX = Books(), Sandbox()


def source_of(app: ThirdPartyApp) -> Source:
    """What this app reads."""
    return _SANDBOX if app.is_sandbox else _BOOKS
