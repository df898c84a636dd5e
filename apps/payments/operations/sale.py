"""Asking for an amount at the counter: one code, paid once, in time, or taken back."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import live
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.payments import policies
from apps.payments.errors import BadMerchant, KeyReused, MerchantClosed, SaleOver
from apps.payments.models import Merchant, MerchantStatus, PosSale, PosTerminal, SaleStatus
from apps.payments.operations.ask import require_fits
from apps.payments.operations.start import new_reference, tidy
from apps.payments.rules import ke_qr
from apps.payments.rules.ke_qr import Ask, Kind
from apps.users.models import User

LIFE = timedelta(minutes=15)


@transaction.atomic
def ask_sale(
    *,
    merchant: Merchant,
    amount: Money,
    key: str,
    by: User,
    at: datetime,
    terminal: PosTerminal | None = None,
    note: str = "",
) -> PosSale:
    """An amount to be paid once, within fifteen minutes. The same `key`, the same sale.

    Raises NotFound, NotAllowed, MerchantClosed, BadMerchant for another's terminal, BadAmount, CurrencyMismatch,
    KeyReused.
    """
    policies.require_may_run_shop(by, merchant)
    if merchant.status != MerchantStatus.ACTIVE:
        raise MerchantClosed(_("This shop is closed, so it cannot be paid. No money moved."))
    if terminal is not None and terminal.merchant_id != merchant.pk:
        raise BadMerchant(_("That counter belongs to another shop."))
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if amount.currency != merchant.currency:
        raise CurrencyMismatch(_("The shop is paid in %(currency)s.") % {"currency": merchant.currency})
    require_fits(amount)
    row = PosSale(
        merchant=merchant,
        terminal=terminal,
        amount_minor=amount.minor,
        currency=amount.currency,
        note=tidy(note)[:40],
        reference=new_reference(),
        key=key[:120],
        made_by=by,
        created_at=at,
        expires_at=at + LIFE,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return _first_of(row)
    return row


def _first_of(row: PosSale) -> PosSale:
    first = PosSale.objects.filter(merchant=row.merchant, key=row.key).first()
    if first is None or _meant(first) != _meant(row):
        raise KeyReused(_("This was sent before with other figures. No money moved; start a new sale."))
    return first


def _meant(row: PosSale) -> tuple[Any, ...]:
    return row.amount, row.terminal_id, row.note


@transaction.atomic
def void_sale(*, sale: PosSale, by: User, at: datetime) -> PosSale:
    """Take back what was asked, before it is paid; asked again, it changes nothing. Raises NotFound, NotAllowed,
    SaleOver."""
    policies.require_may_run_shop(by, sale.merchant)
    over = {"status": SaleStatus.VOIDED, "over_at": at}
    if PosSale.objects.filter(pk=sale.pk, status=SaleStatus.OPEN, payment=None).update(**over):
        audit_trail.record("payments.sale.voided", on=sale, by=by, at=at)
        for person in policies.people_of(sale.merchant):
            live.tell(person)
    sale.refresh_from_db()
    if sale.status != SaleStatus.VOIDED:
        words = {
            SaleStatus.PAID: _("It was paid already. Give the money back instead."),
            SaleStatus.OPEN: _("It is being paid just now. Wait until it is paid, then give the money back."),
        }
        raise SaleOver(words.get(SaleStatus(sale.status), _("It has run out already. Nobody can pay it any more.")))
    return sale


def expire_sales(*, at: datetime) -> int:
    """Those nobody paid in time are over."""
    late = PosSale.objects.filter(status=SaleStatus.OPEN, payment=None, expires_at__lte=at)
    return late.update(status=SaleStatus.EXPIRED, over_at=at)


def code_of_sale(sale: PosSale) -> str:
    """The text of the code that asks for exactly this."""
    terminal = sale.terminal.code if sale.terminal else ""
    amount = f"{sale.amount.amount:f}"
    return _code(sale.merchant, sale.created_at, reference=sale.reference, amount=amount, terminal=terminal)


def code_of_merchant(merchant: Merchant) -> str:
    """The text of the shop's open code, for its wall: whoever pays writes the amount."""
    return _code(merchant, None, reference=merchant.till)


def _code(merchant: Merchant, made: datetime | None, **asked: Any) -> str:
    return ke_qr.write(
        Ask(
            payee=ke_qr.Payee(Kind.MERCHANT, merchant.till),
            currency=merchant.currency,
            name=merchant.trading_name,
            city=merchant.town,
            category=merchant.mcc,
            made=f"{timezone.localtime(made):%j%m%Y %H%M%S}" if made else "",
            **asked,
        )
    )
