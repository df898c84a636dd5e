"""Makers of accounts with money for tests on this floor and above; every shilling comes through the books."""

import itertools
from datetime import datetime

from apps.accounts import operations
from apps.accounts.models import Account, Product, Till
from apps.accounts.queries import holding
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.users.models import User
from apps.users.queries import system_user
from apps.users.testing import make_customer, make_staff

_nth = itertools.count(1)


def kes(amount: str) -> Money:
    """Shillings."""
    return Money.of(amount, "KES")


def make_account(
    owner: User | None = None, *, balance: str = "0", product: str = "CURRENT", at: datetime | None = None
) -> Account:
    """An open account holding `balance`, paid in from the bank's settlement account."""
    moment = at or now()
    holder = owner or make_customer()
    kind = Product.objects.get(code=product)
    account = operations.open_account(owner=holder, product=kind, by=system_user(), at=moment)
    if Money.of(balance, kind.currency):
        give(account, balance, at=moment)
    return account


def give(account: Account, amount: str, *, at: datetime | None = None, description: str = "Money in") -> None:
    """Pay money in from outside, free of tier limits."""
    money = Money.of(amount, account.currency)
    operations.post(
        reference=f"test/give/{next(_nth)}/{account.pk}",
        kind="DEPOSIT",
        narrative="Given by a test",
        movements=[operations.into(account, money, description)],
        legs=[ledger.debit(ledger.gl("bank:settlement", account.currency), money)],
        at=at or now(),
    )


def balance_of(account: Account) -> str:
    """What is on the account, in major units."""
    return f"{holding(account).posted.amount:f}"


def make_teller(*, cash: str = "500000") -> tuple[User, Till]:
    """A teller with a till that holds cash."""
    teller = make_staff("TELLER")
    branch = teller.staff.branch  # type: ignore[attr-defined]
    till = operations.open_till(teller=teller, branch=branch, currency="KES", by=system_user(), at=now())
    if kes(cash):
        ledger.post(
            reference=f"test/till/{next(_nth)}/{till.pk}",
            kind="TILL_FUNDING",
            narrative="Cash for a test",
            legs=[
                ledger.debit(till.ledger_account_id, kes(cash)),
                ledger.credit("equity:capital", kes(cash)),
            ],
            at=now(),
        )
    return teller, till


def fill_vault(amount: str) -> None:
    """Cash of the owners in the vault, which cannot pay out what it does not hold."""
    ledger.post(
        reference=f"test/vault/{next(_nth)}",
        kind="CAPITAL",
        narrative="Cash for a test",
        legs=[ledger.debit("cash:vault", kes(amount)), ledger.credit("equity:capital", kes(amount))],
        at=now(),
    )
