"""M-Pesa as a way out of the bank: to a phone, a paybill or a till."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.kernel.errors import DomainError
from apps.kernel.known import known_as
from apps.kernel.money import Money
from apps.mpesa import identities, operations
from apps.mpesa.errors import BadPaybill
from apps.mpesa.operations.amounts import mpesa_phone, whole_shillings
from apps.payments.errors import PayeeNotFound
from apps.payments.models import Payment
from apps.payments.rails import Destination
from apps.users.rules import shown_phone

log = structlog.get_logger(__name__)
LEAST_TO_PHONE_MINOR = 10_00
_NUMBER = re.compile(r"[0-9]{5,7}", re.ASCII)
_NO_PHONE: Any = _("Nobody has M-Pesa on that number. No money moved. Check it with them.")
_NO_TILL: Any = _("M-Pesa has no till of that number. No money moved. Check it with the shop.")
_NO_PAYBILL: Any = _("M-Pesa has no paybill of that number. No money moved. Check it with the biller.")
_OURS: Any = _(
    "That is KitBank's own number. No money moved. Send it inside the bank: to a phone or an account number."
)
_ACCOUNT = re.compile(r"[0-9A-Za-z .#/_-]{1,13}", re.ASCII)


class MpesaRail:
    """`asked`: `{"phone"}`, `{"paybill", "account"}` or `{"till"}`, by the kind of payment."""

    code, settlement = "mpesa", "mpesa:settlement"

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> Destination:
        """Read and named, by M-Pesa where it tells. Raises BadMpesaPhone, BadPaybill, NotWholeShillings, …, and
        PayeeNotFound when M-Pesa says that it has nobody of that number.
        """
        found = self.read(kind=kind, asked=asked, amount=amount)
        to = found.data
        if "phone" in to:
            name = _named(lambda: identities.name_of_phone(to["phone"], at=at), _NO_PHONE)
        elif "till" in to:
            name = _named(lambda: identities.name_of_business(to["till"], is_till=True), _NO_TILL)
        else:
            name = _named(lambda: identities.name_of_business(to["paybill"], is_till=False), _NO_PAYBILL)
        return replace(found, name=name or found.name)

    def read(self, *, kind: str, asked: dict[str, Any], amount: Money) -> Destination:
        """As `destination`, without a name from M-Pesa."""
        if kind == TransactionType.MOBILE_MONEY:
            whole_shillings(amount, least_minor=LEAST_TO_PHONE_MINOR)
            phone = mpesa_phone(str(asked.get("phone", "")))
            return Destination("M-Pesa", shown_phone(phone), known_as(f"mpesa/{phone}"), {"phone": phone})
        whole_shillings(amount)
        if kind == TransactionType.MERCHANT_PAYMENT:
            till = _number(asked.get("till"))
            return Destination("M-Pesa", f"Till {till}", f"till/{till}", {"till": till})
        paybill, account = _number(asked.get("paybill")), _account(asked.get("account"))
        there = {"paybill": paybill, "account": account}
        return Destination("Paybill", f"{paybill}, {account}", known_as(f"paybill/{paybill}/{account}"), there)

    def pace(self) -> int:
        """By setting: M-Pesa refuses bursts."""
        return int(settings.MPESA_BULK_PACE)

    def arrives(self, kind: str) -> Any:
        """In a minute."""
        return _("Mostly within a minute")

    def send(self, *, payment: Payment, at: datetime) -> None:
        """See `operations.send_payout`."""
        operations.send_payout(payment=payment, at=at)

    def ask(self, *, payment: Payment, at: datetime) -> None:
        """See `operations.ask_about_payout`."""
        operations.ask_about_payout(payment=payment, at=at)


def _number(text: Any) -> str:
    number = str(text or "").replace(" ", "")
    if not _NUMBER.fullmatch(number):
        raise BadPaybill(_("A paybill or till has 5 to 7 digits. No money moved. Check the number."))
    if number == settings.DARAJA_SHORTCODE:  # M-Pesa would give money that leaves and comes one receipt
        raise BadPaybill(_OURS)
    return number


def _account(text: Any) -> str:
    account = " ".join(str(text or "").split())
    if not _ACCOUNT.fullmatch(account):
        raise BadPaybill(_("Write the account at the biller: 1 to 13 letters or digits. No money moved."))
    return account


def _named(ask: Callable[[], str | None], nobody: Any) -> str:
    """The name, when the bank may ask for it; that M-Pesa does not answer keeps nobody from paying. Raises
    PayeeNotFound, saying `nobody`, when it answers that there is none: the money would be set aside only to come back.
    """
    if not settings.DARAJA_NAMES:
        return ""
    try:
        name = ask()
    except DomainError as no:
        log.info("no_name_from_mpesa", because=str(no))
        return ""
    if name is None:
        raise PayeeNotFound(nobody)
    return name
