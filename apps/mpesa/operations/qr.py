"""Codes that M-Pesa's own app pays: to our paybill, with the account they are for, so that paying needs nothing new."""

import base64
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.policies import holds
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.mpesa import daraja
from apps.mpesa.operations.amounts import require_takes, whole_shillings
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class MpesaCode:
    """The picture, and what it says, for whoever types it instead."""

    png: bytes
    paybill: str
    account: str
    amount: Money

    @property
    def data(self) -> str:
        """The picture in base64."""
        return base64.b64encode(self.png).decode()


def mpesa_code(*, account: Account, amount: Money, by: User, at: datetime) -> MpesaCode:
    """A code to pay `amount` into one's own account or one of a business one signs for.

    Nothing is kept: what is paid comes as any payment to the paybill does. M-Pesa draws it, so call it outside any
    transaction.

    Raises NotFound, AccountClosed, TakesNoMoney, LimitExceeded, NotWholeShillings, OutsideMpesaLimits,
    CurrencyMismatch, Refused, Unavailable.
    """
    if not holds(by, account):
        raise NotFound(_("There is no such account, or it is not yours."))
    require_takes(account)
    whole_shillings(amount)
    accounts.require_room_for(owner=account.owner, amount=amount, at=at)
    png = daraja.dynamic_qr(name=account.owner.full_name, reference=account.number, shillings=amount.minor // 100)
    return MpesaCode(png, settings.DARAJA_SHORTCODE, account.number, amount)
