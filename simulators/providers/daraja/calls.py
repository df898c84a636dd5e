"""One call while it is answered: whose it is, what it says, how it is to go wrong."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.house import House
from simulators.providers.daraja import plans, switches
from simulators.providers.daraja.codes import Refused
from simulators.providers.daraja.fields import Fields
from simulators.providers.daraja.parties import MSISDN
from simulators.web import Response

PATIENCE = 60.0  # seconds until a caller has surely given up
_NOT_DONE = {"HTTP_500", "HTML_403", "SPIKE_ARREST", "QUOTA", "BUSY"}
_HTML = "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>"
_SHORTCODES = [
    "BusinessShortCode",
    "ShortCode",
    "shortCode",
    "shortcode",
    "PartyA",
    "PartyB",
    "ReceiverParty",
    "receiverShortCode",
    "Identifier",
]
_PHONES = ["PhoneNumber", "PartyA", "PartyB", "Msisdn", "msisdn", "customerNumber"]


@dataclass
class Call:
    """One authenticated call with a JSON body."""

    house: House
    product: str
    version: str
    body: Any
    plan: dict[str, Any]
    fields: Fields
    app_key: str = ""
    urgent: list[int] = field(default_factory=list)  # posts that go out before the answer

    def later(self, number: int) -> None:
        """Remember a post that cannot wait."""
        if number:
            self.urgent.append(number)


View = Callable[[Call], Response]


def made(house: House, product: str, version: str, body: Any, app_key: str = "") -> Call:
    """A call, with its plan."""
    flat = body if isinstance(body, dict) else {}
    nested = flat.get("body")
    flat = {**nested, **flat} if isinstance(nested, dict) else flat
    plan = plans.plan_for(
        house,
        product,
        phone=_first(flat, _PHONES, MSISDN.pattern),
        about=_about(house, flat),
        shortcode=_first(flat, _SHORTCODES, r"\d{5,7}"),
        amount=str(flat.get("Amount", flat.get("amount", ""))),
    )
    fields = Fields(flat, strict_urls=switches.is_on(house, "strict_urls"))
    return Call(house, product, version, body, plan, fields, app_key)


def _about(house: House, body: dict[str, Any]) -> str:
    """The phone whose payment an enquiry or a reversal is about."""
    if body.get("CheckoutRequestID"):
        row = house.store.row("SELECT phone FROM daraja_push WHERE checkout_id = ?", str(body["CheckoutRequestID"]))
        return str(row["phone"]) if row else ""
    receipt, conversation = str(body.get("TransactionID") or ""), str(body.get("OriginalConversationID") or "")
    if not receipt and not conversation:
        return ""
    row = house.store.row(
        "SELECT debit_owner, credit_owner FROM daraja_money WHERE receipt = ?"
        if receipt
        else "SELECT debit_owner, credit_owner FROM daraja_money WHERE conversation_id = ?1 OR originator_id = ?1",
        receipt or conversation,
    )
    return next((owner for owner in (row or {}).values() if MSISDN.fullmatch(owner)), "")


def _first(body: dict[str, Any], names: list[str], pattern: str) -> str:
    texts = (str(body.get(name, "")).strip() for name in names)
    return next((text for text in texts if re.fullmatch(pattern, text)), "")


def is_done(plan: dict[str, Any]) -> bool:
    """Whether a call that goes wrong is carried out all the same."""
    return bool(plan.get("sync_done", plan.get("sync") not in _NOT_DONE))


def spoiled(plan: dict[str, Any]) -> Response | None:
    """The answer that a plan gives instead of the right one."""
    how = plan.get("sync")
    if how == "TIMEOUT":
        time.sleep(float(plan.get("slow") or PATIENCE))
        return Response(hangs_up=True)
    if plan.get("slow"):
        time.sleep(min(float(plan["slow"]), PATIENCE))
    if how == "RESET":
        return Response(hangs_up=True)
    if how == "GARBAGE":
        return Response('{"ConversationID": "AG_2026', 200, "application/json")
    if how == "HTML_403":
        return Response(_HTML, 403)
    refusal = _REFUSALS.get(str(how))
    return Refused(*refusal).answer() if refusal else None


_REFUSALS = {
    "HTTP_500": (500, "500.003.1001", "Internal Server Error"),
    "SPIKE_ARREST": (500, "500.003.02", "Error Occurred: Spike Arrest Violation"),
    "QUOTA": (500, "500.003.03", "Error Occurred: Quota Violation"),
    "BUSY": (500, "500.003.02", "System is busy. Please try again in few minutes."),
}


def require_no_refusal(plan: dict[str, Any]) -> None:
    """A synchronous refusal that somebody planned. Raises Refused."""
    code = str(plan.get("error_code") or "")
    if code:
        status = int(code[:3]) if code[:3].isdigit() and 400 <= int(code[:3]) <= 599 else 500
        raise Refused(status, code, str(plan.get("error_message") or "Request failed"))
