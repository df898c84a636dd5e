"""Asking to be paid by QR code."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed, TakesNoMoney
from apps.accounts.models import Account, AccountStatus, AccountType
from apps.accounts.policies import holds
from apps.kernel.errors import NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.payments.models import QrCode
from apps.payments.rules import emvco, ke_qr
from apps.users.models import User

LIFE = timedelta(hours=24)


def ask_by_qr(*, account: Account, amount: Money | None, by: User, at: datetime) -> QrCode:
    """A code that leads to an account, one's own or of a business one signs for: without an amount always the same one,
    with an amount good once for a day.

    Raises NotFound, AccountClosed, TakesNoMoney, BadAmount, CurrencyMismatch.
    """
    if not holds(by, account):
        raise NotFound(_("There is no such account, or it is not yours."))
    if account.status == AccountStatus.CLOSED:
        raise AccountClosed(_("That account is closed, so it cannot be paid."))
    if account.account_type == AccountType.FIXED_DEPOSIT:
        raise TakesNoMoney(_("A fixed deposit takes no more money. No money moved. Pay into another account."))
    if amount is not None and amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero, or none."))
    if amount is not None:
        require_fits(amount)
    if amount is not None and amount.currency != account.currency:
        raise CurrencyMismatch(_("The account is in %(currency)s.") % {"currency": account.currency})
    open_code = QrCode.objects.filter(account=account, amount_minor=None)
    if amount is None and (held := open_code.first()):
        return held
    code = QrCode(
        account=account,
        reference=secrets.token_hex(7).upper(),
        amount_minor=amount.minor if amount else None,
        currency=account.currency,
        created_at=at,
        expires_at=at + LIFE if amount else None,
    )
    try:
        with transaction.atomic():
            code.save()
    except IntegrityError:
        return open_code.get()
    return code


def require_fits(amount: Money) -> None:
    """Whether a code can say this amount: one that cannot be drawn is not written down. Raises BadAmount."""
    if len(f"{amount.amount:f}") > emvco.LONGEST_AMOUNT:
        raise BadAmount(_("A code asks for at most 9,999,999,999.99. Nothing was done. Write less."))


def payload(code: QrCode) -> str:
    """The text inside the code."""
    amount = None if code.amount_minor is None else f"{Money(code.amount_minor, code.currency).amount:f}"
    name = code.account.owner.public_name
    return ke_qr.write(
        ke_qr.Ask(
            payee=ke_qr.Payee(ke_qr.Kind.ACCOUNT, code.account.number),
            currency=code.currency,
            amount=amount,
            reference=code.reference,
            name=name,
        )
    )
