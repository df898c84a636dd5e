"""Beginning a payment: who is paid is found and named before anything is proven or moved."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees
from apps.accounts.models import Account, AccountStatus, AccountType, TransactionType
from apps.accounts.queries import main_account
from apps.accounts.rules import is_account_number
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.text import one_line
from apps.payments import rails
from apps.payments.errors import (
    BadQr,
    KeyReused,
    PayeeCannotReceive,
    PayeeNotFound,
    SaleOver,
    ToYourself,
)
from apps.payments.models import Merchant, Payment, PaymentRequest, PosSale, QrCode
from apps.payments.operations.follow import require_takes
from apps.payments.operations.scan import read_code, said_amount
from apps.payments.rules.ke_qr import Ask, Kind
from apps.payments.rules.tills import is_till_number
from apps.users.models import User
from apps.users.rules import half_name, masked_phone

LIFE = timedelta(minutes=15)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: read over the phone


@dataclass(frozen=True, slots=True)
class Payee:
    """Who would be paid: an account or a shop, the name to show, the masked address, and what a QR code fixed."""

    account: Account | None
    name: str
    address: str
    amount: Money | None = None
    qr_code: QrCode | None = None
    merchant: Merchant | None = None
    sale: PosSale | None = None
    by_code: bool = False

    @property
    def kind(self) -> TransactionType:
        """What a payment to them is."""
        if self.qr_code or (self.merchant and self.by_code):
            return TransactionType.QR_PAYMENT
        return TransactionType.MERCHANT_PAYMENT if self.merchant else TransactionType.P2P_TRANSFER

    @property
    def key(self) -> str:
        """How they are known again."""
        return f"merchants/{self.merchant.pk}" if self.merchant else account_key(self.account) if self.account else ""

    @property
    def currency(self) -> str:
        """What they can be paid in."""
        return self.merchant.currency if self.merchant else self.account.currency if self.account else ""


def find_payee(*, to: str, payer: User, at: datetime) -> Payee:
    """By phone, account number, a shop's number or QR text.

    Raises PayeeNotFound, PayeeCannotReceive, MerchantClosed, BadQr, SaleOver, ToYourself.
    """
    payee = who_is(to=to, at=at)
    owner_id = payee.merchant.owner_id if payee.merchant else payee.account and payee.account.owner_id
    if owner_id == payer.pk:
        raise ToYourself(_("That is your own account. No money moved. To move money between your accounts, use Move."))
    return payee


def who_is(*, to: str, at: datetime) -> Payee:
    """The same before anybody is known who will pay. Raises what `find_payee` raises, but ToYourself."""
    plain = one_line(to).replace(" ", "")  # numbers are pasted with spaces, and between marks that nobody sees
    if to.strip().startswith("000201"):
        payee = _by_qr(to, at)
    elif is_till_number(plain):
        payee = _by_till(plain)
    elif is_account_number(plain):
        payee = _by_account(plain)
    else:
        payee = _by_phone(to)
    if payee.account and payee.account.status == AccountStatus.CLOSED:
        raise PayeeCannotReceive(_("That account is closed. No money moved. Ask them for another."))
    if payee.account and payee.account.account_type == AccountType.FIXED_DEPOSIT:
        raise PayeeCannotReceive(_("A fixed deposit takes no more money. No money moved. Pay into another account."))
    return payee


def _nobody() -> PayeeNotFound:
    return PayeeNotFound(_("Nobody at KitBank has that phone or account number. No money moved. Check it with them."))


def _by_account(number: str) -> Payee:
    account = Account.objects.select_related("owner").filter(number=number).first()
    if account is None or not account.owner.is_active:
        raise _nobody()
    return Payee(account, account.owner.public_name, account.masked_number)


def _by_phone(phone: str) -> Payee:
    owner = User.objects.customers().with_phone(phone).first()
    account = main_account(owner) if owner and owner.is_active else None
    if owner is None or account is None:
        raise _nobody()
    return Payee(account, half_name(owner.full_name), masked_phone(str(owner.phone)))


def _by_qr(text: str, at: datetime) -> Payee:
    ask = read_code(text)
    if ask.payee.kind == Kind.MERCHANT:
        return _by_shop_code(ask, at)
    if ask.payee.kind != Kind.ACCOUNT:
        raise BadQr(_("That code leads out of KitBank. No money moved. Pay it on the page for codes."))
    code = QrCode.objects.select_related("account__owner").filter(reference=ask.reference).first()
    if code is None:
        return _by_bare_code(ask)
    amount = None if code.amount_minor is None else Money(code.amount_minor, code.currency)
    if (code.account.number, code.currency, amount) != (ask.payee.number, ask.currency, said_amount(ask)):
        raise BadQr(_("That code was altered. No money moved. Ask them to show it again."))
    if code.used_at or (code.expires_at and code.expires_at <= at):
        raise BadQr(_("That code was used or has run out. No money moved. Ask them for a new one."))
    payee = _by_account(code.account.number)
    return Payee(payee.account, payee.name, payee.address, amount, code)


def _by_bare_code(ask: Ask) -> Payee:
    """A code that names an account and nothing else: whatever more it asks for, the bank would have written down."""
    payee = _by_account(ask.payee.number)
    if ask.reference or ask.amount is not None or ask.currency != payee.currency:
        raise BadQr(_("That code was altered. No money moved. Ask them to show it again."))
    return payee


def _by_till(till: str) -> Payee:
    shop = Merchant.objects.select_related("owner", "business").filter(till=till).first()
    if shop is None:
        raise PayeeNotFound(_("No shop has that number. No money moved. Check it with them."))
    require_takes(shop)
    return Payee(None, shop.trading_name, shop.till, merchant=shop)


def _by_shop_code(ask: Ask, at: datetime) -> Payee:
    """The shop's open code, whose reference is its number, or the code of one sale."""
    payee = replace(_by_till(ask.payee.number), by_code=True)
    amount = said_amount(ask)
    sale = PosSale.objects.filter(reference=ask.reference, merchant=payee.merchant).first()
    if sale is None:
        if amount is not None or ask.currency != payee.currency or ask.reference not in {"", ask.payee.number}:
            raise BadQr(_("That code was altered. No money moved. Ask them to show it again."))
        return payee
    if amount != sale.amount:
        raise BadQr(_("That code was altered. No money moved. Ask them to show it again."))
    if not PosSale.objects.payable(at).filter(pk=sale.pk).exists():
        raise SaleOver(_("That was paid, taken back or has run out. No money moved. Ask for a new code."))
    return replace(payee, amount=sale.amount, sale=sale)


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

    Paying a shop costs the payer nothing. Raises what `find_payee` raises, BadAmount, CurrencyMismatch, NotFound,
    KeyReused, NotOffered.
    """
    if from_account.owner_id != payer.pk:
        raise NotFound(_("There is no such account, or it is not yours."))
    payee = find_payee(to=to, payer=payer, at=at)
    amount = _amount(amount, payee)
    if amount.currency != from_account.currency or payee.currency != amount.currency:
        raise CurrencyMismatch(
            _("Both accounts must be in %(currency)s for this. No money moved.") % {"currency": amount.currency}
        )
    charge = quote_for(payee, account=from_account, amount=amount, at=at)
    return _written(
        Payment(
            kind=payee.kind,
            payer=payer,
            from_account=from_account,
            to_account=payee.account,
            merchant=payee.merchant,
            sale=payee.sale,
            payee_name=payee.name,
            payee_address=payee.address,
            payee_key=payee.key,
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


def quote_for(payee: Payee, *, account: Account, amount: Money, at: datetime) -> fees.Charge:
    """As `quote`, for someone here; the shop pays for being paid. Raises NotOffered."""
    if payee.merchant is not None:
        return fees.nothing(amount.currency)
    return quote(kind=payee.kind, account=account, amount=amount, at=at)


def account_key(account: Account) -> str:
    """How a payee of this bank is known again."""
    return f"accounts/{account.pk}"


def new_reference() -> str:
    """What people quote: `K` and nine signs that survive a phone call."""
    return "K" + "".join(secrets.choice(_ALPHABET) for _nth in range(9))


def tidy(note: str) -> str:
    """One line of at most 80 characters, without marks that would turn around what stands beside it."""
    return one_line(note)[:80]


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
    return *asked, payment.request_id, payment.sale_id
