"""The customer, their accounts and balances, as far as they allowed."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking.models import Permission, Resource
from apps.open_banking.obp import shapes
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import Caller, Held
from apps.open_banking.obp.door import body_of, door
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.views import view_shape, words_through

_ACCOUNT = {"label": "see_bank_account_label", "number": "see_bank_account_number", "kind": "see_bank_account_type"}
_BALANCE = ("balance", "available")


def _left(caller: Caller, held: list[Held], *fields: str, balance: bool = False) -> None:
    """Account data leaves; a balance that leaves with it is a read of the balance too."""
    told = [name for name, word in _ACCOUNT.items() if any(one.sees(word) for one in held)]
    caller.let_leave(held, Resource.ACCOUNTS, [*told, *fields])
    if balance:
        caller.let_leave(held, Resource.BALANCES, _BALANCE[:1])


@door()
def current_user(request: HttpRequest, caller: Caller, version: str) -> Any:
    """Who the customer is, as far as the scopes say."""
    knows_name = bool(shapes.name_of(caller))
    knows_email = "email" in caller.scopes or caller.consent is None
    email = (caller.person.email or "") if knows_email else ""
    fields = ["sub", *(["name"] if knows_name else []), *(["email"] if email else [])]
    views = [{"bank_id": shapes.bank_id(), "account_id": name, "view_id": "owner"} for name in caller.accounts]
    caller.let_leave([], Resource.IDENTITY, fields)
    called = str(caller.person.public_id)
    return {
        "user_id": called, "email": email, "provider_id": called, "provider": settings.PUBLIC_ADDRESS,
        "username": shapes.name_of(caller) or called, "entitlements": {"list": []}, "views": {"list": views},
    }  # fmt: skip


@door()
def current_user_id(request: HttpRequest, caller: Caller, version: str) -> Any:
    """What the customer is called here."""
    caller.let_leave([], Resource.IDENTITY, ["sub"])
    return {"user_id": str(caller.person.public_id)}


@door()
def my_accounts(request: HttpRequest, caller: Caller, version: str) -> Any:
    """All that the customer chose."""
    held = caller.with_permission(Permission.ACCOUNTS)
    _left(caller, held)
    return {"accounts": [shapes.my_account(one) for one in held]}


@door()
def accounts_at_bank(request: HttpRequest, caller: Caller, version: str, bank_id: str) -> Any:
    """The same, with the views each is seen through."""
    require_bank(bank_id)
    held = caller.with_permission(Permission.ACCOUNTS)
    _left(caller, held)
    seen = {"id": "owner", "short_name": "Owner", "is_public": False}
    found = [{"id": one.name, "label": one.account.name, "bank_id": bank_id, "views_available": [seen]} for one in held]
    return {"accounts": found}


@door()
def private_accounts(request: HttpRequest, caller: Caller, version: str, bank_id: str) -> Any:
    """The same as one's own accounts."""
    require_bank(bank_id)
    held = caller.with_permission(Permission.ACCOUNTS)
    _left(caller, held)
    return {"accounts": [shapes.my_account(one) for one in held]}


@door()
def private_ids(request: HttpRequest, caller: Caller, version: str, bank_id: str) -> Any:
    """Only what they are called."""
    require_bank(bank_id)
    held = caller.with_permission(Permission.ACCOUNTS)
    _left(caller, held)
    return {"accounts": [{"id": one.name} for one in held]}


@door()
def accounts_held(request: HttpRequest, caller: Caller, version: str, bank_id: str) -> Any:
    """Those whose owner the customer is: the same."""
    require_bank(bank_id)
    held = caller.with_permission(Permission.ACCOUNTS)
    _left(caller, held)
    keys = ("id", "label", "bank_id", "account_routings")
    found = [{key: shapes.my_account(one)[key] for key in keys} | {"number": one.account.number} for one in held]
    return {"accounts": found}


@door()
def account(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str = "owner"
) -> Any:
    """One of them, with its balance where that was allowed."""
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    held.require(Permission.ACCOUNTS)
    sees = held.sees("see_bank_account_balance")
    found = caller.source.holdings([held.account])[0] if sees else None
    _left(caller, [held], balance=sees)
    return shapes.core(held, found)


@door()
def account_full(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str
) -> Any:
    """The same with who holds it, where the customer let the app know their name."""
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    held.require(Permission.ACCOUNTS)
    sees = held.sees("see_bank_account_balance")
    found = caller.source.holdings([held.account])[0] if sees else None
    _left(caller, [held], *(["holder"] if shapes.holder_of(held, caller) else []), balance=sees)
    seen = view_shape(view_id, words_through(held), is_own=caller.consent is None and view_id == "owner")
    return shapes.full(held, found, caller) | {"views_available": [seen]}


@door()
def balances(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str = "owner"
) -> Any:
    """Of one account."""
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    held.require(Permission.BALANCES, "see_bank_account_balance")
    found = caller.source.holdings([held.account])[0]
    caller.let_leave([held], Resource.BALANCES, _BALANCE)
    return shapes.balances(held, found)


@door()
def all_balances(request: HttpRequest, caller: Caller, version: str, bank_id: str, view_id: str = "owner") -> Any:
    """Of all accounts whose balances were allowed."""
    require_bank(bank_id)
    held = caller.with_permission(Permission.BALANCES, view_id)
    found = caller.source.holdings([one.account for one in held])
    caller.let_leave(held, Resource.BALANCES, _BALANCE)
    return {"accounts": [shapes.balances(one, each) for one, each in zip(held, found, strict=True)]}


@door()
def funds_available(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str = "owner"
) -> Any:
    """Yes or no: whether an amount is there. Never how much."""
    return _funds(request.GET.get("amount", ""), request.GET.get("currency", ""), caller, bank_id, account_id, view_id)


@door("POST")
def funds_check(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str) -> Any:
    """The same by a body."""
    body = body_of(request)
    return _funds(str(body.get("amount", "")), str(body.get("currency", "")), caller, bank_id, account_id, "owner")


def _funds(amount: str, currency: str, caller: Caller, bank_id: str, account_id: str, view_id: str) -> Any:
    require_bank(bank_id)
    held = caller.account(account_id, view_id)
    held.require(Permission.FUNDS)
    if not amount or not currency:
        raise Refused(20055)
    if currency != held.account.currency:
        raise Refused(40003)
    try:
        wanted = Money.of(amount, currency)
    except DomainError as no:
        raise Refused(10002) from no
    if wanted.minor <= 0:
        raise Refused(10002)
    is_there = (
        held.account.status == "ACTIVE" and caller.source.holdings([held.account])[0].available.minor >= wanted.minor
    )
    caller.let_leave([held], Resource.FUNDS, ["answer"])
    return {
        "answer": "yes" if is_there else "no",
        "date": shapes.instant(caller.at),
        "available_funds_request_id": str(caller.interaction_id),
    }
