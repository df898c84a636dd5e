"""Africa's Talking: sends an SMS, and reads what they report about it."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx
import structlog
from django.conf import settings

from apps.kernel import http
from apps.kernel.breaker import ProviderResting
from apps.kernel.money import DECIMALS, Money
from apps.notifications.errors import Unreadable
from apps.notifications.ports import Outcome, Result

log = structlog.get_logger(__name__)
NAME = "africastalking"

# Per recipient, as documented. Retry 405 after a top-up and 500 to 502; the rest never.
TAKEN = {100: "Processed", 101: "Sent", 102: "Queued"}
AGAIN = {405: "InsufficientBalance", 500: "InternalServerError", 501: "GatewayError", 502: "RejectedByGateway"}
REFUSED = {
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
}
# What is ours to put right: an empty purse, a wrong key or address, their firewall. The message is none the worse.
EMPTY_PURSE = 405
OURS = {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.REQUEST_TIMEOUT}
A_MINUTE = 60  # seconds until it is looked again, as long as messages are patient
ON_THE_WAY = frozenset({"Sent", "Submitted", "Buffered"})
DELIVERED = "Success"
NOT_DELIVERED = frozenset({"Rejected", "Failed", "AbsentSubscriber", "Expired"})
_PRICE = re.compile(r"([A-Z]{3})\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)")


class AfricasTalking:
    """The SMS port over their HTTP API."""

    name = NAME

    def send(self, *, phone: str, text: str) -> Outcome:
        """Send `text` to `phone` (E.164). Answers with what came of it; an answer that is lost is UNKNOWN."""
        form = {"username": settings.AFRICASTALKING_USERNAME, "to": phone, "message": text, "bulkSMSMode": "1"}
        if settings.AFRICASTALKING_SENDER:
            form["from"] = settings.AFRICASTALKING_SENDER
        try:
            response = http.send(
                NAME,
                "POST",
                f"{settings.AFRICASTALKING_URL}/version1/messaging",
                data=form,
                headers={"apiKey": settings.AFRICASTALKING_API_KEY, "Accept": "application/json"},
            )
        except ProviderResting as no:
            return Outcome(Result.AGAIN, error=str(no), retry_after_seconds=no.facts["retry_after_seconds"])
        except http.NotReached as no:
            return Outcome(Result.AGAIN, error=str(no))
        except http.NoAnswer as no:
            return Outcome(Result.UNKNOWN, error=str(no))
        return read_answer(response)


def read_answer(response: httpx.Response) -> Outcome:
    """What their answer to one message means."""
    status = response.status_code
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        return Outcome(Result.AGAIN, error=f"HTTP {status}: not now")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Outcome(Result.UNKNOWN, error=f"HTTP {status}: it may have been taken")
    if status == httpx.codes.UNAUTHORIZED:
        # Our own key is wrong: every message waits until somebody puts that right.
        log.error("africastalking_key_refused")
        return Outcome(Result.AGAIN, error="HTTP 401: our key is not accepted", retry_after_seconds=A_MINUTE)
    if status in OURS:
        log.error("africastalking_door_shut", status=status)
        return Outcome(Result.AGAIN, error=f"HTTP {status}: we were not let in", retry_after_seconds=A_MINUTE)
    if status >= httpx.codes.BAD_REQUEST:
        return Outcome(Result.REFUSED, error=f"HTTP {status}: {response.text[:200]}")
    try:
        answer = http.json_of(response)["SMSMessageData"]
        recipients = answer.get("Recipients") or []
    except (ValueError, KeyError, TypeError, AttributeError):
        return Outcome(Result.UNKNOWN, error="Their answer could not be read; it may have been taken.")
    if isinstance(recipients, dict):
        recipients = [recipients]
    if not isinstance(recipients, list) or not all(isinstance(row, dict) for row in recipients):
        return Outcome(Result.UNKNOWN, error="Their answer could not be read; it may have been taken.")
    if not recipients:
        return Outcome(Result.REFUSED, error=str(answer.get("Message") or "No recipient was accepted.")[:300])
    return _of_recipient(recipients[0])


def _of_recipient(row: dict[str, Any]) -> Outcome:
    code = _whole(row.get("statusCode"))
    words = f"{code} {row.get('status') or AGAIN.get(code) or REFUSED.get(code) or ''}".strip()
    reference = str(row.get("messageId") or "")
    if reference == "None":
        reference = ""
    if code in AGAIN:
        return Outcome(Result.AGAIN, error=words, retry_after_seconds=A_MINUTE if code == EMPTY_PURSE else None)
    if code in REFUSED:
        return Outcome(Result.REFUSED, error=words)
    if code in TAKEN or reference:  # a code we do not know, with a message id, was taken
        return Outcome(Result.TAKEN, reference=reference[:120], cost=price(row.get("cost")))
    return Outcome(Result.UNKNOWN, error=f"They answered {words or 'nothing'} and gave no message id.")


def price(text: Any) -> Money | None:
    """`KES 0.8000` as money, to the nearest minor unit; None for what is no price, as for refused recipients."""
    found = _PRICE.fullmatch(str(text or "").strip())
    if found is None or found.group(1) not in DECIMALS:
        return None
    minor = Decimal(found.group(2)).scaleb(DECIMALS[found.group(1)]).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(int(minor), found.group(1))


def _whole(value: Any) -> int:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


@dataclass(frozen=True, slots=True)
class Report:
    """One delivery report, read."""

    reference: str
    status: str
    phone: str
    reason: str
    is_final: bool
    is_delivered: bool


def read_report(raw: str) -> Report:
    """A delivery report from its form body. Raises Unreadable without an id or a status that is documented."""
    try:
        form = parse_qs(raw, max_num_fields=40)
    except ValueError as no:
        raise Unreadable("That is no form.") from no
    # A NUL may be spelled `%00`, and no column takes one.
    fields = {name.strip(): values[-1].replace("\0", "").strip() for name, values in form.items()}
    reference, status = fields.get("id", ""), fields.get("status", "")
    if not reference or len(reference) > 120:
        raise Unreadable("A delivery report needs the id of its message.")
    known = {name.lower(): name for name in {DELIVERED, *ON_THE_WAY, *NOT_DELIVERED}}
    if status.lower() not in known:
        raise Unreadable("A delivery report needs a status.")
    status = known[status.lower()]
    phone = fields.get("phoneNumber", "").replace(" ", "")
    if phone and not phone.startswith("+"):
        phone = f"+{phone}"  # a "+" that was not escaped arrives as a space
    return Report(
        reference=reference,
        status=status,
        phone=phone,
        reason=f"{status}: {fields.get('failureReason') or 'no reason given'}"[:300],
        is_final=status == DELIVERED or status in NOT_DELIVERED,
        is_delivered=status == DELIVERED,
    )
