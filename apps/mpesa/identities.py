"""What M-Pesa knows of a number: whose phone, till or paybill it is, and when its SIM was changed."""

import uuid
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

from apps.kernel.text import one_line
from apps.mpesa import daraja, rules

NO_SUCH_BUSINESS = "4001"
A_MOMENT = httpx.Timeout(4.0, connect=2.0)  # seconds
_NAMES = ("firstName", "middleName", "lastName")


def _ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Somebody waits with a phone in hand, and by USSD no longer than some seconds: asked once, and for a moment."""
    return daraja.call(path, body, circuit=daraja.NAMES, timeout=A_MOMENT)


def name_of_phone(phone: str, *, at: datetime) -> str | None:
    """The name M-Pesa knows a phone by, middle and last names masked (Hakikisha); None when nobody there has it.

    Empty when it did not say: its status 400 stands for any refusal, so its words must tell that nobody was found.
    """
    header = {"requestID": uuid.uuid4().hex, "timestamp": rules.password_time(at)}
    body = {"msisdn": phone.lstrip("+"), "shortcode": settings.DARAJA_SHORTCODE}
    told = _ask("/mpesa/b2c/hakikisha/v1/hakikisha", {"header": header, "body": body})
    head, found = told.get("header"), told.get("body")
    if isinstance(head, dict) and str(head.get("status")) == "400" and _was_not_found(head.get("message")):
        return None
    if not isinstance(found, dict):
        return ""
    return one_line(" ".join(str(found[part]) for part in _NAMES if found.get(part)))[:140]


def name_of_business(number: str, *, is_till: bool) -> str | None:
    """The name of a paybill or till (organisation info); None when M-Pesa has none of that number, empty when it did
    not say.
    """
    body = {"IdentifierType": "2" if is_till else "4", "Identifier": number}
    try:
        told = _ask("/sfcverify/v1/query/info", body)
    except daraja.Refused as no:
        if no.error_code == NO_SUCH_BUSINESS and _was_not_found(no.error_text):
            return None
        raise
    return one_line(str(told.get("OrganizationName") or ""))[:140]


def _was_not_found(words: Any) -> bool:
    return "not found" in str(words or "").casefold()


def sim_swapped_on(phone: str) -> str:
    """The day the SIM of a phone was changed, `dd-mm-yyyy`; 01-01-1900 when longer ago than three months (checkATI)."""
    told = _ask("/imsi/v2/checkATI", {"customerNumber": phone.lstrip("+")})
    if str(told.get("responseCode", "")) != "200":
        raise daraja.Refused(str(told.get("responseCode", "")), str(told.get("responseDesc", ""))[:200])
    return str(told.get("lastSwapDate", ""))
