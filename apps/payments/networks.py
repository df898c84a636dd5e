"""Which network a Kenyan phone number was given to; a number that was carried over still shows its first one."""

import phonenumbers
from phonenumbers import carrier

from apps.users.rules import Unreadable, phone

SOLD = ("Safaricom", "Airtel", "Telkom")


def airtime_phone(text: str) -> tuple[str, str]:
    """The number in E.164 and its network, from any usual way of writing it. Raises Unreadable."""
    number = phone(text)
    name = str(carrier.name_for_number(phonenumbers.parse(number), "en")) if number.startswith("+254") else ""
    if name not in SOLD:
        raise Unreadable("not sold here")
    return number, name
