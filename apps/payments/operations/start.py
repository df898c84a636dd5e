"""Beginning a payment: who is paid is found and named before anything is proven or moved."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees
from apps.accounts.models import Account, AccountStatus, TransactionType
from apps.accounts.queries import main_account
from apps.accounts.rules import is_account_number
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.payments import rails, rules
from apps.payments.errors import BadQr, KeyReused, PayeeCannotReceive, PayeeNotFound, ToYourself
from apps.payments.models import Payment, PaymentRequest, QrCode
from apps.users.models import User
from apps.users.rules import half_name, masked_phone

LIFE = timedelta(minutes=15)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: read over the phone


@dataclass(frozen=True, slots=True)
class Payee:
    """Who would be paid: the account, the name to show, the masked address, and what a QR code fixed."""

    account: Account
    name: str
    address: str
    amount: Money | None = None
    qr_code: QrCode | None = None


def find_payee(*, to: str, payer: User, at: datetime) -> Payee:
    """By phone, account number or QR text. Raises PayeeNotFound, PayeeCannotReceive, BadQr, ToYourself."""
    if to.strip().startswith("000201"):
        payee = _by_qr(to, at)
    elif is_account_number(to):
        payee = _by_account(to.replace(" ", ""))
    else:
        payee = _by_phone(to)
    if payee.account.owner_id == payer.pk:
        raise ToYourself(_("That is your own account. No money moved. To move money between your accounts, use Move."))
    if payee.account.status == AccountStatus.CLOSED:
        raise PayeeCannotReceive(_("That account is closed. No money moved. Ask them for another."))
    return payee


def _nobody() -> PayeeNotFound:
    return PayeeNotFound(_("Nobody at KitBank has that phone or account number. No money moved. Check it with them."))


def _by_account(number: str) -> Payee:
    account = Account.objects.select_related("owner").filter(number=number).first()
    if account is None or not account.owner.is_active:
        raise _nobody()
    return Payee(account, half_name(account.owner.full_name), account.masked_number)


def _by_phone(phone: str) -> Payee:
    owner = User.objects.customers().with_phone(phone).first()
    account = main_account(owner) if owner and owner.is_active else None
    if owner is None or account is None:
        raise _nobody()
    return Payee(account, half_name(owner.full_name), masked_phone(str(owner.phone)))


def _by_qr(text: str, at: datetime) -> Payee:
    try:
        ask = rules.read(text)
    except rules.Unreadable as no:
        raise BadQr(_("That code cannot be paid: %(why)s. No money moved.") % {"why": no}) from no
    code = QrCode.objects.select_related("account__owner").filter(reference=ask.reference).first()
    if code is None:
        return _by_account(ask.account_number)
    amount = None if code.amount_minor is None else Money(code.amount_minor, code.currency)
    said = Money.of(ask.amount, ask.currency) if ask.amount else None
    if code.account.number != ask.account_number or amount != said:
        raise BadQr(_("That code was altered. No money moved. Ask them to show it again."))
    if code.used_at or (code.expires_at and code.expires_at <= at):
        raise BadQr(_("That code was used or has run out. No money moved. Ask them for a new one."))
    payee = _by_account(code.account.number)
    return Payee(payee.account, payee.name, payee.address, amount, code)


def start(
    *,
    payer: User,
    from_account: Account,
    to: str,
    amount: Money | None,
    key: str,
    at: datetime,
    note: str = "",
    request: PaymentRequest | None = None,
    channel: str = "",
) -> Payment:
    """Write down what the payer means to do; nothing moves until it is confirmed. The same `key`, the same payment.

    Raises what `find_payee` raises, BadAmount, CurrencyMismatch, NotFound, KeyReused, NotOffered.
    """
    if from_account.owner_id != payer.pk:
        raise NotFound(_("There is no such account, or it is not yours."))
    payee = find_payee(to=to, payer=payer, at=at)
    amount = _amount(amount, payee)
    if amount.currency != from_account.currency or payee.account.currency != amount.currency:
        raise CurrencyMismatch(
            _("Both accounts must be in %(currency)s for this. No money moved.") % {"currency": amount.currency}
        )
    kind = TransactionType.QR_PAYMENT if payee.qr_code else TransactionType.P2P_TRANSFER
    charge = quote(kind=kind, account=from_account, amount=amount, at=at)
    return _written(
        Payment(
            kind=kind,
            payer=payer,
            from_account=from_account,
            to_account=payee.account,
            payee_name=payee.name,
            payee_address=payee.address,
            payee_key=account_key(payee.account),
            amount_minor=amount.minor,
            fee_minor=charge.fee.minor,
            duty_minor=charge.duty.minor,
            currency=amount.currency,
            note=tidy(note),
            key=key[:120],
            qr_code=payee.qr_code,
            request=request,
            channel=channel,
            reference=new_reference(),
            created_at=at,
            expires_at=at + LIFE,
        )
    )


def find_destination(*, rail: str, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> rails.Destination:
    """Read and name where a payment should leave to, as its rail does: `asked` is phone, paybill or till.

    A rail may ask its provider for the name, so this is called outside any transaction. Raises RailNotConnected, and
    what the rail says of the destination or the amount.
    """
    return rails.rail(rail).destination(kind=kind, asked=asked, amount=amount, at=at)


def start_by_rail(
    *,
    payer: User,
    from_account: Account,
    rail: str,
    kind: str,
    destination: rails.Destination,
    amount: Money,
    key: str,
    at: datetime,
    note: str = "",
    channel: str = "",
) -> Payment:
    """Write down a payment that leaves the bank; nothing moves until it is confirmed. The same `key`, the same payment.

    `destination` comes from `find_destination`. Raises NotFound, BadAmount, CurrencyMismatch, KeyReused, NotOffered.
    """
    if from_account.owner_id != payer.pk:
        raise NotFound(_("There is no such account, or it is not yours."))
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if amount.currency != from_account.currency:
        raise CurrencyMismatch(_("The account is in %(currency)s.") % {"currency": from_account.currency})
    charge = quote(kind=kind, account=from_account, amount=amount, at=at)
    return _written(
        Payment(
            kind=kind,
            payer=payer,
            from_account=from_account,
            rail=rail,
            destination=destination.data,
            payee_name=destination.name[:140],
            payee_address=destination.address[:40],
            payee_key=destination.key[:80],
            amount_minor=amount.minor,
            fee_minor=charge.fee.minor,
            duty_minor=charge.duty.minor,
            currency=amount.currency,
            note=tidy(note),
            key=key[:120],
            channel=channel,
            reference=new_reference(),
            created_at=at,
            expires_at=at + LIFE,
        )
    )


def quote(*, kind: str, account: Account, amount: Money, at: datetime) -> fees.Charge:
    """What a payment of this kind costs from this account, fee and duty. Raises NotOffered."""
    return fees.quote(charged_for=kind, amount=amount, product=account.product, on=local_date(at))


def account_key(account: Account) -> str:
    """How a payee of this bank is known again."""
    return f"accounts/{account.pk}"


def new_reference() -> str:
    """What people quote: `K` and nine signs that survive a phone call."""
    return "K" + "".join(secrets.choice(_ALPHABET) for _nth in range(9))


def tidy(note: str) -> str:
    """One line of at most 80 characters."""
    return " ".join(note.split())[:80]


def _written(payment: Payment) -> Payment:
    try:
        with transaction.atomic():
            payment.save()
    except IntegrityError:
        return first_of(payment)
    return payment


def _amount(amount: Money | None, payee: Payee) -> Money:
    if payee.amount is not None and amount is not None and amount != payee.amount:
        raise BadQr(_("That code asks for %(amount)s exactly. No money moved.") % {"amount": payee.amount})
    chosen = payee.amount or amount
    if chosen is None or chosen.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    return chosen


def first_of(payment: Payment) -> Payment:
    first = (
        Payment.objects.select_related("from_account", "to_account")
        .filter(payer=payment.payer, key=payment.key)
        .first()
    )
    if first is None:
        raise KeyReused(_("Try once more. No money moved."))
    if _meant(first) != _meant(payment):
        raise KeyReused(_("This was sent before with other figures. No money moved; start a new payment."))
    return first


def _meant(payment: Payment) -> tuple[Any, ...]:
    asked = payment.kind, payment.from_account_id, payment.payee_key, payment.amount, payment.note
    return *asked, payment.request_id
