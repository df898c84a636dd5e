"""What a record may hold: facts as JSON, with personal data struck out in this one place."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from apps.kernel.money import Money

STRUCK = "•••"
LONGEST = 2000  # characters kept of one text

# Members whose value says who somebody is, or opens a door: never kept, whatever they look like.
_SECRET = re.compile(
    r"pass(word|code|phrase)|secret|token|authorization|cookie|otp|(^|_)pins?($|_)|cvv|private|seed|mnemonic|api_?key"
    r"|^code$|_code_hash$|signature",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"birth|(^|_)dob($|_)", re.IGNORECASE)
_NUMBERED = re.compile(
    r"phone|msisdn|mobile|id_number|national_id|passport|kra_pin|tax_number|account_?(number|no)$|iban|card_number"
    r"|(^|_)pan($|_)|paybill_account",
    re.IGNORECASE,
)
_NOT_PERSONAL = re.compile(r"_minor$|amount|_hash$|^request_id$|(^|_)(id|at|on)$", re.IGNORECASE)

_EMAIL = re.compile(r"([^@\s<>]{1,2})[^@\s<>]*@([^@\s<>]+\.[^@\s<>,;]+)")
# Another number of somebody in running text: 9 or more digits, single spaces allowed, not part of a longer word.
# A phone as people write it, with dashes, dots or other spaces, also right after a word's dot (`Tel.0712-345-908`).
_PHONE = re.compile(r"(?<![\w+-])(?<!\d\.)(?:\+?254|0)[\s.-]?[17]\d{2}[\s.-]?\d{3}[\s.-]?\d{3}(?![\w-]|\.\d)")
_LONG_NUMBER = re.compile(r"(?<![\w.+-])\+?\d(?:[ ]?\d){8,18}(?![\w-]|\.\d)")


def facts(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """`values` as they are recorded: JSON types only, personal data and secrets struck out."""
    return {str(name): _kept(str(name), value) for name, value in (values or {}).items()}


def text(words: str) -> str:
    """Running text (a reason) with e-mail addresses and long numbers struck out."""
    masked = _EMAIL.sub(rf"\1{STRUCK}@\2", words)
    for numbers in (_PHONE, _LONG_NUMBER):
        masked = numbers.sub(lambda found: masked_number(found.group()), masked)
    return masked[:LONGEST]


def masked_number(number: str) -> str:
    """Enough of a phone, account or identity number to recognise it: `0712 ••• 908`, or its last three digits."""
    digits = re.sub(r"\D", "", number)
    if re.fullmatch(r"(254|0)?[17]\d{8}", digits):
        return f"0{digits[-9:-6]} {STRUCK} {digits[-3:]}"
    return f"{STRUCK}{digits[-3:]}" if len(digits) >= 6 else STRUCK


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members of `before` and `after` that differ, for `record(before=…, after=…)`.

    A member that only one of them has is in that one alone.
    """
    missing = object()
    names = [name for name in {**before, **after} if before.get(name, missing) != after.get(name, missing)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def _kept(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(inner): _kept(str(inner), found) for inner, found in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_kept(name, found) for found in value]
    if value is None or isinstance(value, bool):
        return value
    if _SECRET.search(name) or _BIRTH.search(name):
        return STRUCK
    if isinstance(value, Money):
        return {"amount": f"{value.amount:f}", "currency": value.currency}
    plain = _plain(value)
    if _NUMBERED.search(name):
        return masked_number(str(plain))
    if isinstance(plain, str):
        return plain[:LONGEST] if _NOT_PERSONAL.search(name) else text(plain)
    return plain


def _plain(value: Any) -> str | int:
    """One value as text or a whole number; a float is written as text, so that it stays what it was."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return str(value)
