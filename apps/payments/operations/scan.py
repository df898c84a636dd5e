"""What a scanned code leads to: somebody here, or a way out of the bank by the rail that reaches them."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.payments.errors import BadQr
from apps.payments.rules import emvco, ke_qr
from apps.payments.rules.ke_qr import Ask, Kind

_OUT = {
    Kind.TILL: ("mpesa", TransactionType.MERCHANT_PAYMENT),
    Kind.PAYBILL: ("mpesa", TransactionType.BILL_PAYMENT),
    Kind.PHONE: ("mpesa", TransactionType.MOBILE_MONEY),
    Kind.BANK: ("pesalink", TransactionType.EXTERNAL_TRANSFER),
}


@dataclass(frozen=True, slots=True)
class WayOut:
    """How a code of somebody else's is paid: rail, kind, what the rail is asked, and what the code fixed."""

    rail: str
    kind: str
    asked: dict[str, Any]
    name: str
    amount: Money | None = None
    is_least: bool = False  # the payer may add a tip


def read_code(text: str) -> Ask:
    """What a code asks for. Raises BadQr."""
    try:
        return ke_qr.read("".join(text.splitlines()))
    except emvco.Unreadable as no:
        raise BadQr(_("That code cannot be paid: %(why)s. No money moved.") % {"why": no}) from no


def said_amount(ask: Ask) -> Money | None:
    """The amount that stands in the code. Raises BadQr for parts of a cent."""
    if ask.amount is None:
        return None
    try:
        return Money.of(Decimal(ask.amount), ask.currency)
    except (DomainError, ValueError) as no:
        raise BadQr(_("That code was altered. No money moved. Ask them to show it again.")) from no


def way_out(text: str) -> WayOut | None:
    """Where a code of another participant leads, in shillings; None for a code of ours. Raises BadQr."""
    ask = read_code(text)
    if ask.payee.kind not in _OUT:
        return None
    if ask.currency != "KES":
        raise BadQr(
            _("That code asks for %(currency)s, and only shillings go there. No money moved.")
            % {"currency": ask.currency}
        )
    rail, kind = _OUT[ask.payee.kind]
    asked: dict[str, Any] = {
        Kind.TILL: {"till": ask.payee.number},
        Kind.PAYBILL: {"paybill": ask.payee.number, "account": ask.payee.account},
        Kind.PHONE: {"phone": f"+{ask.payee.number}"},
        Kind.BANK: {"bank": ask.payee.participant, "account": ask.payee.number, "name": ask.name},
    }[ask.payee.kind]
    amount = said_amount(ask)
    if amount is not None and ask.tip is not None:
        whole = Decimal(amount.amount) + ask.tip.on(Decimal(amount.amount))
        amount = Money.of(whole.quantize(Decimal("0.01"), ROUND_HALF_UP), amount.currency)
    is_least = ask.tip is not None and ask.tip.kind == emvco.TipKind.ASK
    return WayOut(rail, kind.value, asked, ask.name, amount, is_least)


def require_amount(way: WayOut, amount: Money | None) -> Money:
    """What is paid: what the code fixed, or what the payer wrote. Raises BadQr when the two differ."""
    if amount is None and way.amount is None:
        raise BadQr(_("That code has no amount. Write how much you pay."))
    if way.amount is None or amount is None:
        return amount or way.amount  # type: ignore[return-value]  # one of the two is there
    if amount != way.amount and not (way.is_least and amount.currency == way.amount.currency and amount > way.amount):
        raise BadQr(_("That code asks for %(amount)s exactly. No money moved.") % {"amount": way.amount})
    return amount
