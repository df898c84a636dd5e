"""Who holds money: organisations with their shortcodes, and subscribers with their phones."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulators.house import House
from simulators.providers.daraja import money, switches
from simulators.providers.daraja.defaults import MERCHANT, ORGANISATIONS, TILL, UTILITY, WALLET, WORKING
from simulators.providers.daraja.money import Side

MSISDN = re.compile(r"254[17]\d{8}")
STATES = ("ACTIVE", "FROZEN", "UNREGISTERED", "UNKNOWN", "OFF")
TARIFFS = ("NONE", "CUSTOMER", "BUSINESS")
PIN_TRIES = 3
_FIRST = [
    "Wanjiku",
    "Otieno",
    "Achieng",
    "Mwangi",
    "Njeri",
    "Kiprop",
    "Chebet",
    "Mutua",
    "Nafula",
    "Barasa",
    "Halima",
    "Juma",
    "Nyambura",
    "Omondi",
]
_LAST = [
    "Kamau",
    "Odhiambo",
    "Wafula",
    "Kimani",
    "Cheruiyot",
    "Mutiso",
    "Hassan",
    "Maina",
    "Wekesa",
    "Ndungu",
    "Ouma",
    "Karanja",
    "Rotich",
]


@dataclass(frozen=True)
class Organisation:
    """A paybill or a till."""

    shortcode: str
    name: str
    kind: str
    head: str
    products: str
    is_active: int
    validates: int
    most_cents: int | None
    tariff: str
    response_type: str
    confirmation_url: str
    validation_url: str
    c2b_version: str
    pull_registered: int
    bill_app_key: str
    bill_callback_url: str

    @property
    def takes_in(self) -> Side:
        """Where customers' payments go."""
        return Side(self.shortcode, MERCHANT if self.kind == TILL else UTILITY)

    @property
    def works_from(self) -> Side:
        """Where payments to other businesses come from; a till has one account."""
        return Side(self.shortcode, MERCHANT if self.kind == TILL else WORKING)

    @property
    def shown(self) -> str:
        """`600000 - Umeme Power`."""
        return f"{self.shortcode} - {self.name}"

    def may(self, product: str) -> bool:
        """Whether the product is assigned to the shortcode."""
        return self.products == "*" or product in self.products.split(",")


@dataclass(frozen=True)
class Subscriber:
    """A phone with a wallet."""

    msisdn: str
    first_name: str
    middle_name: str
    last_name: str
    pin: str
    failures: int
    state: str
    swapped_on: str

    @property
    def wallet(self) -> Side:
        """Where their money is."""
        return Side(self.msisdn, WALLET)

    @property
    def shown(self) -> str:
        """`254712345908 - Wanjiku Mwangi Kamau`."""
        return f"{self.msisdn} - {self.first_name} {self.middle_name} {self.last_name}"

    @property
    def is_locked(self) -> bool:
        """After too many wrong PINs."""
        return self.failures >= PIN_TRIES


def organisation(house: House, shortcode: str) -> Organisation | None:
    """By shortcode; those of `defaults` come into being when first asked for."""
    row = house.store.row("SELECT * FROM daraja_organisation WHERE shortcode = ?", shortcode)
    if row is None and shortcode in ORGANISATIONS:
        _found(house, shortcode)
        row = house.store.row("SELECT * FROM daraja_organisation WHERE shortcode = ?", shortcode)
    return Organisation(**row) if row else None


def _found(house: House, shortcode: str) -> None:
    first = ORGANISATIONS[shortcode]
    with house.store.write() as connection:
        made = connection.execute(
            "INSERT OR IGNORE INTO daraja_organisation (shortcode, name, kind, head) VALUES (?, ?, ?, ?)",
            (shortcode, first.name, first.kind, first.head),
        ).rowcount
        if made:
            taken = MERCHANT if first.kind == TILL else WORKING
            money.set_balance(house, Side(shortcode, taken), first.working)
            if first.utility:
                money.set_balance(house, Side(shortcode, UTILITY), first.utility)


def till_of_head(house: House, head: str) -> Organisation | None:
    """The till that a head office number prompts for."""
    for code, first in ORGANISATIONS.items():
        if first.head == head:
            organisation(house, code)
    row = house.store.row("SELECT * FROM daraja_organisation WHERE head = ? AND kind = ?", head, TILL)
    return Organisation(**row) if row else None


def set_organisation(house: House, shortcode: str, columns: dict[str, Any]) -> Organisation:
    """Make an organisation, or change one."""
    with house.store.write():
        if organisation(house, shortcode) is None:
            house.store.add("daraja_organisation", shortcode=shortcode, name=f"Business {shortcode}", kind="PAYBILL")
        for name, value in columns.items():
            house.store.change(f"UPDATE daraja_organisation SET {name} = ? WHERE shortcode = ?", value, shortcode)  # noqa: S608
    return Organisation(**(house.store.row("SELECT * FROM daraja_organisation WHERE shortcode = ?", shortcode) or {}))


def subscriber(house: House, msisdn: str) -> Subscriber:
    """By number; every Kenyan mobile number has a wallet."""
    row = house.store.row("SELECT * FROM daraja_subscriber WHERE msisdn = ?", msisdn)
    if row is None:
        with house.store.write() as connection:
            made = connection.execute(
                "INSERT OR IGNORE INTO daraja_subscriber (msisdn, first_name, middle_name, last_name, pin)"
                " VALUES (?, ?, ?, ?, ?)",
                (msisdn, *_name(msisdn), house.settings.daraja.pin),
            ).rowcount
            if made:
                money.set_balance(house, Side(msisdn, WALLET), start_cents(house))
        row = house.store.row("SELECT * FROM daraja_subscriber WHERE msisdn = ?", msisdn)
    return Subscriber(**(row or {}))


def start_cents(house: House) -> int:
    """What is in a wallet when it is first met."""
    return int(Decimal(switches.value(house, "start_balance")) * 100)


def set_subscriber(house: House, msisdn: str, columns: dict[str, Any]) -> Subscriber:
    """Change a subscriber."""
    with house.store.write():
        subscriber(house, msisdn)
        for name, value in columns.items():
            house.store.change(f"UPDATE daraja_subscriber SET {name} = ? WHERE msisdn = ?", value, msisdn)  # noqa: S608
    return subscriber(house, msisdn)


def pin_is_right(house: House, who: Subscriber, pin: str) -> bool:
    """Compare; wrong ones are counted, a right one forgets them."""
    if pin == who.pin:
        if who.failures:
            house.store.change("UPDATE daraja_subscriber SET failures = 0 WHERE msisdn = ?", who.msisdn)
        return True
    house.store.change("UPDATE daraja_subscriber SET failures = failures + 1 WHERE msisdn = ?", who.msisdn)
    return False


def _name(msisdn: str) -> tuple[str, str, str]:
    n = int(msisdn[-7:])
    return _FIRST[n % len(_FIRST)], _FIRST[n // 7 % len(_FIRST)], _LAST[n // 3 % len(_LAST)]
