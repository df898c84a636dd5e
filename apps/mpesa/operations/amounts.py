"""What M-Pesa asks of amounts and phones, said before anything is sent."""

import re

from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed, TakesNoMoney
from apps.accounts.models import Account, AccountStatus, AccountType
from apps.kernel.money import CurrencyMismatch, Money
from apps.mpesa import rules
from apps.mpesa.errors import BadMpesaPhone, BadPaybill, NotWholeShillings, OutsideMpesaLimits
from apps.users.rules import Unreadable
from apps.users.rules import phone as read_phone

_NUMBER = re.compile(r"[0-9]{5,7}", re.ASCII)


def whole_shillings(amount: Money, *, least_minor: int = rules.LEAST_MINOR) -> int:
    """The amount in shillings. Raises CurrencyMismatch, NotWholeShillings, OutsideMpesaLimits."""
    if amount.currency != "KES":
        raise CurrencyMismatch(_("M-Pesa carries shillings. No money moved. Choose an account in KES."))
    if amount.minor % 100:
        raise NotWholeShillings(_("M-Pesa carries whole shillings. No money moved. Leave out the cents."))
    if not least_minor <= amount.minor <= rules.MOST_MINOR:
        words = _("M-Pesa carries from KES %(least)s to KES 250,000 at a time. No money moved.")
        raise OutsideMpesaLimits(words % {"least": least_minor // 100})
    return amount.minor // 100


def require_takes(account: Account) -> None:
    """Whether money from M-Pesa may come onto an account, asked before a PIN takes what it could not hold.

    Raises AccountClosed, TakesNoMoney, CurrencyMismatch.
    """
    if account.status == AccountStatus.CLOSED:
        raise AccountClosed(_("That account is closed. No money moved."))
    if account.account_type == AccountType.FIXED_DEPOSIT:
        raise TakesNoMoney(_("A fixed deposit takes no more money. No money moved. Pay into another account."))
    if account.currency != "KES":
        raise CurrencyMismatch(_("M-Pesa carries shillings. No money moved. Choose an account in KES."))


def mpesa_phone(text: str) -> str:
    """A Kenyan mobile number as `+254…`. Raises BadMpesaPhone."""
    try:
        phone = read_phone(text)
    except Unreadable as no:
        raise BadMpesaPhone(_("That is not a mobile number. Write it like 0712 345 908.")) from no
    if not phone.startswith("+254"):
        raise BadMpesaPhone(_("M-Pesa needs a Kenyan number. Write it like 0712 345 908."))
    return phone


def till_of_shop(text: str) -> str:
    """A till's number. Raises BadPaybill."""
    number = text.replace(" ", "")
    if not _NUMBER.fullmatch(number):
        raise BadPaybill(_("A paybill or till has 5 to 7 digits. No money moved. Check the number."))
    return number
