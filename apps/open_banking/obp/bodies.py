"""What every request for a payment says alike, read in the order in which OBP checks it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.kernel.errors import DomainError
from apps.kernel.money import Money, UnknownCurrency
from apps.open_banking.obp.refusals import Refused

POLICIES = ("SHARED", "SENDER", "RECEIVER")
SIMPLE = {
    "other_bank_routing_scheme": "otherBankRoutingScheme",
    "other_bank_routing_address": "otherBankRoutingAddress",
    "other_branch_routing_scheme": "otherBranchRoutingScheme",
    "other_branch_routing_address": "otherBranchRoutingAddress",
    "other_account_routing_scheme": "otherAccountRoutingScheme",
    "other_account_routing_address": "otherAccountRoutingAddress",
    "other_account_secondary_routing_scheme": "otherAccountSecondaryRoutingScheme",
    "other_account_secondary_routing_address": "otherAccountSecondaryRoutingAddress",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How much, and in which words."""

    amount: Money
    note: str


def asked_of(body: dict[str, Any]) -> Asked:
    """Raises Refused."""
    if "value" not in body or not isinstance(body.get("description"), str):
        raise Refused(10001, "A transaction request has value and description.")
    return Asked(_amount(body["value"]), " ".join(body["description"].split())[:80])


def policy_of(body: dict[str, Any], amount: Money, currency: str) -> str:
    """Who bears the charges; checked last, after the currency of the account. Raises Refused."""
    if amount.currency != currency:
        raise Refused(40003, f"Current currency is {amount.currency}, the account's is {currency}")
    policy = body.get("charge_policy") or "SHARED"
    if policy not in POLICIES:
        raise Refused(40013)
    return str(policy)


def _amount(value: Any) -> Money:
    if not isinstance(value, dict) or "amount" not in value or not isinstance(value.get("currency"), str):
        raise Refused(10001, "value has currency and amount.")
    given = value["amount"]
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise Refused(10002)
    try:
        amount = Money.of(given, value["currency"])
    except UnknownCurrency as no:
        raise Refused(10003, f"Current currency is {value['currency'][:8]}") from no
    except DomainError as no:
        raise Refused(10002, str(no)) from no
    if amount.minor <= 0:
        raise Refused(40008)
    return amount


def object_of(body: dict[str, Any], name: str) -> dict[str, Any]:
    found = body.get(name)
    if not isinstance(found, dict):
        raise Refused(10001, f"{name} is missing.")
    return found


def said(body: dict[str, Any], name: str) -> str:
    return str(body.get(name) or "").strip()


def text_of(body: dict[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Refused(10001, f"{name} is missing.")
    return found
