"""A goAML report as XML: element names and order of the published field list (Standard XML Reporting, version 4.0).

`kitbank-goaml.xsd` beside it is our own reading of that list, for the part the bank fills in; the centre's schema for
Kenya was not at hand, so its code lists (transmode, indicators) are confirmed by a person before the first filing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

SUBMITTED_BY = "E"  # electronically
REPORT_CODES = {"STR": "STR", "CASH": "CTR"}


@dataclass(frozen=True, slots=True)
class Person:
    """A person as far as the bank knows them. `first` and `last` are never empty."""

    first: str
    last: str
    born: date | None = None
    id_number: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account here and its holder."""

    number: str
    currency: str
    name: str
    opened_on: date
    status: str
    holder: Person


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a transaction: an account of ours, or a name outside (a person or an entity)."""

    account: Account | None = None
    person: Person | None = None
    entity: str = ""
    country: str = "KE"


@dataclass(frozen=True, slots=True)
class Move:
    """A transaction; `amount` is in the local currency, `foreign` what it was in another."""

    number: str
    location: str
    description: str
    at: datetime
    mode: str
    amount: Decimal
    giver: Side
    taker: Side
    foreign: tuple[str, Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    kind: str
    rentity_id: int
    reference: str
    submitted_at: datetime
    reporter: Person
    reason: str
    action: str
    moves: Sequence[Move]
    indicators: Sequence[str]
    currency: str = "KES"
    town: str = "Nairobi"


def build(document: Document) -> bytes:
    """The report in UTF-8, indented, with its declaration."""
    root = ET.Element("report")
    _put(root, "rentity_id", document.rentity_id)
    _put(root, "submission_code", SUBMITTED_BY)
    _put(root, "report_code", REPORT_CODES[document.kind])
    _put(root, "entity_reference", document.reference)
    _put(root, "submission_date", _instant(document.submitted_at))
    _put(root, "currency_code_local", document.currency)
    _person(ET.SubElement(root, "reporting_person"), document.reporter)
    place = ET.SubElement(root, "location")
    for name, text in (
        ("address_type", "B"),
        ("address", "Head office"),
        ("city", document.town),
        ("country_code", "KE"),
    ):
        _put(place, name, text)
    _put(root, "reason", document.reason[:4000])
    if document.action:
        _put(root, "action", document.action[:4000])
    for move in document.moves:
        _move(ET.SubElement(root, "transaction"), move)
    marks = ET.SubElement(root, "report_indicators")
    for code in document.indicators:
        _put(marks, "indicator", code)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _move(node: ET.Element, move: Move) -> None:
    _put(node, "transactionnumber", move.number[:50])
    _put(node, "transaction_location", move.location[:255])
    _put(node, "transaction_description", move.description[:4000])
    _put(node, "date_transaction", _instant(move.at))
    _put(node, "transmode_code", move.mode)
    _put(node, "amount_local", f"{move.amount:.2f}")
    for side, word in ((move.giver, "from"), (move.taker, "to")):
        client = "_my_client" if side.account else ""
        _side(ET.SubElement(node, f"t_{word}{client}"), side, word, move.foreign)


def _side(node: ET.Element, side: Side, word: str, foreign: tuple[str, Decimal, Decimal] | None) -> None:
    _put(node, f"{word}_funds_code", "K")
    if foreign:
        money = ET.SubElement(node, f"{word}_foreign_currency")
        code, amount, rate = foreign
        _put(money, "foreign_currency_code", code)
        _put(money, "foreign_amount", f"{amount:.2f}")
        _put(money, "foreign_exchange_rate", f"{rate:f}")
    if side.account:
        _account(ET.SubElement(node, f"{word}_account"), side.account)
    elif side.person:
        _person(ET.SubElement(node, f"{word}_person"), side.person)
    else:
        _put(ET.SubElement(node, f"{word}_entity"), "name", side.entity or "Unknown")
    _put(node, f"{word}_country", side.country)


def _account(node: ET.Element, account: Account) -> None:
    _put(node, "institution_name", "KitBank")
    _put(node, "institution_code", "KITBANK")
    _put(node, "branch", "Head office")
    _put(node, "account", account.number)
    _put(node, "currency_code", account.currency)
    _put(node, "account_name", account.name[:255])
    holder = ET.SubElement(node, "signatory")
    _put(holder, "is_primary", "true")
    _person(ET.SubElement(holder, "t_person"), account.holder)
    _put(node, "opened", f"{account.opened_on:%Y-%m-%dT00:00:00}")
    _put(node, "status_code", account.status)


def _person(node: ET.Element, person: Person) -> None:
    _put(node, "first_name", person.first[:100])
    _put(node, "last_name", person.last[:100])
    if person.born:
        _put(node, "birthdate", f"{person.born:%Y-%m-%dT00:00:00}")
    if person.id_number:
        _put(node, "id_number", person.id_number[:25])
    if person.phone:
        phone = ET.SubElement(ET.SubElement(node, "phones"), "phone")
        for name, text in (
            ("tph_contact_type", "P"),
            ("tph_communication_type", "M"),
            ("tph_number", person.phone[:50]),
        ):
            _put(phone, name, text)
    if person.email:
        _put(node, "email", person.email[:255])


def _put(node: ET.Element, name: str, text: object) -> None:
    # Characters that XML 1.0 cannot hold, which a customer's note may: left out.
    clean = "".join(one for one in str(text) if one in "\t\n\r" or ord(one) >= 32)
    ET.SubElement(node, name).text = clean


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
