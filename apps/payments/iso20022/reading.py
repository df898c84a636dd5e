"""Reading ISO 20022 messages that a stranger may have written."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from apps.kernel import xml
from apps.kernel.money import BadAmount, Money, UnknownCurrency
from apps.kernel.xml import Element, Unreadable

LARGEST = 8 * 1024 * 1024  # bytes
DEEPEST = 40  # the deepest message read here has 15 levels
MOST = 400_000  # elements
_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.[0-9]{3}\.[0-9]{2}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?", re.ASCII)


def read_xml(raw: bytes) -> Element:
    """The document's root. Raises Unreadable."""
    return xml.read(raw, largest=LARGEST, deepest=DEEPEST, most=MOST)


def message(raw: bytes, *families: str) -> tuple[str, Element]:
    """The family (`pacs.002`) and the one element under `Document`. Raises Unreadable for any other family."""
    root = read_xml(raw)
    space, _brace, name = root.tag[1:].partition("}")
    found = _MESSAGE.fullmatch(space)
    if name != "Document" or found is None or len(root) != 1:
        raise Unreadable("it is not an ISO 20022 document")
    if found[1] not in families:
        raise Unreadable(f"it is {found[1]}, not {' or '.join(families)}")
    return found[1], root[0]


def each(element: Element, *path: str) -> Iterator[Element]:
    """The elements at a path of local names, whatever the version's namespace."""
    if not path:
        yield element
        return
    for child in element:
        if child.tag.rpartition("}")[2] == path[0]:
            yield from each(child, *path[1:])


def one(element: Element, *path: str) -> Element:
    """The only element at a path. Raises Unreadable when there is none, or several."""
    found = list(each(element, *path))
    if len(found) != 1:
        raise Unreadable(f"{'/'.join(path)} stands in it {len(found)} times")
    return found[0]


def text_at(element: Element, *path: str, longest: int = 140) -> str:
    """The text at a path, empty when it is not there. Raises Unreadable when it stands there twice or is too long."""
    found = list(each(element, *path))
    if len(found) > 1:
        raise Unreadable(f"{'/'.join(path)} stands in it {len(found)} times")
    said = (found[0].text or "").strip() if found else ""
    if len(said) > longest or "\x00" in said:
        raise Unreadable(f"{'/'.join(path)} is longer than {longest} letters")
    return said


def needed(element: Element, *path: str, longest: int = 35) -> str:
    """As `text_at`. Raises Unreadable when it is empty."""
    if said := text_at(element, *path, longest=longest):
        return said
    raise Unreadable(f"{'/'.join(path)} is missing")


def money_in(element: Element) -> Money:
    """An amount with its currency: decimal text, never a float. Raises Unreadable."""
    said, currency = (element.text or "").strip(), element.get("Ccy", "")
    if not _AMOUNT.fullmatch(said):
        raise Unreadable(f"{said[:30]!r} is not an amount")
    try:
        return Money.of(Decimal(said), currency)
    except (BadAmount, UnknownCurrency) as no:
        raise Unreadable(f"{said[:30]} {currency[:8]}: {no}") from no


def day_in(said: str) -> date:
    """The day of an ISO date, or of a date with time as the sender wrote it. Raises Unreadable."""
    try:
        return date.fromisoformat(said[:10])
    except ValueError as no:
        raise Unreadable(f"{said[:30]!r} is not a date") from no
