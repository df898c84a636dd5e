"""Whom an app in the sandbox can have paid: another account of the same sandbox, where the money arrives, or an
address outside it, which nobody is asked about.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.kernel.money import Money
from apps.open_banking.errors import BadAccess
from apps.open_banking.models import DeveloperAccount, SandboxAccount, SandboxTerms
from apps.payments.banks.places import bank_of
from apps.payments.errors import BadBankAccount, PayeeNotFound
from apps.users.rules import Unreadable, phone

_DIGITS = {"till": (5, 7), "paybill": (5, 7)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxCreditor:
    """Who is paid; `key` knows them again, `account` is theirs where they are of the sandbox too."""

    txn_type: str
    name: str
    address: str
    key: str
    account: SandboxAccount | None = None

    @property
    def words(self) -> str:
        """As the page shows it."""
        return f"{self.name}, {self.address}"[:160]

    def where(self) -> dict[str, Any]:
        """The columns of a consent's terms, and of a payment."""
        return {
            "txn_type": self.txn_type, "to_account": self.account, "payee_name": self.name,
            "payee_address": self.address, "payee_key": self.key,
        }  # fmt: skip


def creditor_of(terms: SandboxTerms) -> SandboxCreditor:
    """Whom a consent pays."""
    return SandboxCreditor(
        txn_type=terms.txn_type, name=terms.payee_name, address=terms.payee_address, key=terms.payee_key,
        account=terms.to_account,
    )  # fmt: skip


def payee_here(*, developer: DeveloperAccount, to: str) -> SandboxCreditor:
    """An account of the developer's own sandbox, by its number or by the id `/obp/` names it with.

    Raises PayeeNotFound: no account of the bank is found from the sandbox.
    """
    plain = to.replace(" ", "")
    rows = SandboxAccount.objects.filter(persona__developer=developer).select_related("persona")
    row = rows.filter(**({"number": plain} if plain.isdigit() else {"public_id": _uuid(plain)})).first()
    if row is None:
        raise PayeeNotFound(_("Nobody in your sandbox has that number. No money moved. Pay one of its accounts."))
    return SandboxCreditor(
        txn_type=TransactionType.P2P_TRANSFER, name=row.persona.full_name, address=row.masked_number,
        key=f"sandbox/{row.public_id}", account=row,
    )  # fmt: skip


def _uuid(text: str) -> uuid.UUID:
    """An id, or for what is none the one that nothing has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def find_payee(
    *, developer: DeveloperAccount, asked: Mapping[str, str], amount: Money, at: datetime
) -> SandboxCreditor:  # fmt: skip
    """Who is paid, asked for as in live (`find_creditor`). No rail and no bank is asked: outside, whoever is named is
    there. Raises BadAccess, PayeeNotFound, BankNotFound, BadBankAccount.
    """
    given = {name: value for name, value in asked.items() if value}
    wallets = [name for name in ("phone", "till", "paybill") if name in given]
    if len(wallets) == 1 and "bank" not in given and ("account" in given) == (wallets == ["paybill"]):
        return _by_mpesa(wallets[0], given)
    if wallets or "account" not in given:
        raise BadAccess(_("Say in one way who is paid. Nothing was asked for."))
    if "bank" not in given:
        return payee_here(developer=developer, to=given["account"])
    return _at_bank(given, at)


def _by_mpesa(wallet: str, given: Mapping[str, str]) -> SandboxCreditor:
    number = given[wallet]
    if wallet == "phone":
        try:
            number = phone(number)
        except Unreadable as no:
            raise PayeeNotFound(_("That is no phone number of M-Pesa. No money moved.")) from no
        return _outside(TransactionType.MOBILE_MONEY, "M-Pesa", number, f"mpesa/{number}")
    least, most = _DIGITS[wallet]
    if not (number.isascii() and number.isdigit() and least <= len(number) <= most):
        raise PayeeNotFound(_("M-Pesa has no such number. No money moved. Check it with them."))
    if wallet == "till":
        return _outside(TransactionType.MERCHANT_PAYMENT, f"Till {number}", number, f"mpesa/till/{number}")
    reference = given["account"]
    return _outside(
        TransactionType.BILL_PAYMENT, f"Paybill {number}", f"{number} {reference}", f"mpesa/{number}/{reference}"
    )


def _at_bank(given: Mapping[str, str], at: datetime) -> SandboxCreditor:
    bank, account = bank_of(given["bank"], at), given["account"].replace(" ", "")
    if not (account.isascii() and account.isalnum() and 6 <= len(account) <= 20):
        raise BadBankAccount(_("An account number has 6 to 20 digits or letters. No money moved. Check it with them."))
    name = given.get("name") or _("Customer of %(bank)s") % {"bank": bank.name}
    address = f"{bank.name} •••{account[-4:]}"
    return _outside(TransactionType.EXTERNAL_TRANSFER, str(name), address, f"bank/{bank.code}/{account.upper()}")


def _outside(txn_type: str, name: str, address: str, key: str) -> SandboxCreditor:
    return SandboxCreditor(txn_type=str(txn_type), name=name[:140], address=address[:40], key=key[:80])
