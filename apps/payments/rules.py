"""QR codes as EMVCo merchant-presented TLV (KE-QR profile): written strictly, read leniently, never without CRC."""

from dataclasses import dataclass

from apps.kernel.money import ISO_NUMBERS

GUID = "ke.go.qr"
OURS = "kitbank.ke"
COUNTRY = "KE"
NUMERIC = {code: f"{number:03d}" for code, number in ISO_NUMBERS.items()}


class Unreadable(ValueError):
    """Not a payment code; the message says why."""


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


def plain(text: str, longest: int) -> str:
    """Printable ASCII, cut to length: what every scanner can show."""
    kept = "".join(char if " " <= char <= "~" else "" for char in text).strip()
    return kept[:longest].strip() or "KITBANK CUSTOMER"[:longest]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a code asks for: an account of this bank, our reference, and maybe an amount (major units, as text)."""

    account_number: str
    reference: str
    currency: str
    amount: str | None = None
    name: str = ""


def write(ask: Ask, *, city: str = "Nairobi") -> str:
    """The text inside the QR code."""
    fields = [
        tlv("00", "01"),
        tlv("01", "12" if ask.amount else "11"),
        tlv("29", tlv("00", GUID) + tlv("01", ask.account_number)),
        tlv("52", "0000"),
        tlv("53", NUMERIC[ask.currency]),
    ]
    if ask.amount:
        fields.append(tlv("54", ask.amount))
    fields += [
        tlv("58", COUNTRY),
        tlv("59", plain(ask.name, 25)),
        tlv("60", plain(city, 15)),
        tlv("62", tlv("05", ask.reference)),
        tlv("83", tlv("00", OURS) + tlv("01", "01")),
    ]
    body = "".join(fields) + "6304"
    return body + crc16(body)


def fields_of(text: str) -> dict[str, str]:
    """Tag to value. Raises Unreadable for a length past the end or a tag twice."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        tag, length = text[place : place + 2], text[place + 2 : place + 4]
        if not (tag.isascii() and tag.isdigit() and len(length) == 2 and length.isascii() and length.isdigit()):
            raise Unreadable("this is not a payment code")
        value = text[place + 4 : place + 4 + int(length)]
        if len(value) != int(length) or tag in found:
            raise Unreadable("the code is damaged")
        found[tag] = value
        place += 4 + int(length)
    return found


def read(text: str) -> Ask:
    """What a scanned code asks for. Raises Unreadable; a wrong CRC is never forgiven."""
    text = text.strip()
    if not text.startswith("000201") or len(text) > 512 or text[-8:-4] != "6304":
        raise Unreadable("this is not a payment code")
    if crc16(text[:-4]) != text[-4:].upper():
        raise Unreadable("the code is damaged or was altered")
    fields = fields_of(text)
    home = fields_of(fields.get("29", ""))
    if home.get("00") != GUID or "01" not in home or fields.get("58") != COUNTRY:
        raise Unreadable("this code is for another bank")
    currency = next((code for code, number in NUMERIC.items() if number == fields.get("53")), "")
    if not currency:
        raise Unreadable("this code asks for a currency we do not keep")
    reference = fields_of(fields.get("62", "")).get("05", "")
    return Ask(home["01"], reference, currency, fields.get("54"), fields.get("59", ""))
