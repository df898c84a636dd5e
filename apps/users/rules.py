"""How phones, e-mail addresses, identity numbers and names are read, kept and shown."""

import re
import unicodedata
from datetime import date
from itertools import pairwise

import phonenumbers

from apps.kernel.text import one_line

ADULT_YEARS = 18
_ID_NUMBER = re.compile(r"[1-9][0-9]{5,8}", re.ASCII)  # Kenyan national ID: 7 or 8 digits, old ones 6, Maisha 9
_PHONE = re.compile(r"[0-9 +().-]{1,24}", re.ASCII)
_PASTED = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2010": "-", "\u2011": "-", "\u2013": "-"}
)  # as phone books copy
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322; whoever has other letters before the @ cannot be mailed by SMTP
_EMAIL_NAME = re.compile(rf"(?=.{{1,64}}\Z){_ATOM}(\.{_ATOM})*", re.ASCII)
_EMAIL_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=.*[a-z])[a-z0-9-]{1,62}[a-z0-9]", re.ASCII)
_LONGEST_HOST = 253
_CONTROL = {"Cc", "Cs", "Co", "Cn"}


class Unreadable(ValueError):
    """The text is not what it should be; the message says what was wanted."""


def phone(text: str, region: str = "KE") -> str:
    """A mobile number in E.164 (`+254712345908`) from any usual way of writing it, and as phone books copy it, between
    marks that nobody sees. Raises Unreadable.
    """
    text = one_line(text.translate(_PASTED))
    if not _PHONE.fullmatch(text):
        raise Unreadable("Write the number with the digits 0 to 9, like 0712 345 908.")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Unreadable("That is not a phone number. Write it like 0712 345 908.") from None
    kind = phonenumbers.number_type(number)
    mobile = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    if not phonenumbers.is_valid_number(number) or kind not in mobile:
        raise Unreadable("That is not a mobile number. Write it like 0712 345 908.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(e164: str) -> str:
    """`0712 345 908` for a Kenyan number, the international form for others."""
    number = phonenumbers.parse(e164)
    style = phonenumbers.PhoneNumberFormat
    if number.country_code == 254:
        digits = f"0{number.national_number}"
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    return phonenumbers.format_number(number, style.INTERNATIONAL)


def masked_phone(e164: str) -> str:
    """`0712 ••• 908`: enough to recognise one's own."""
    shown = shown_phone(e164)
    head, _, tail = shown.replace(" ", "")[:4], "", shown.replace(" ", "")[-3:]
    return f"{head} ••• {tail}"


def masked_email(address: str) -> str:
    """`ac•••@example.com`."""
    name, _, host = address.partition("@")
    return f"{name[:2]}•••@{host}"


def email(text: str) -> str:
    """An address as it is kept: trimmed, lower case, its host as mail finds it: `ｅxample.com` is `example.com`."""
    name, at, host = text.strip().lower().rpartition("@")
    try:
        return f"{name}{at}{host.encode('idna').decode('idna') if len(host) <= _LONGEST_HOST else host}"
    except UnicodeError:
        return f"{name}{at}{host}"


def checked_email(text: str) -> str:
    """An address that could receive mail. Raises Unreadable."""
    address = email(text)
    name, _at, host = address.rpartition("@")
    if len(address) > 254 or not _EMAIL_NAME.fullmatch(name) or not _EMAIL_HOST.fullmatch(_in_ascii(host)):
        raise Unreadable("That is not an e-mail address. Write it like name@example.com.")
    return address


def _in_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode() if len(host) <= _LONGEST_HOST else ""
    except UnicodeError:
        return ""


def id_number(text: str) -> str:
    """A national identity number: digits only, 6 to 9 of them. Raises Unreadable."""
    digits = text.replace(" ", "")
    if not _ID_NUMBER.fullmatch(digits):
        raise Unreadable("A national ID number has 6 to 9 digits and does not start with 0.")
    return digits


def full_name(text: str) -> str:
    """A name as people write it: trimmed, inner spaces single, nothing that is not seen. Raises Unreadable."""
    clean = one_line(text)
    if any(unicodedata.category(char) in _CONTROL for char in clean):
        raise Unreadable("The name has characters that cannot be printed.")
    if not 2 <= len(clean) <= 120 or not any(char.isalpha() for char in clean):
        raise Unreadable("Write your full name as it stands on your ID.")
    return clean


def age_on(born: date, day: date) -> int:
    """Completed years on `day`."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def half_name(name: str) -> str:
    """The name shown to someone who is about to pay: first name whole, the others by initial."""
    first, *rest = name.split()
    return " ".join([first, *(f"{part[0]}." for part in rest)])


# As the Business Registration Service and the registrars of groups write them; the older forms are still in use.
_REGISTRATIONS = {
    "SOLE": re.compile(r"BN[-/](\d{4}/\d{1,7}|[A-Z0-9]{5,10})", re.ASCII),
    "PARTNERSHIP": re.compile(
        r"(BN[-/](\d{4}/\d{1,7}|[A-Z0-9]{5,10})|LLP[-/](\d{4}/\d{1,7}|[A-Z0-9]{5,10}))", re.ASCII
    ),
    "COMPANY": re.compile(r"(CPR/\d{4}/\d{1,7}|(PVT|PLC|CLG|FC)-[A-Z0-9]{5,10}|C\.\d{2,6})", re.ASCII),
    "GROUP": re.compile(r"(SHG|CBO|CG|WG|YG)(/[A-Z0-9]{1,8}){1,3}", re.ASCII),
}
REGISTRATION_EXAMPLES = {
    "SOLE": "BN-7QX4K2P",
    "PARTNERSHIP": "LLP-2K7Q9XA",
    "COMPANY": "PVT-2LU5DG9",
    "GROUP": "SHG/KSM/2021/457",
}


def registration_number(text: str, kind: str) -> str:
    """The number of a business as its certificate has it, in the form that fits its kind. Raises Unreadable."""
    number = re.sub(r"\s+", "", text).upper()
    if len(number) > 24 or not _REGISTRATIONS[kind].fullmatch(number):
        raise Unreadable(f"Write the number as it stands on the certificate, like {REGISTRATION_EXAMPLES[kind]}.")
    return number


def business_name(text: str) -> str:
    """A name as it is registered: trimmed, inner spaces single, nothing that is not seen. Raises Unreadable."""
    clean = one_line(text)
    if any(unicodedata.category(char) in _CONTROL for char in clean):
        raise Unreadable("The name has characters that cannot be printed.")
    if not 2 <= len(clean) <= 100 or not any(char.isalnum() for char in clean):
        raise Unreadable("Write the name as it is registered, 2 to 100 characters.")
    return clean


def ussd_pin(pin: str, *, phone: str, born: date | None, today: date) -> None:
    """Four to six digits that others would not try first. Raises Unreadable."""
    if not (pin.isascii() and pin.isdecimal() and 4 <= len(pin) <= 6):
        raise Unreadable("A USSD PIN has 4 to 6 digits.")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    half = len(pin) // 2
    is_repeat = len(set(pin)) == 1 or (len(pin) % 2 == 0 and pin[:half] == pin[half:]) or pin[:2] * 3 == pin
    if is_repeat or steps in ({1}, {9}):
        raise Unreadable("That PIN is guessed first: no rows like 1234, no repeats like 1111 or 1212.")
    if len(pin) == 4 and 1900 <= int(pin) <= today.year:
        raise Unreadable("That PIN looks like a year. Choose one that is no date.")
    if phone.endswith(pin):
        raise Unreadable("That PIN is the end of your phone number. Choose another.")
    if born and pin in {f"{born:{form}}" for form in ("%d%m", "%m%d", "%d%m%y", "%m%d%y", "%y%m%d", "%Y")}:
        raise Unreadable("That PIN is your birthday. Choose another.")
