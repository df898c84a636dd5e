"""What is believed of another bank's answers: plain values in, checked values out. Raises Troubled(UNREADABLE)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking.linked.wire import Troubled
from apps.open_banking.models.linked import Trouble

MOST_ACCOUNTS = 50
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,99}")


@dataclass(frozen=True, slots=True)
class Told:
    """An account as the other bank tells it."""

    their_id: str
    label: str
    masked_number: str


@dataclass(frozen=True, slots=True)
class Line:
    """A movement as the other bank tells it."""

    their_id: str
    booked_at: datetime
    amount: Money
    description: str
    counterparty: str


def unreadable() -> Troubled:
    """What everything here raises."""
    return Troubled(Trouble.UNREADABLE)


def text(value: Any, most: int, *, required: bool = False) -> str:
    """One line to show: without signs that cannot be seen or turn the text around, and not longer than it may be."""
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise unreadable()
    found = " ".join(_UNSEEN.sub(" ", value).encode("utf-8", "ignore").decode().split())[:most]
    if required and not found:
        raise unreadable()
    return found


def name(value: Any) -> str:
    """An id of theirs, which comes to stand in addresses."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise unreadable()
    return value


def instant(value: Any) -> datetime:
    """An instant with its offset, in a year that can be."""
    if not isinstance(value, str) or len(value) > 40:
        raise unreadable()
    try:
        found = datetime.fromisoformat(value)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as no:
        raise unreadable() from no
    if not 1970 <= found.year <= 2200:
        raise unreadable()
    return found


def money(value: Any) -> Money:
    """`{"currency", "amount"}`, the amount as text and no larger than any amount the bank itself keeps."""
    if not isinstance(value, dict):
        raise unreadable()
    amount, currency = value.get("amount"), value.get("currency")
    if not isinstance(amount, str) or not isinstance(currency, str):
        raise unreadable()
    try:
        return Money.of(amount, currency)
    except DomainError as no:
        raise unreadable() from no


def rows(body: dict[str, Any], key: str, most: int) -> list[dict[str, Any]]:
    """A list of objects, no longer than `most`."""
    found = body.get(key)
    if not isinstance(found, list) or len(found) > most or not all(isinstance(one, dict) for one in found):
        raise unreadable()
    return found


def accounts(body: dict[str, Any], bank_id: str) -> list[Told]:
    """Those that may be seen, each named once."""
    found = {}
    for row in rows(body, "accounts", MOST_ACCOUNTS):
        if row.get("bank_id") != bank_id:
            raise unreadable()
        called = name(row.get("id"))
        number = _number(row.get("account_routings"))
        found[called] = Told(called, text(row.get("label"), 80) or number or called[:8], number)
    return list(found.values())


def _number(routings: Any) -> str:
    """The last four signs of the account's number: more is not kept."""
    for one in routings if isinstance(routings, list) else []:
        if isinstance(one, dict) and one.get("scheme") in ("AccountNumber", "IBAN"):  # a set would hash what they say
            number = text(one.get("address"), 40)
            return f"•••• {number[-4:]}" if len(number) > 4 else ""
    return ""


def balances(body: dict[str, Any]) -> dict[str, Money]:
    """What is booked on each account."""
    found = {}
    for row in rows(body, "accounts", MOST_ACCOUNTS):
        told = {text(one.get("type"), 40): one for one in rows(row, "balances", 20)}
        booked = told.get("OpeningBooked") or next(iter(told.values()), None)
        found[name(row.get("account_id"))] = money(booked)
    return found


def lines(body: dict[str, Any], currency: str, most: int, latest: datetime) -> list[Line]:
    """Movements of one account, in its own currency, none of them in the future."""
    found = []
    for row in rows(body, "transactions", most):
        details, other = row.get("details"), row.get("other_account")
        if not isinstance(details, dict):
            raise unreadable()
        amount, booked_at = money(details.get("value")), instant(details.get("completed"))
        if amount.currency != currency or booked_at > latest + timedelta(days=1):
            raise unreadable()
        holder = other.get("holder") if isinstance(other, dict) else None
        found.append(
            Line(
                their_id=name(row.get("id")),
                booked_at=booked_at,
                amount=amount,
                description=text(details.get("description"), 200),
                counterparty=text(holder.get("name"), 140) if isinstance(holder, dict) else "",
            )
        )
    return found


def member(body: dict[str, Any], key: str, check: Callable[[str], bool] = bool, most: int = 4000) -> str:
    """A text that must be there, in signs that an address or a header can carry."""
    value = body.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= most or not check(value):
        raise unreadable()
    if not (value.isascii() and value.isprintable()):
        raise unreadable()
    return value
