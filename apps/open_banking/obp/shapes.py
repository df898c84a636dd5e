"""Accounts, balances and movements as this API writes them. What the customer did not allow is "", never a guess."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from apps.accounts.models import Transaction
from apps.accounts.queries import Holding
from apps.kernel import cipher
from apps.kernel.money import Money
from apps.open_banking.models import SandboxLine
from apps.open_banking.names import line_name
from apps.open_banking.obp.caller import Caller, Held

_PRODUCT = {"TRANSACTION": "CURRENT"}
_FULL_META = {
    "public_alias": "", "private_alias": "", "more_info": "", "URL": "", "image_URL": "", "open_corporates_URL": "",
    "corporate_location": None, "physical_location": None,
}  # fmt: skip


def bank_id() -> str:
    """How this bank is called."""
    return str(settings.OPEN_BANKING_BANK_ID)


def bank() -> dict[str, Any]:
    """This bank."""
    return {
        "id": bank_id(),
        "short_name": settings.BANK_NAME,
        "full_name": settings.BANK_NAME,
        "bank_code": settings.BANK_CODE,
        "logo": f"{settings.PUBLIC_ADDRESS}{settings.STATIC_URL}img/icon.svg",
        "website": settings.PUBLIC_ADDRESS,
        "bank_routings": [{"scheme": "OBP", "address": bank_id()}, {"scheme": "BIC", "address": settings.BANK_BIC}],
        "attributes": [{"name": "COUNTRY", "value": settings.COUNTRY}],
    }


def money(amount: Money | None, currency: str = "") -> dict[str, str]:
    """Text, with the sign of the account's side; "" where it may not be seen."""
    if amount is None:
        return {"currency": currency, "amount": ""}
    return {"currency": amount.currency, "amount": f"{amount.amount:f}"}


def instant(at: datetime) -> str:
    """UTC, to the second."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def routings(held: Held) -> list[dict[str, str]]:
    """By which addresses the account is reached; Kenya has no IBAN."""
    scheme, address = held.sees("see_bank_account_routing_scheme"), held.sees("see_bank_account_routing_address")
    found = [("AccountNumber", held.account.number)] if held.sees("see_bank_account_number") else []
    return [
        {"scheme": name if scheme else "", "address": value if address else ""}
        for name, value in [*found, ("OBP", held.name)]
        if scheme or address
    ]


def _balance(held: Held, amount: Money | None) -> dict[str, str]:
    """A balance of the account, as far as it and its currency may be seen."""
    shown = money(amount, held.account.currency)
    return shown if held.sees("see_bank_account_currency") else shown | {"currency": ""}


def view(name: str = "owner") -> dict[str, Any]:
    """A view in a list."""
    return {"id": name, "short_name": name.capitalize(), "description": "What the customer allowed", "is_public": False}


def my_account(held: Held) -> dict[str, Any]:
    """An account in a list."""
    return {
        "id": held.name,
        "label": held.account.name,
        "bank_id": bank_id(),
        "account_type": product(held),
        "account_routings": routings(held),
        "views": [view()],
    }


def label(held: Held) -> str:
    """What the customer calls it."""
    return held.account.name if held.sees("see_bank_account_label") else ""


def product(held: Held) -> str:
    """What kind of account it is."""
    return product_code(held.account.account_type)


def product_code(kind: str) -> str:
    """A kind of account in OBP's words."""
    return _PRODUCT.get(kind, kind)


def core(held: Held, holding: Holding | None) -> dict[str, Any]:
    """One account."""
    return {
        "id": held.name,
        "bank_id": bank_id(),
        "label": label(held),
        "number": held.account.number if held.sees("see_bank_account_number") else "",
        "product_code": product(held) if held.sees("see_bank_account_type") else "",
        "balance": _balance(held, holding.posted if holding else None),
        "account_routings": routings(held),
        "views_basic": ["owner"],
    }


def full(held: Held, holding: Holding | None, caller: Caller) -> dict[str, Any]:
    """One account with who holds it."""
    owner = {"id": str(caller.person.public_id), "provider": settings.PUBLIC_ADDRESS, "display_name": name_of(caller)}
    shape = core(held, holding)
    del shape["views_basic"]
    owners = [owner] if held.sees("see_bank_account_owners") else []
    return shape | {"owners": owners, "account_attributes": [], "tags": []}


def balances(held: Held, holding: Holding) -> dict[str, Any]:
    """Booked and available, as both generations of clients read them."""
    entries = (("OpeningBooked", holding.posted), ("InterimAvailable", holding.available))
    return {
        "account_id": held.name,
        "bank_id": bank_id(),
        "account_routings": routings(held),
        "label": label(held),
        "balances": [
            {
                "type": kind, "currency": _balance(held, amount)["currency"], "amount": f"{amount.amount:f}",
                "bank_id": bank_id(), "account_id": held.name, "balance_id": f"{held.name}-{kind}",
                "balance_type": kind, "balance_amount": f"{amount.amount:f}",
            }
            for kind, amount in entries
        ],
    }  # fmt: skip


def name_of(caller: Caller) -> str:
    """The customer's name, where they let the app know it."""
    return caller.person.full_name if "profile" in caller.scopes or caller.consent is None else ""


def holder_of(held: Held, caller: Caller) -> str:
    """The same, where the view shows owners."""
    return name_of(caller) if held.sees("see_bank_account_owners") else ""


def line_id(held: Held, line: Transaction | SandboxLine) -> str:
    """How a movement is called: by its place in the account."""
    return line_name(held.name, line.seq)


def line(held: Held, row: Transaction | SandboxLine, caller: Caller, *, is_full: bool) -> dict[str, Any]:
    """One movement. The balance after it is a balance: it stands there only where balances may be seen."""
    return _line(held, row, this_account(held, caller), is_full=is_full)


def this_account(held: Held, caller: Caller) -> dict[str, Any]:
    """The customer's own side of a movement."""
    if not held.sees("see_transaction_this_bank_account"):
        return {"id": "", "bank_routing": {"scheme": "", "address": ""}, "account_routings": [], "holders": []}
    return {
        "id": held.name,
        "bank_routing": {
            "scheme": "OBP" if held.sees("see_bank_routing_scheme") else "",
            "address": bank_id() if held.sees("see_bank_routing_address") else "",
        },
        "account_routings": routings(held),
        "holders": [{"name": holder_of(held, caller), "is_alias": False}],
    }


def _line(held: Held, row: Transaction | SandboxLine, mine: dict[str, Any], *, is_full: bool) -> dict[str, Any]:
    sees, at = held.sees, instant(row.posted_at)
    currency = row.currency if sees("see_transaction_currency") else ""
    balance = row.running_balance if sees("see_transaction_balance") else None
    shape: dict[str, Any] = {
        "id": line_id(held, row),
        "this_account": mine,
        "other_account": other_account(row if sees("see_transaction_other_bank_account") else None, is_full=is_full),
        "details": {
            "type": row.txn_type if sees("see_transaction_type") else "",
            "description": row.description if sees("see_transaction_description") else "",
            "posted": at if sees("see_transaction_start_date") else "",
            "completed": at if sees("see_transaction_finish_date") else "",
            "new_balance": money(balance, currency) | {"currency": currency},
            "value": money(row.amount if sees("see_transaction_amount") else None, currency) | {"currency": currency},
        },
        "transaction_attributes": [],
    }
    if is_full:
        shape["metadata"] = {"narrative": "", "comments": [], "tags": [], "images": [], "where": None}
    return shape


def other_account(row: Transaction | SandboxLine | None, *, is_full: bool) -> dict[str, Any]:
    """The other side, as the customer reads it on their own statement; nobody where it may not be seen."""
    name = (row.counterparty or row.merchant) if row else ""
    called = cipher.fingerprint(name, "open_banking.counterparty").hex()[:16] if name else ""
    shape: dict[str, Any] = {
        "id": called,
        "holder": {"name": name, "is_alias": False},
        "bank_routing": {"scheme": "", "address": ""},
        "account_routings": [],
    }
    return shape | {"metadata": dict(_FULL_META)} if is_full else shape


def lines(held: Held, rows: Iterable[Transaction | SandboxLine], caller: Caller, *, is_full: bool) -> dict[str, Any]:
    """A list of movements."""
    mine = this_account(held, caller)
    return {"transactions": [_line(held, row, mine, is_full=is_full) for row in rows]}
