"""Limits of a counterparty: the most that apps may pay somebody from an account, set by the customer's own word."""

from typing import Any

from django.http import HttpRequest

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking import operations
from apps.open_banking.models import CounterpartyLimit
from apps.open_banking.obp import shapes
from apps.open_banking.obp.caller import Caller, Held
from apps.open_banking.obp.door import body_of, by_method, door
from apps.open_banking.obp.payees import called, owner_of
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.operations import Most
from apps.payments.models import Payee

_AMOUNTS = {
    "single_minor": "max_single_amount", "monthly_minor": "max_monthly_amount",
    "yearly_minor": "max_yearly_amount", "total_minor": "max_total_amount",
}  # fmt: skip
_COUNTS = {
    "monthly_count": "max_number_of_monthly_transactions",
    "yearly_count": "max_number_of_yearly_transactions",
    "total_count": "max_number_of_transactions",
}
# Older clients send no totals: as much as can be said.
_MOST_MINOR, _MOST_COUNT = 10**15, 10**6


def _both(caller: Caller, bank_id: str, account_id: str, view_id: str, payee_id: str) -> tuple[Held, Payee]:
    held = owner_of(caller, bank_id, account_id, view_id)
    return held, called(caller, payee_id)


def _most(body: dict[str, Any], currency: str) -> Most:
    """Amounts as text or whole numbers, in the currency of the account. Raises Refused."""
    if body.get("currency") != currency:
        raise Refused(40003, f"The account's currency is {currency}")
    minors = {field: _minor(body, name, currency) for field, name in _AMOUNTS.items()}
    counts = {field: _count(body, name) for field, name in _COUNTS.items()}
    return Most(**minors, **counts)


def _minor(body: dict[str, Any], name: str, currency: str) -> int:
    given = body.get(name)
    if given is None and name == "max_total_amount":
        return _MOST_MINOR
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise Refused(10002, name)
    try:
        amount = Money.of(given, currency)
    except DomainError as no:
        raise Refused(10002, name) from no
    if not 0 <= amount.minor <= _MOST_MINOR:
        raise Refused(10002, name)
    return int(amount.minor)


def _count(body: dict[str, Any], name: str) -> int:
    given = body.get(name)
    if given is None and name == "max_number_of_transactions":
        return _MOST_COUNT
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _MOST_COUNT:
        raise Refused(10002, name)
    return given


def _shape(row: CounterpartyLimit, held: Held, view_id: str, payee: Payee) -> dict[str, Any]:
    amounts = {
        name: f"{Money(getattr(row, field), row.currency).amount:f}" for field, name in _AMOUNTS.items()
    }  # fmt: skip
    return {
        "counterparty_limit_id": str(row.pk),
        "bank_id": shapes.bank_id(),
        "account_id": held.name,
        "view_id": view_id,
        "counterparty_id": str(payee.public_id),
        "currency": row.currency,
        **amounts,
        **{name: getattr(row, field) for field, name in _COUNTS.items()},
    }


def _kept(
    request: HttpRequest, caller: Caller, bank_id: str, account_id: str, view_id: str, payee_id: str, *, is_new: bool
) -> dict[str, Any]:
    held, payee = _both(caller, bank_id, account_id, view_id, payee_id)
    most = _most(body_of(request), held.account.currency)
    if not is_new:
        _limit(held, payee)
    row = operations.keep_limit(
        account=held.real, payee=payee, most=most, by=caller.user, at=caller.at, is_new=is_new
    )  # fmt: skip
    return _shape(row, held, view_id, payee)


@door("POST")
def _set(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, payee_id: str
) -> Any:
    """Set how much apps may pay a counterparty from the account: once, in a month, in a year, in all."""
    return 201, _kept(request, caller, bank_id, account_id, view_id, payee_id, is_new=True), {}


@door("PUT")
def _change(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, payee_id: str
) -> Any:
    """Change it, from the next payment on."""
    return _kept(request, caller, bank_id, account_id, view_id, payee_id, is_new=False)


@door()
def _get(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, payee_id: str
) -> Any:
    """How much apps may pay a counterparty."""
    held, payee = _both(caller, bank_id, account_id, view_id, payee_id)
    return _shape(_limit(held, payee), held, view_id, payee)


@door("DELETE")
def _remove(
    request: HttpRequest, caller: Caller, version: str, bank_id: str, account_id: str, view_id: str, payee_id: str
) -> Any:
    """Apps may pay them as before."""
    held, payee = _both(caller, bank_id, account_id, view_id, payee_id)
    operations.remove_limit(limit=_limit(held, payee), by=caller.user, at=caller.at)
    return 204, None, {}


def _limit(held: Held, payee: Payee) -> CounterpartyLimit:
    row = CounterpartyLimit.objects.filter(account=held.real, payee=payee).first()
    if row is None:
        raise Refused(30076, f"Current COUNTERPARTY_ID is {payee.public_id}")
    return row


limits = by_method(GET=_get, POST=_set, PUT=_change, DELETE=_remove)
