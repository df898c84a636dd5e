"""Makers and assertions for tests on this floor and above."""

from datetime import UTC, date, datetime
from itertools import count

from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries, verification
from apps.ledger.models import Period
from apps.ledger.rules.accounts import AccountRef

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # noon in Nairobi, a Monday
_next = count(1)


def kes(amount: str | int) -> Money:
    """Shillings: `kes("1234.50")`."""
    return Money.of(amount, "KES")


def make_period(name: str, first_on: date, last_on: date, status: str = "OPEN") -> Period:
    """A period as it may stand, also as no operation would leave it."""
    return Period.objects.create(name=name, first_on=first_on, last_on=last_on, status=status)


def open_wallet(
    amount: Money | str | int | None = None, *, currency: str = "KES", code: str = "", floor: Money | None = None
) -> AccountRef:
    """A customer's locked account, with money in it when an amount is given."""
    wallet = ledger.open_account(
        code=code or f"wallet/{next(_next):06}",
        name="Wallet of a test",
        kind="LIABILITY",
        currency=currency,
        floor=floor,
        parent_code=f"2010-{currency}",
        at=NOON,
    )
    if amount is not None:
        fund(wallet, amount if isinstance(amount, Money) else Money.of(amount, currency))
    return wallet


def fund(account: AccountRef | int, amount: Money, *, at: datetime = NOON) -> ledger.Posted:
    """Money in from M-Pesa."""
    return ledger.post(
        reference=f"tests/fund/{next(_next)}",
        kind="TEST_FUNDING",
        narrative="Money for a test",
        legs=[ledger.debit(f"1040-{amount.currency}", amount), ledger.credit(account, amount)],
        at=at,
    )


def pay(
    payer: AccountRef, payee: AccountRef | str, amount: Money, *, reference: str = "", at: datetime = NOON
) -> ledger.Posted:
    """A payment between two accounts of customers, or to one of the bank's own."""
    return ledger.post(
        reference=reference or f"tests/pay/{next(_next)}",
        kind="TEST_PAYMENT",
        narrative="A payment of a test",
        legs=[ledger.debit(payer, amount), ledger.credit(payee, amount)],
        at=at,
    )


def posted_in(account: AccountRef | int) -> Money:
    """What is posted in an account."""
    return queries.balance(account if isinstance(account, int) else account.id).posted


def assert_books_balance() -> None:
    """Every registered check of the books finds nothing."""
    findings = verification.verify()
    assert not findings, "\n".join(f"{one.check}: {one.says}" for one in findings)
