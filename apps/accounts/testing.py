"""Makers of accounts with money for tests on this floor and above; every shilling comes through the books."""

import itertools
from collections.abc import Sequence
from datetime import datetime

from apps.accounts import operations
from apps.accounts.models import Account, Mandate, Product, Till
from apps.accounts.queries import holding
from apps.accounts.signing import Band
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.notifications.testing import code_sent_to
from apps.users import operations as people
from apps.users.models import BusinessProfile, User
from apps.users.queries import system_user
from apps.users.testing import make_customer, make_staff

EVERYBODY = (Band(None, "ALL"),)
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


def spend(account: Account, amount: str, *, at: datetime | None = None) -> None:
    """Take money out to somewhere outside, free of tier limits."""
    money = Money.of(amount, account.currency)
    operations.post(
        reference=f"test/spend/{next(_nth)}/{account.pk}",
        kind="WITHDRAWAL",
        narrative="Spent by a test",
        movements=[operations.out_of(account, money, "Money out")],
        legs=[ledger.credit(ledger.gl("bank:settlement", account.currency), money)],
        at=at or now(),
    )


def make_deposit(account: Account, amount: str = "10000") -> Account:
    """A fixed deposit of a year beside an account, its money paid in there first."""
    give(account, amount)
    money = Money.of(amount, account.currency)
    key = f"test/{next(_nth)}"
    return operations.open_deposit(
        owner=account.owner, from_account=account, amount=money, months=12, key=key, at=now()
    ).account


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


def make_known(business: BusinessProfile, tier: str = "TIER_3") -> BusinessProfile:
    """A business as kyc leaves it once two officers found it in order."""
    User.objects.filter(pk=business.party_id).update(kyc_tier=tier, kyc_status="VERIFIED")
    business.refresh_from_db()
    return business


def business_account(business: BusinessProfile, *, balance: str = "0", at: datetime | None = None) -> Account:
    """An open account that a known business holds."""
    product = Product.objects.get(code="BUSINESS")
    account = operations.open_business_account(
        business=make_known(business), product=product, by=business.created_by, at=at or now()
    )
    if kes(balance):
        give(account, balance, at=at)
    return account


def sign_mandate(mandate: Mandate, by: User) -> Mandate:
    """With the code of their SMS."""
    row = operations.challenge_mandate(mandate=mandate, by=by, at=now(), method="SMS")
    people.answer(challenge_id=row.pk, user=by, answer=code_sent_to(str(by.phone)), at=now())
    return operations.sign_mandate(mandate=mandate, challenge_id=row.pk, by=by, at=now())


def make_mandate(business: BusinessProfile, *who: User, bands: Sequence[Band] = EVERYBODY) -> Mandate:
    """In force, signed by all it names and every owner."""
    mandate = operations.propose_mandate(
        business=business, signatories=[one.pk for one in who], bands=bands, by=business.created_by, at=now()
    )
    for one in {business.created_by, *who}:
        mandate = sign_mandate(mandate, one)
    return mandate
