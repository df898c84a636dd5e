"""Who a row is for, as it was typed: a phone, an account of this bank, a till or a paybill."""

import re
from dataclasses import dataclass

from apps.accounts.rules import is_account_number
from apps.payments.paysheet.amounts import BadCell
from apps.users import rules

_TILL = re.compile(r"till[ :#-]*([0-9]{5,7})", re.IGNORECASE | re.ASCII)
_PAYBILL = re.compile(r"paybill[ :#-]*([0-9]{5,7})[ /,:-]+([0-9A-Za-z .#_-]{1,13})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Payee:
    """`kind` is phone, account, till or paybill; `number` its number; `account` the one at a paybill."""

    kind: str
    number: str
    account: str = ""


def read_payee(text: str, *, was_number: bool = False) -> Payee:
    """Read the payee's cell. `was_number`: a spreadsheet kept it as a number, so leading noughts are gone.

    Raises BadCell: PAYEE_MISSING, PAYEE_UNREADABLE, PAYEE_TWO_WAYS (a number that could be a phone or an account).
    """
    bare = " ".join(text.split())
    if not bare:
        raise BadCell("PAYEE_MISSING")
    if till := _TILL.fullmatch(bare):
        return Payee("till", till[1])
    if paybill := _PAYBILL.fullmatch(bare):
        return Payee("paybill", paybill[1], paybill[2].strip())
    digits = bare.replace(" ", "")
    account = digits.zfill(12) if was_number and digits.isdigit() and len(digits) >= 9 else digits
    phone = _phone(bare)
    if is_account_number(account):
        if phone and was_number:
            raise BadCell("PAYEE_TWO_WAYS")
        return Payee("account", account)
    if not phone:
        raise BadCell("PAYEE_UNREADABLE")
    return Payee("phone", phone)


def _phone(text: str) -> str:
    try:
        return rules.phone(text)
    except rules.Unreadable:
        return ""
