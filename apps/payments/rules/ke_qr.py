"""KE-QR, the Kenya Quick Response Code Standard 2023 of the central bank, on EMVCo's merchant-presented codes.

The text of the standard is not public: what stands here is how codes in use are written. Template 28 leads to mobile
money (01 its number, 02 a phone of twelve digits), 29 to an account at a bank (01 the account, 02 the participant of
the central bank's directory), 82 is when it was made, 83 the operator's own. Sub-fields of 29, 82 and 83 beyond their
GUID are provisional.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from apps.kernel.money import ISO_NUMBERS
from apps.payments.rules import emvco
from apps.payments.rules.emvco import Code, Template, Tip, Unreadable

GUID = "ke.go.qr"
OURS = "kitbank.ke"
MPESA = "m-pesa.com"
COUNTRY = "KE"
NUMERIC = {code: f"{number:03d}" for code, number in ISO_NUMBERS.items()}
_CODES = {number: code for code, number in NUMERIC.items()}


class Kind(StrEnum):
    """Who can be paid by a code."""

    ACCOUNT = "ACCOUNT"  # of this bank
    MERCHANT = "MERCHANT"  # of this bank
    TILL = "TILL"  # M-Pesa, Buy Goods
    PAYBILL = "PAYBILL"  # M-Pesa, with an account at the biller
    PHONE = "PHONE"  # M-Pesa
    BANK = "BANK"  # an account at another participant


_FLOWS = {Kind.PHONE: "02", Kind.TILL: "03", Kind.PAYBILL: "04"}  # 83/01 of M-Pesa; one author's reading, unconfirmed
_CASH = "01"  # cash at an M-Pesa agent
_OWN = {Kind.ACCOUNT: "01", Kind.MERCHANT: "02"}  # 83/01 of ours


@dataclass(frozen=True, slots=True)
class Payee:
    """Where the money goes. `account` is the payer's account at a biller; `participant` a bank of the directory."""

    kind: Kind
    number: str
    account: str = ""
    participant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a code asks for. `amount` is in major units, as text; none: the payer chooses."""

    payee: Payee
    currency: str
    amount: str | None = None
    reference: str = ""
    name: str = ""
    city: str = "Nairobi"
    category: str = "0000"
    terminal: str = ""
    made: str = ""
    tip: Tip | None = None


def write(ask: Ask) -> str:
    """The text inside the code. Raises Unreadable when it would not be one of the standard."""
    others: dict[str, str | Template] = {"83": _operator(ask.payee)} if ask.payee.kind != Kind.BANK else {}
    if ask.made:
        others["82"] = {"00": GUID, "01": ask.made}
    more = {emvco.REFERENCE: ask.reference, emvco.TERMINAL: ask.terminal, emvco.BILL: ask.payee.account}
    return emvco.write(
        Code(
            accounts=_account(ask.payee),
            category=ask.category,
            currency=NUMERIC[ask.currency],
            amount=ask.amount,
            tip=ask.tip,
            country=COUNTRY,
            name=emvco.plain(ask.name, 25, "KITBANK CUSTOMER"),
            city=emvco.plain(ask.city, 15, "Nairobi"),
            more={tag: value for tag, value in more.items() if value},
            others=others,
            is_dynamic=ask.amount is not None,
        )
    )


def _account(payee: Payee) -> dict[str, "str | Template"]:
    if payee.kind in {Kind.TILL, Kind.PAYBILL}:
        return {"28": {"00": GUID, "01": payee.number}}
    if payee.kind == Kind.PHONE:
        return {"28": {"00": GUID, "02": payee.number}}
    at = {"02": payee.participant} if payee.participant else {}
    if payee.kind == Kind.BANK and not at:
        raise Unreadable("an account at a bank needs the bank")
    return {"29": {"00": GUID, "01": payee.number, **at}}


def _operator(payee: Payee) -> dict[str, str]:
    if payee.kind in _OWN:
        return {"00": OURS, "01": _OWN[payee.kind]}
    return {"00": MPESA, "01": _FLOWS[payee.kind]}


def read(text: str) -> Ask:
    """What a scanned code asks for. Raises Unreadable; a wrong CRC is never forgiven."""
    code = emvco.read(text)
    if code.country != COUNTRY:
        raise Unreadable("this code is from another country")
    currency = _CODES.get(code.currency)
    if currency is None:
        raise Unreadable("this code asks for a currency we do not keep")
    made = _sub(code.others.get("82"), "01")
    return Ask(
        payee=_payee(code),
        currency=currency,
        amount=code.amount,
        reference=code.more.get(emvco.REFERENCE, ""),
        name=code.name,
        city=code.city,
        category=code.category,
        terminal=code.more.get(emvco.TERMINAL, ""),
        made=made,
        tip=code.tip,
    )


def _sub(template: "str | Template | None", tag: str) -> str:
    return "" if template is None or isinstance(template, str) else template.get(tag, "")


def _payee(code: Code) -> Payee:
    bank, mobile, operator = code.accounts.get("29"), code.accounts.get("28"), code.others.get("83")
    if _sub(bank, "00") == GUID and _sub(bank, "01"):
        number, participant = _sub(bank, "01"), _sub(bank, "02")
        if _sub(operator, "00") == OURS:
            kind = Kind.MERCHANT if _sub(operator, "01") == _OWN[Kind.MERCHANT] else Kind.ACCOUNT
            return Payee(kind, number, participant=participant)
        if not participant:
            raise Unreadable("this code does not say at which bank")
        return Payee(Kind.BANK, number, participant=participant)
    if mobile is not None and (isinstance(mobile, str) or _sub(mobile, "00") == GUID):
        return _mobile(code, mobile, _sub(operator, "01") if _sub(operator, "00") == MPESA else "")
    raise Unreadable("this code leads to nobody we can pay")


def _mobile(code: Code, mobile: "str | Template", flow: str) -> Payee:
    """M-Pesa's own flow when it says one; else a phone by its twelve digits, a bill by its account, or a till."""
    number = mobile if isinstance(mobile, str) else _sub(mobile, "01") or _sub(mobile, "02")
    if flow == _CASH:
        raise Unreadable("this code is for taking cash from an agent")
    if re.fullmatch("254[0-9]{9}", number):
        return Payee(Kind.PHONE, number)
    if not re.fullmatch("[0-9]{5,7}", number):
        raise Unreadable("this code leads to nobody we can pay")
    account = _bill_account(code, is_bill=flow == _FLOWS[Kind.PAYBILL])
    if flow == _FLOWS[Kind.PAYBILL] or (not flow and account):
        return Payee(Kind.PAYBILL, number, account)
    return Payee(Kind.TILL, number)


def _bill_account(code: Code, *, is_bill: bool) -> str:
    """The payer's account at the biller; empty when the payer fills it in."""
    tags = (emvco.BILL, emvco.CUSTOMER, emvco.REFERENCE) if is_bill else (emvco.BILL,)
    said = (code.more.get(tag, "") for tag in tags)
    return next((text for text in said if text and text != emvco.ASKED_OF_PAYER), "")
