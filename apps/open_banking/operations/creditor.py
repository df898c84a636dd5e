"""Who an app wants paid: found and named by the bank before any customer is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, TransactionType
from apps.accounts.rules import is_account_number
from apps.kernel.money import Money
from apps.open_banking.errors import BadAccess
from apps.open_banking.models import PaymentTerms
from apps.payments import operations as payments
from apps.payments.banks.places import rail_for
from apps.payments.errors import PayeeNotFound
from apps.payments.models import Merchant, Payee, Payment
from apps.payments.rails import Destination
from apps.payments.rules.tills import is_till_number
from apps.users.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditor:
    """An account or shop of this bank, or somewhere a rail goes; `key` knows it again."""

    kind: str
    rail: str = "internal"
    account: Account | None = None
    merchant: Merchant | None = None
    destination: dict[str, Any] = field(default_factory=dict)
    name: str
    address: str
    key: str

    @property
    def words(self) -> str:
        """As the customer is shown it, and proves it."""
        return f"{self.name}, {self.address}"[:160]

    def where(self) -> dict[str, Any]:
        """The columns of a consent's terms."""
        return {
            "kind": self.kind, "rail": self.rail, "to_account": self.account, "merchant": self.merchant,
            "destination": self.destination, "payee_name": self.name, "payee_address": self.address,
            "payee_key": self.key,
        }  # fmt: skip


def creditor_here(*, to: str, at: datetime) -> Creditor:
    """Who has this account or shop number. Never by phone or code: an app could ask who of everybody banks here.

    Raises PayeeNotFound, PayeeCannotReceive, MerchantClosed.
    """
    if not (is_account_number(to) or is_till_number(to)):
        raise PayeeNotFound(_("Nobody here has that number. No money moved. Check it with them."))
    found = payments.who_is(to=to, at=at)
    return Creditor(
        kind=found.kind, account=found.account, merchant=found.merchant, name=found.name, address=found.address,
        key=found.key,
    )  # fmt: skip


_BY_MPESA = {
    "phone": TransactionType.MOBILE_MONEY,
    "paybill": TransactionType.BILL_PAYMENT,
    "till": TransactionType.MERCHANT_PAYMENT,
}


def find_creditor(*, asked: Mapping[str, str], amount: Money, at: datetime) -> Creditor:
    """Who is paid, by what an app says of them: an `account` or shop here; an `account` at another `bank` with its
    `name`; by M-Pesa a `phone`, a `till`, or a `paybill` with its `account`.

    Called outside any transaction, because a rail may ask its provider. Raises BadAccess for anything else, and what
    finding a payee raises.
    """
    given = {name: value for name, value in asked.items() if value}
    wallets = [name for name in _BY_MPESA if name in given]
    if len(wallets) == 1 and "bank" not in given and ("account" in given) == (wallets == ["paybill"]):
        return _outside("mpesa", _BY_MPESA[wallets[0]], given, amount, at)
    if wallets or "account" not in given:
        raise BadAccess(_("Say in one way who is paid. Nothing was asked for."))
    if "bank" not in given:
        return creditor_here(to=given["account"], at=at)
    rail = rail_for(code=given["bank"], amount=amount, at=at)
    return _outside(rail, TransactionType.EXTERNAL_TRANSFER, given, amount, at)


def _outside(rail: str, kind: str, asked: dict[str, str], amount: Money, at: datetime) -> Creditor:
    found = payments.find_destination(rail=rail, kind=kind, asked=asked, amount=amount, at=at)
    return Creditor(
        kind=str(kind), rail=rail, destination=found.data, name=found.name[:140], address=found.address[:40],
        key=found.key[:80],
    )  # fmt: skip


def creditor_saved(payee: Payee) -> Creditor:
    """Somebody of the customer's book."""
    return Creditor(
        kind=payee.kind, rail=payee.rail, account=payee.to_account, destination=payee.destination,
        name=payee.payee_name, address=payee.payee_address, key=payee.payee_key,
    )  # fmt: skip


def creditor_of(terms: PaymentTerms) -> Creditor:
    """Whom a consent pays."""
    return Creditor(
        kind=terms.kind, rail=terms.rail, account=terms.to_account, merchant=terms.merchant,
        destination=terms.destination, name=terms.payee_name, address=terms.payee_address, key=terms.payee_key,
    )  # fmt: skip


def begin(
    *, payer: User, account: Account, creditor: Creditor, amount: Money, note: str, key: str, at: datetime
) -> Payment:
    """The payment as `payments` writes it, quoted and not confirmed; between one's own accounts it is made at once.

    Raises what `start`, `start_by_rail` and `move_between_own` raise.
    """
    facts: dict[str, Any] = {"from_account": account, "amount": amount, "key": key, "at": at}
    to = creditor.account
    if to is not None and to.owner_id == payer.pk:
        return payments.move_between_own(owner=payer, to_account=to, **facts)
    if creditor.rail == "internal":
        number = creditor.merchant.till if creditor.merchant else to.number if to else ""
        return payments.start(payer=payer, to=number, note=note, **facts)
    there = Destination(creditor.name, creditor.address, creditor.key, creditor.destination)
    return payments.start_by_rail(
        payer=payer, rail=creditor.rail, kind=creditor.kind, destination=there, note=note, **facts
    )


def cost_of(*, payer: User, account: Account, creditor: Creditor, amount: Money, at: datetime) -> Money:
    """Fee and duty of such a payment today. Raises NotOffered."""
    if creditor.merchant is not None or (creditor.account is not None and creditor.account.owner_id == payer.pk):
        return Money.zero(amount.currency)
    return payments.quote(kind=creditor.kind, account=account, amount=amount, at=at).total
