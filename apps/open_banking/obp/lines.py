"""Movements of an account the customer let the app see."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.kernel.clock import day_start
from apps.open_banking.models import Permission, Resource
from apps.open_banking.obp import shapes
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import Caller, Held
from apps.open_banking.obp.door import door
from apps.open_banking.obp.filters import Filters, filters_of
from apps.open_banking.obp.refusals import Refused

_FIELDS = {
    "amount": ("see_transaction_amount",), "day": ("see_transaction_start_date", "see_transaction_finish_date"),
    "description": ("see_transaction_description",), "counterparty": ("see_transaction_other_bank_account",),
    "running_balance": ("see_transaction_balance",),
}  # fmt: skip


@door()
def my_lines(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str = "owner"
) -> Any:
    """Newest first, fifty at a time unless told."""
    return _list(request, caller, bank_id, account_id, view_id, is_full=False)


@door()
def full_lines(request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str) -> Any:
    """The same with the places where notes would stand."""
    return _list(request, caller, bank_id, account_id, view_id, is_full=True)


@door()
def one_line(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, line_id: str
) -> Any:
    """One movement."""
    held, row = _one(caller, bank_id, account_id, view_id, line_id)
    _left(caller, held, 1, counts=True)
    return shapes.line(held, row, caller, is_full=True)


@door()
def other_account(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, line_id: str
) -> Any:
    """Its other side."""
    held, row = _one(caller, bank_id, account_id, view_id, line_id)
    held.require(Permission.TRANSACTIONS, "see_transaction_other_bank_account")
    caller.let_leave([held], Resource.TRANSACTIONS, ["counterparty"])
    return shapes.other_account(row, is_full=True)


def _list(request: HttpRequest, caller: Caller, bank_id: str, account_id: str, view_id: str, *, is_full: bool) -> Any:
    require_bank(bank_id)
    held = _held(caller, account_id, view_id)
    asked = filters_of(request)
    if asked.names_days and not any(held.sees(word) for word in _FIELDS["day"]):
        raise Refused(30022, "The view shows no days, so none can be asked for.")
    rows = list(_rows(caller, held, asked)[asked.offset : asked.offset + asked.limit])
    _left(caller, held, len(rows), counts=asked.offset == 0)
    headers = {"Range": f"items={asked.offset}-{asked.limit}"}
    return 200, shapes.lines(held, rows, caller, is_full=is_full), headers


def _held(caller: Caller, account_id: str, view_id: str) -> Held:
    held = caller.account(account_id, view_id)
    held.require(Permission.TRANSACTIONS)
    return held


def seen_lines(caller: Caller, held: Held) -> QuerySet[Any]:
    """The movements of an account that the customer let the app see: none older than they said."""
    rows = caller.source.lines(held.account)
    since = caller.consent.transactions_from if caller.consent else None
    return rows.filter(posted_at__gte=day_start(since)) if since else rows


def _rows(caller: Caller, held: Held, asked: Filters) -> QuerySet[Any]:
    rows = seen_lines(caller, held)
    window: dict[str, datetime | None] = {"posted_at__gte": asked.from_at, "posted_at__lte": asked.to_at}
    rows = rows.filter(**{name: value for name, value in window.items() if value is not None})
    return rows.order_by("pk" if asked.is_ascending else "-pk")


def _one(caller: Caller, bank_id: str, account_id: str, view_id: str, line_id: str) -> tuple[Held, Any]:
    require_bank(bank_id)
    held = _held(caller, account_id, view_id)
    prefix, _dash, place = line_id.rpartition("-")
    known = prefix == held.name[:23] and place.isascii() and place.isdigit() and len(place) == 12
    row = seen_lines(caller, held).filter(seq=int(place)).first() if known else None
    if row is None:
        raise Refused(10404, "There is no such transaction.", words="404 Not Found.")
    return held, row


def _left(caller: Caller, held: Held, count: int, *, counts: bool) -> None:
    fields = [name for name, words in _FIELDS.items() if any(held.sees(word) for word in words)]
    if held.sees("see_transaction_this_bank_account") and shapes.holder_of(held, caller):
        fields.append("holder")
    caller.let_leave([held], Resource.TRANSACTIONS, fields, rows=count, counts=counts)
