"""Where money for another bank goes: read, checked and named before anything is proven."""

import re
from datetime import datetime
from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date
from apps.kernel.errors import Unavailable
from apps.kernel.known import known_as
from apps.kernel.money import CurrencyMismatch, Money
from apps.payments.banks import wire
from apps.payments.banks.iban import BadIban, read_bic, read_iban
from apps.payments.banks.reasons import why
from apps.payments.errors import BadBankAccount, BankNotFound, OutsideBankLimits, PayeeNotFound
from apps.payments.models import Corridor, Method, OtherBank, OutRail, Purpose
from apps.payments.rails import Destination
from apps.users.rules import half_name

log = structlog.get_logger(__name__)
MOST_BY_PESALINK = Money.of(999_999, "KES")  # IPSL: the most of one transfer
_ACCOUNT = re.compile(r"[0-9A-Za-z]{6,20}", re.ASCII)
_PHONE = re.compile(r"(?:\+?254|0)([71][0-9]{8})", re.ASCII)
_ABROAD = re.compile(r"[0-9A-Za-z]{4,30}", re.ASCII)


def rail_for(*, code: str, amount: Money, at: datetime) -> OutRail:
    """PesaLink while it takes it, because it is there at once; else RTGS for what it does not carry, and EFT to
    banks that take no part in PesaLink. Raises BankNotFound.
    """
    if amount > MOST_BY_PESALINK:
        return OutRail.RTGS
    return OutRail.PESALINK if bank_of(code, at).is_pesalink else OutRail.EFT


def bank_of(code: str, at: datetime) -> OtherBank:
    """A bank of the directory, on that day. Raises BankNotFound."""
    found = OtherBank.objects.on(local_date(at)).filter(code=code).first()
    if found is None:
        raise BankNotFound(_("There is no such bank in our list. No money moved. Choose one of the list."))
    return found


def at_bank(*, asked: dict[str, Any], amount: Money, at: datetime, rail: str) -> Destination:
    """An account at a bank of Kenya, or a phone registered with one (PesaLink alone), named by its bank if it tells.

    Raises BankNotFound, BadBankAccount, OutsideBankLimits, CurrencyMismatch, PayeeNotFound.
    """
    if amount.currency != "KES":
        raise CurrencyMismatch(_("Banks in Kenya are paid in shillings. No money moved."))
    bank = bank_of(str(asked.get("bank", "")), at)
    account = _account(str(asked.get("account", "")), by_phone=rail == OutRail.PESALINK)
    if rail == OutRail.PESALINK and (not bank.is_pesalink or amount > MOST_BY_PESALINK):
        raise OutsideBankLimits(
            _("PesaLink carries at most %(most)s, to banks that take part. No money moved. Send it by RTGS.")
            % {"most": MOST_BY_PESALINK}
        )
    typed = " ".join(str(asked.get("name", "")).split())[:140]
    told = _named(bank.code, account) if bank.is_pesalink else wire.Named()
    if told.reason:
        raise PayeeNotFound(f"{bank.name}: {_(why(told.reason))} {_('No money moved.')}")
    if not told.name and not typed:
        raise BadBankAccount(_("Their bank does not tell us the name. Write the name of who is paid."))
    shown = half_name(told.name) if told.name else typed
    where: dict[str, Any] = {"bank": bank.code, "bic": bank.bic, "account": account, "name": told.name or typed}
    where |= {"is_named_by_bank": bool(told.name)}
    return Destination(shown, f"{bank.name} •••{account[-4:]}"[:40], known_as(f"bank/{bank.code}/{account}"), where)


def _account(text: str, *, by_phone: bool) -> str:
    plain = re.sub(r"[\s-]", "", text)
    if by_phone and (phone := _PHONE.fullmatch(plain)):
        return f"254{phone[1]}"
    if not _ACCOUNT.fullmatch(plain):
        raise BadBankAccount(_("An account number has 6 to 20 digits or letters. No money moved. Check it with them."))
    return plain.upper()


def _named(bank: str, account: str) -> wire.Named:
    """That the switch does not tell keeps nobody from paying: then the payer writes the name."""
    try:
        return wire.name_of(bank, account)
    except Unavailable as no:
        log.info("no_name_from_bank", bank=bank, because=str(no))
        return wire.Named()


def abroad(*, corridor: Corridor, asked: dict[str, Any]) -> Destination:
    """An account or wallet in another country. Raises BadBankAccount."""
    name = " ".join(str(asked.get("name", "")).split())[:140]
    town = " ".join(str(asked.get("town", "")).split())[:35]
    if len(name) < 3 or not name.isprintable() or len(name.split()) < 2:
        raise BadBankAccount(_("Write their first and last name, as their bank knows them. No money moved."))
    purpose = str(asked.get("purpose", ""))
    if purpose not in Purpose.values:
        raise BadBankAccount(_("Say what the money is for. No money moved."))
    account, bic = _there(corridor, str(asked.get("account", "")), str(asked.get("bic", "")))
    where = {
        "country": corridor.country,
        "currency": corridor.currency,
        "method": corridor.method,
        "account": account,
        "bic": bic,
        "name": name,
        "town": town,
        "purpose": purpose,
    }
    address = f"{corridor.country} •••{account[-4:]}"
    return Destination(name, address, known_as(f"abroad/{corridor.country}/{account}"), where)


def _there(corridor: Corridor, account: str, bic: str) -> tuple[str, str]:
    country = corridor.country
    try:
        if corridor.method == Method.IBAN:
            return read_iban(account, country), read_bic(bic, country)
        plain = re.sub(r"[\s+-]", "", account).upper()
        if not _ABROAD.fullmatch(plain) or (corridor.method == Method.WALLET and not plain.isdecimal()):
            raise BadIban(account[:40])
        # A wallet's operator is the partner's to find by the number, so no bank is named but the partner's own.
        return plain, read_bic(bic, country) if corridor.method == Method.ACCOUNT else ""
    except BadIban as no:
        raise BadBankAccount(
            _("That account or bank code cannot be right: a digit is wrong or missing. No money moved. Check it.")
        ) from no
