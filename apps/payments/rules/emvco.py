"""QR codes of EMVCo's merchant-presented mode 1.1: written strictly, read leniently, never without their CRC.

What is not known is kept, so that a code read and written again says the same. Lengths count characters; the CRC is
over the bytes of UTF-8.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

LONGEST = 512
LONGEST_AMOUNT = 13  # signs of tag 54
BILL, MOBILE, STORE, LOYALTY, REFERENCE, CUSTOMER, TERMINAL, PURPOSE, WANTED = (f"{tag:02d}" for tag in range(1, 10))
ASKED_OF_PAYER = "***"  # a sub-field of 62 that the payer fills in
_AMOUNT = re.compile(r"\d{1,13}(\.\d*)?")
_ENDS = "6304"
Template = Mapping[str, str]


class Unreadable(ValueError):
    """Not a payment code; the message says why."""


class TipKind(StrEnum):
    """What tag 55 says of a tip or a convenience fee."""

    ASK = "01"
    FIXED = "02"
    PERCENT = "03"


@dataclass(frozen=True, slots=True)
class Tip:
    """Comes on top of the amount: what the payer chooses, a fixed amount (major units), or a percentage."""

    kind: TipKind
    value: str = ""

    def on(self, amount: Decimal) -> Decimal:
        """What it adds to `amount` at least, in major units, not rounded."""
        if self.kind == TipKind.FIXED:
            return Decimal(self.value)
        return amount * Decimal(self.value) / 100 if self.kind == TipKind.PERCENT else Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Everything a code says. `amount` is in major units, as text; a template that is none is kept as its text."""

    accounts: Mapping[str, "str | Template"]  # 02 to 51; from 26 on templates whose 00 is a GUID
    category: str = "0000"  # 52, ISO 18245
    currency: str = "404"  # 53, ISO 4217
    amount: str | None = None  # 54
    tip: Tip | None = None  # 55 to 57
    country: str = "KE"  # 58
    name: str = ""  # 59
    city: str = ""  # 60
    postal_code: str = ""  # 61
    more: Template = field(default_factory=dict)  # 62
    local: Template = field(default_factory=dict)  # 64: 00 language, 01 name, 02 city
    others: Mapping[str, "str | Template"] = field(default_factory=dict)  # 65 to 79 as they came, 80 to 99 templates
    is_dynamic: bool | None = None  # 01: made for one payment; none: it does not say


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE (poly 1021, init FFFF), four upper-case hex digits; "123456789" gives 29B1."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return f"{crc:04X}"


def tlv(tag: str, value: str) -> str:
    """One field: two-digit tag, two-digit length, value (EMVCo QR 4.3)."""
    if not 0 < len(value) <= 99:
        raise Unreadable(f"field {tag} has {len(value)} characters")
    return f"{tag}{len(value):02d}{value}"


def plain(text: str, longest: int, otherwise: str) -> str:
    """Printable ASCII, cut to length: what every scanner can show."""
    kept = "".join(char if " " <= char <= "~" else "" for char in text).strip()
    return kept[:longest].strip() or otherwise[:longest]


def write(code: Code) -> str:
    """The text inside the QR code. Raises Unreadable when it would not be one of the standard."""
    fields = [
        _as_wanted("00", "01", "01"),
        *([] if code.is_dynamic is None else [tlv("01", "12" if code.is_dynamic else "11")]),
        *_accounts(code),
        _as_wanted("52", code.category, r"\d{4}"),
        _as_wanted("53", code.currency, r"\d{3}"),
        *([] if code.amount is None else [tlv("54", _amount(code.amount))]),
        *_tip(code.tip),
        _as_wanted("58", code.country, "[A-Z]{2}"),
        _as_wanted("59", code.name, "[ -~]{1,25}"),
        _as_wanted("60", code.city, "[ -~]{1,15}"),
        *([_as_wanted("61", code.postal_code, "[ -~]{1,10}")] if code.postal_code else []),
        *([tlv("62", _additional(code.more))] if code.more else []),
        *([tlv("64", _language(code.local))] if code.local else []),
        *_others(code),
    ]
    body = "".join(fields) + _ENDS
    if len(body) + 4 > LONGEST:
        raise Unreadable(f"the code would have more than {LONGEST} characters")
    return body + crc16(body)


def _as_wanted(tag: str, value: str, pattern: str) -> str:
    if not re.fullmatch(pattern, value):
        raise Unreadable(f"field {tag} cannot be {value!r}")
    return tlv(tag, value)


def _accounts(code: Code) -> list[str]:
    if not code.accounts:
        raise Unreadable("a code leads to an account")
    written = []
    for tag, value in sorted(code.accounts.items()):
        if not re.fullmatch("0[2-9]|[1-4][0-9]|5[01]", tag):
            raise Unreadable(f"field {tag} is no account")
        written.append(tlv(tag, _template(tag, value)) if tag >= "26" else tlv(tag, str(value)))
    return written


def _template(tag: str, value: "str | Template") -> str:
    if isinstance(value, str) or not value.get("00"):
        raise Unreadable(f"template {tag} does not say whose it is")
    return _nested(value)


def _nested(value: Template) -> str:
    for tag in value:
        _as_wanted("00", tag, r"\d{2}")
    return "".join(tlv(tag, text) for tag, text in sorted(value.items()))


def _tip(tip: Tip | None) -> list[str]:
    if tip is None:
        return []
    said = [tlv("55", tip.kind.value)]
    if tip.kind == TipKind.FIXED:
        said.append(tlv("56", _amount(tip.value)))
    elif tip.kind == TipKind.PERCENT:
        _require_percentage(tip.value)
        said.append(tlv("57", tip.value))
    elif tip.value:
        raise Unreadable("a tip that is asked for has no amount")
    return said


def _additional(more: Template) -> str:
    for tag, value in more.items():
        if tag <= WANTED and len(value) > (3 if tag == WANTED else 25):
            raise Unreadable(f"field {tag} of 62 is too long")
    return _nested(more)


def _language(local: Template) -> str:
    if not re.fullmatch("[A-Za-z]{2}", local.get("00", "")) or not 0 < len(local.get("01", "")) <= 25:
        raise Unreadable("another language needs its code and the name")
    return _nested(local)


def _others(code: Code) -> list[str]:
    written = []
    for tag, value in sorted(code.others.items()):
        if not re.fullmatch("6[5-9]|[7-9][0-9]", tag):
            raise Unreadable(f"field {tag} has its own place")
        written.append(tlv(tag, _template(tag, value) if tag >= "80" else str(value)))
    return written


def _amount(text: str) -> str:
    """Digits, perhaps a point and more digits; more than nothing (EMVCo QR 4.7.4)."""
    if len(text) > LONGEST_AMOUNT or not text.isascii() or not _AMOUNT.fullmatch(text) or not Decimal(text):
        raise Unreadable("the amount in the code is none")
    return text


def _require_percentage(text: str) -> None:
    """00.01 to 99.99 (EMVCo QR 4.7.6)."""
    if not text.isascii() or not re.fullmatch(r"\d{1,2}(\.\d{0,2})?", text) or not Decimal(text):
        raise Unreadable("the percentage in the code is none")


def fields_of(text: str) -> dict[str, str]:
    """Tag to value. Raises Unreadable for a length past the end or a tag twice."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        tag, length = text[place : place + 2], text[place + 2 : place + 4]
        if not _are_digits(tag) or not _are_digits(length):
            raise Unreadable("this is not a payment code")
        value = text[place + 4 : place + 4 + int(length)]
        if len(value) != int(length) or tag in found:
            raise Unreadable("the code is damaged")
        found[tag] = value
        place += 4 + int(length)
    return found


def _are_digits(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isdigit()


def read(text: str) -> Code:
    """What a scanned code says. Raises Unreadable; a wrong CRC is never forgiven."""
    text = text.strip()
    if not text.startswith("000201") or len(text) > LONGEST or text[-8:-4] != _ENDS:
        raise Unreadable("this is not a payment code")
    if crc16(text[:-4]) != text[-4:].upper():
        raise Unreadable("the code is damaged or was altered")
    fields = fields_of(text)
    if "63" not in fields or list(fields)[-1] != "63":
        raise Unreadable("the code is damaged")
    accounts = {tag: _nest(tag, value) for tag, value in fields.items() if "02" <= tag <= "51"}
    others = {tag: _nest(tag, value) for tag, value in fields.items() if tag >= "65"}
    return Code(
        accounts=accounts,
        category=fields.get("52", "0000"),
        currency=fields.get("53", ""),
        amount=_amount(fields["54"]) if "54" in fields else None,
        tip=_read_tip(fields),
        country=fields.get("58", ""),
        name=fields.get("59", ""),
        city=fields.get("60", ""),
        postal_code=fields.get("61", ""),
        more=_or_nothing(fields.get("62", "")),
        local=_or_nothing(fields.get("64", "")),
        others=others,
        is_dynamic={"11": False, "12": True}.get(fields.get("01", "")),
    )


def _nest(tag: str, value: str) -> "str | Template":
    """A template where one belongs; its text when its writer did not know."""
    if "02" <= tag <= "25" or "65" <= tag <= "79":
        return value
    nested = _or_nothing(value)
    return nested if nested.get("00") else value


def _or_nothing(value: str) -> dict[str, str]:
    try:
        return fields_of(value)
    except Unreadable:
        return {}


def _read_tip(fields: Mapping[str, str]) -> Tip | None:
    """A tip that is said wrongly would take more or less than the payer is shown, so it is refused."""
    said = fields.get("55")
    if said is None:
        return None
    try:
        kind = TipKind(said)
    except ValueError:
        raise Unreadable("the tip in the code cannot be read") from None
    if kind == TipKind.FIXED:
        return Tip(kind, _amount(fields.get("56", "")))
    if kind == TipKind.PERCENT:
        _require_percentage(fields.get("57", ""))
        return Tip(kind, fields["57"])
    return Tip(kind)
