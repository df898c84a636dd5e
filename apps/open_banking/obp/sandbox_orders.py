"""Reads what an app in the sandbox wants paid: the same bodies, and payees of the sandbox alone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking.models import SandboxAccount, SandboxPayment, TransactionRequest
from apps.open_banking.obp.bodies import SIMPLE, asked_of, object_of, policy_of, said, text_of
from apps.open_banking.obp.caller import Caller, Held
from apps.open_banking.obp.orders import asked_by_address, no_iban
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.operations import sandbox
from apps.open_banking.operations.sandbox import SandboxCreditor, SandboxOrder

Type = TransactionRequest.Type
Read = tuple[SandboxCreditor, dict[str, Any], SandboxPayment | None]


def sandbox_order_of(caller: Caller, held: Held, kind: str, body: dict[str, Any]) -> SandboxOrder:
    """What is asked for. Raises Refused, and what finding a payee raises."""
    asked = asked_of(body)
    creditor, details, refund_of = _READERS[kind](caller, held, asked.amount, body)
    policy = policy_of(body, asked.amount, held.account.currency)
    return SandboxOrder(
        type=kind, account=held.made_up, creditor=creditor, amount=asked.amount, refund_of=refund_of, note=asked.note,
        details=details | {"charge_policy": policy},
    )  # fmt: skip


def _here(caller: Caller, name: str) -> SandboxCreditor:
    try:
        return sandbox.payee_here(developer=caller.app.developer, to=name)
    except DomainError as no:
        raise Refused(30018, f"Current ACCOUNT_ID is {name[:80]}") from no


def _to_account(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    to = object_of(body, "to")
    name = text_of(to, "account_id")
    if text_of(to, "bank_id") != settings.OPEN_BANKING_BANK_ID:
        raise Refused(30001, f"Current BANK_ID is {to['bank_id'][:80]}")
    return _here(caller, name), {"to_sandbox_tan": {"bank_id": to["bank_id"], "account_id": name}}, None


def _to_counterparty(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    """Personas have no book of payees."""
    name = text_of(object_of(body, "to"), "counterparty_id")
    raise Refused(30017, f"Current COUNTERPARTY_ID is {name[:80]}. Personas of the sandbox have no book of payees.")


def _to_address(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    to = object_of(body, "to")
    details = {"to_simple": {wire: said(to, name) for name, wire in SIMPLE.items()}}
    here, asked = asked_by_address(to, said(to, "name"), caller.at)
    if here:
        return _here(caller, here), details, None
    developer = caller.app.developer
    return sandbox.find_payee(developer=developer, asked=asked, amount=amount, at=caller.at), details, None


def _to_iban(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    raise no_iban(text_of(object_of(body, "to"), "iban"))


def _back(caller: Caller, held: Held, amount: Money, body: dict[str, Any]) -> Read:
    """To whoever paid: the line that is sent back says who."""
    refund = object_of(body, "refund")
    original = _received(held.made_up, held.name, text_of(refund, "transaction_id"))
    creditor = sandbox.payee_here(developer=caller.app.developer, to=str(original.account.public_id))
    kept = {"transaction_id": refund["transaction_id"], "reason_code": str(refund.get("reason_code") or "")[:40]}
    to = {"bank_id": settings.OPEN_BANKING_BANK_ID, "account_id": ""}
    return creditor, {"to_sandbox_tan": to, "refund": kept}, original


def _received(account: SandboxAccount, name: str, line_id: str) -> SandboxPayment:
    """The payment that came in by this line of the account. Raises Refused."""
    prefix, _dash, place = line_id.rpartition("-")
    known = prefix == name[:23] and place.isascii() and place.isdigit() and len(place) == 12
    rows = SandboxPayment.objects.select_related("account").filter(to_account=account, status="COMPLETED")
    found = rows.filter(received_seq=int(place)).first() if known else None
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
