"""Reads what an app wants paid, type by type, in the order in which OBP checks it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.accounts.models import Account, Transaction
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking import operations
from apps.open_banking.models import TransactionRequest
from apps.open_banking.names import account_named
from apps.open_banking.obp.bodies import SIMPLE, asked_of, object_of, policy_of, said, text_of
from apps.open_banking.obp.caller import Caller, Held
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.operations import Creditor, Order
from apps.payments.banks.iban import BadIban, read_iban
from apps.payments.models import OtherBank, Payee, Payment, PaymentStatus

Type = TransactionRequest.Type


def order_of(caller: Caller, held: Held, kind: str, body: dict[str, Any]) -> Order:
    """What is asked for. Called outside any transaction: a rail may be asked who is paid.

    Raises Refused, and what finding a payee raises.
    """
    asked = asked_of(body)
    creditor, details, refund_of = _READERS[kind](caller, held, asked.amount, body)
    policy = policy_of(body, asked.amount, held.account.currency)
    return Order(
        type=kind, account=held.real, creditor=creditor, amount=asked.amount, refund_of=refund_of, note=asked.note,
        details=details | {"charge_policy": policy},
    )  # fmt: skip


Read = tuple[Creditor, dict[str, Any], Payment | None]


def _to_account(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    to = object_of(body, "to")
    name = text_of(to, "account_id")
    if text_of(to, "bank_id") != settings.OPEN_BANKING_BANK_ID:
        raise Refused(30001, f"Current BANK_ID is {to['bank_id'][:80]}")
    creditor = _here(name, caller.at)
    return creditor, {"to_sandbox_tan": {"bank_id": to["bank_id"], "account_id": name}}, None


def _here(name: str, at: datetime) -> Creditor:
    """An account by its name to third parties, or by its number, or a shop by its."""
    named = account_named(name)
    number = Account.objects.filter(pk=named).values_list("number", flat=True).first() if named else name
    if number is None or not number.replace(" ", "").isdigit():
        raise Refused(30018, f"Current ACCOUNT_ID is {name[:80]}")
    try:
        return operations.creditor_here(to=number, at=at)
    except DomainError as no:
        if no.status == 404:
            raise Refused(30018, f"Current ACCOUNT_ID is {name[:80]}") from no
        raise


def _to_counterparty(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    name = text_of(object_of(body, "to"), "counterparty_id")
    return operations.creditor_saved(payee_called(caller, name)), {"to_counterparty": {"counterparty_id": name}}, None


def payee_called(caller: Caller, name: str) -> Payee:
    """One of the customer's book. Raises Refused."""
    rows = Payee.objects.owned_by(caller.user).filter(removed_at=None).select_related("to_account")
    for row in rows:
        if str(row.public_id) == name:
            if row.saved_at is None:
                raise Refused(30013)
            return row
    raise Refused(30017, f"Current COUNTERPARTY_ID is {name[:80]}")


def _to_iban(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    raise no_iban(text_of(object_of(body, "to"), "iban"))


def no_iban(given: str) -> Refused:
    """Kenya's accounts have no IBAN, and a payee abroad is paid with a rate the customer was told: nobody is found."""
    try:
        read_iban(given, given[:2].upper())
    except BadIban:
        return Refused(30012, "That is no IBAN.")
    return Refused(30012, f"Current IBAN is {given[:40]}")


def _to_address(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    to = object_of(body, "to")
    details = {"to_simple": {wire: said(to, name) for name, wire in SIMPLE.items()}}
    return creditor_addressed(to, said(to, "name"), amount, caller.at), details, None


def creditor_addressed(asked: dict[str, Any], name: str, amount: Money, at: datetime) -> Creditor:
    """Who is paid by an address as OBP writes it. Raises Refused."""
    here, elsewhere = asked_by_address(asked, name, at)
    return _here(here, at) if here else operations.find_creditor(asked=elsewhere, amount=amount, at=at)


def asked_by_address(asked: dict[str, Any], name: str, at: datetime) -> tuple[str, dict[str, str]]:
    """An address as OBP writes it, schemes and values for bank, branch and account: an account here, or else what
    `find_creditor` is asked. Raises Refused.
    """
    given = {one: said(asked, one) for one in SIMPLE}
    bank_scheme, bank = given["other_bank_routing_scheme"].upper(), given["other_bank_routing_address"]
    scheme, account = given["other_account_routing_scheme"].upper(), given["other_account_routing_address"]
    if not account:
        raise Refused(10001, "to.other_account_routing_address is missing.")
    if (bank_scheme, bank) in {("OBP", settings.OPEN_BANKING_BANK_ID), ("BIC", settings.BANK_BIC)}:
        return account, {}
    if scheme in {"MSISDN", "TILL"}:
        return "", {"phone" if scheme == "MSISDN" else "till": account}
    if scheme == "PAYBILL":
        return "", {"paybill": account, "account": given["other_account_secondary_routing_address"]}
    return "", {"bank": _bank_code(bank_scheme, bank, at), "account": account, "name": name}


def _bank_code(scheme: str, address: str, at: datetime) -> str:
    rows = OtherBank.objects.on(local_date(at))
    column = {"BIC": "bic", "BANKCODE": "code"}.get(scheme)
    found = rows.filter(**{column: address}).values_list("code", flat=True).first() if column else None
    if found is None:
        raise Refused(30001, f"Current bank routing is {scheme[:20]} {address[:40]}")
    return str(found)


def _back(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    """To whoever paid: the line that is sent back says who."""
    refund = object_of(body, "refund")
    original = _received(held, text_of(refund, "transaction_id"))
    creditor = operations.creditor_here(to=original.from_account.number, at=caller.at)
    kept = {"transaction_id": refund["transaction_id"], "reason_code": str(refund.get("reason_code") or "")[:40]}
    to = {"bank_id": settings.OPEN_BANKING_BANK_ID, "account_id": ""}
    return creditor, {"to_sandbox_tan": to, "refund": kept}, original


def _received(held: Held, line_id: str) -> Payment:
    """The payment that came in by this line of the account. Raises Refused."""
    prefix, _dash, place = line_id.rpartition("-")
    known = prefix == held.name[:23] and place.isascii() and place.isdigit() and len(place) == 12
    line = Transaction.objects.filter(account=held.real, seq=int(place), amount_minor__gt=0).first() if known else None
    rows = Payment.objects.select_related("from_account").filter(status=PaymentStatus.COMPLETED)
    found = rows.filter(to_account=held.real, transfer_id=line.transfer_id).first() if line else None
    if found is None:
        raise Refused(10404, "No payment came in by that transaction.", words="404 Not Found.")
    return found


_READERS: dict[str, Callable[[Caller, Held, Money, dict[str, Any]], Read]] = {
    Type.ACCOUNT: _to_account,
    Type.SANDBOX_TAN: _to_account,
    Type.ACCOUNT_OTP: _to_account,
    Type.COUNTERPARTY: _to_counterparty,
    Type.SIMPLE: _to_address,
    Type.REFUND: _back,
    "SEPA": _to_iban,
}
KNOWN = frozenset(_READERS)
