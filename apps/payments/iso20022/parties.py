"""What a transfer needs to be written down: who, at which bank, how much, and what for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree

from apps.kernel.money import Money
from apps.payments.iso20022.letters import identifier, named, swift

Element = ElementTree.Element


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank by its BIC, by its number in the national clearing, or by both."""

    bic: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Whoever pays or is paid: an IBAN when `is_iban`, else an account number as their bank writes it."""

    name: str
    account: str
    bank: Bank
    is_iban: bool = False
    country: str = ""  # ISO 3166, two letters
    town: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. `uetr` follows it through every bank; `end_to_end_id` is ours, and comes back on statements."""

    end_to_end_id: str
    uetr: UUID
    amount: Money
    debtor: Party
    creditor: Party
    purpose: str = ""  # ISO 20022 external purpose code, four letters
    note: str = ""
    settles_on: date | None = None
    instructed: Money | None = None  # what the payer gave, where it is of another currency
    rate: Decimal | None = None


def amount_text(amount: Money) -> str:
    """Decimal text with the digits that the currency has."""
    return f"{amount.amount:f}"


def add(under: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """An element under another, with text."""
    made = ElementTree.SubElement(under, name, attributes)
    made.text = text
    return made


def add_money(under: Element, name: str, amount: Money) -> None:
    """An amount with its currency."""
    add(under, name, amount_text(amount), Ccy=amount.currency)


def add_bank(under: Element, name: str, bank: Bank) -> None:
    """An agent by BIC, clearing number, or both."""
    inner = add(add(under, name), "FinInstnId")
    if bank.bic:
        add(inner, "BICFI", bank.bic)
    if bank.member:
        add(add(inner, "ClrSysMmbId"), "MmbId", bank.member)
    if not (bank.bic or bank.member):
        raise ValueError("a bank is told by its BIC or its clearing number")


def add_party(under: Element, name: str, party: Party) -> None:
    """A name, and an address in parts where the country is known (CBPR+ takes no free lines from November 2026)."""
    made = add(under, name)
    add(made, "Nm", named(party.name))
    if party.country:
        address = add(made, "PstlAdr")
        if town := swift(party.town, 35).text:
            add(address, "TwnNm", town)
        add(address, "Ctry", party.country)


def add_account(under: Element, name: str, party: Party) -> None:
    """An IBAN, or an account number of at most 34 letters."""
    inner = add(add(under, name), "Id")
    if party.is_iban:
        add(inner, "IBAN", party.account)
    else:
        add(add(inner, "Othr"), "Id", named(party.account, 34))


def add_ids(under: Element, transfer: Transfer) -> None:
    """The identifications that come back."""
    ids = add(under, "PmtId")
    add(ids, "InstrId", identifier(transfer.end_to_end_id))
    add(ids, "EndToEndId", identifier(transfer.end_to_end_id))
    add(ids, "UETR", str(transfer.uetr))


def add_reason(under: Element, transfer: Transfer) -> None:
    """Purpose code and words to the payee, at most 140 letters."""
    if transfer.purpose:
        add(add(under, "Purp"), "Cd", transfer.purpose)
    if note := swift(transfer.note, 140).text:
        add(add(under, "RmtInf"), "Ustrd", note)


def document(message: str, name: str) -> tuple[Element, Element]:
    """A document of a message, and the element that holds it."""
    root = ElementTree.Element("Document", {"xmlns": f"urn:iso:std:iso:20022:tech:xsd:{message}"})
    return root, add(root, name)


def as_bytes(root: Element) -> bytes:
    """The document as it is sent: UTF-8 with its declaration."""
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
