"""Africa's Talking Voice: rings a phone, and reads what they ask and report while the call lasts."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import httpx
from django.conf import settings

from apps.kernel import http
from apps.kernel.breaker import ProviderResting
from apps.kernel.money import Money
from apps.notifications.adapters.africastalking import OURS, price
from apps.notifications.errors import Unreadable
from apps.notifications.ports import Outcome, Result

NAME = "africastalking_voice"
QUEUED = "Queued"
NOT_NOW = {httpx.codes.UNAUTHORIZED, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE, *OURS}
AGAIN = frozenset({"InsufficientCredit"})


class AfricasTalkingVoice:
    """The voice port over their HTTP API."""

    name = NAME

    def call(self, *, phone: str, reference: str) -> Outcome:
        """Ring `phone` (E.164). An answer that is lost is UNKNOWN: the phone may be ringing."""
        form = {
            "username": settings.AFRICASTALKING_USERNAME,
            "from": settings.AFRICASTALKING_VOICE_NUMBER,
            "to": phone,
            "clientRequestId": reference,
        }
        try:
            response = http.send(
                NAME,
                "POST",
                f"{settings.AFRICASTALKING_VOICE_URL}/call",
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
    """What their answer to one call means."""
    status = response.status_code
    if status in NOT_NOW:
        return Outcome(Result.AGAIN, error=f"HTTP {status}: not now")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Outcome(Result.UNKNOWN, error=f"HTTP {status}: it may have been taken")
    if status >= httpx.codes.BAD_REQUEST:
        return Outcome(Result.REFUSED, error=f"HTTP {status}: {response.text[:200]}")
    try:
        answer = http.json_of(response)
        entries = answer.get("entries") or []
        entry: Any = entries[0] if entries else {}
        word, session = str(entry.get("status") or answer.get("errorMessage") or ""), str(entry.get("sessionId") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Outcome(Result.UNKNOWN, error="Their answer could not be read; the phone may be ringing.")
    if word == QUEUED and session not in {"", "None"}:
        return Outcome(Result.TAKEN, reference=session[:120])
    if word in AGAIN:
        return Outcome(Result.AGAIN, error=word)
    return Outcome(Result.REFUSED, error=word[:300] or "No call was queued.")


@dataclass(frozen=True, slots=True)
class Call:
    """What they tell while a call lasts: they ask for words when it is active, and report when it has ended."""

    session: str
    phone: str
    is_active: bool
    seconds: int
    cost: Money | None


def read_call(raw: str) -> Call:
    """A voice callback from its form body. Raises Unreadable without a session."""
    try:
        form = parse_qs(raw, max_num_fields=40)
    except ValueError as no:
        raise Unreadable("That is no form.") from no
    # A NUL may be spelled `%00`, and no column takes one.
    fields = {name.strip(): values[-1].replace("\0", "").strip() for name, values in form.items()}
    session = fields.get("sessionId", "")
    if not session or len(session) > 120 or fields.get("isActive") not in {"0", "1"}:
        raise Unreadable("A voice callback needs its session and whether it is active.")
    # An outgoing call has the person at its destination. Who rings us may show any number as theirs: by it alone
    # nothing is said to them.
    outbound = fields.get("direction", "Outbound").lower() != "inbound"
    phone = fields.get("destinationNumber", "").replace(" ", "") if outbound else ""
    return Call(
        session=session,
        phone=f"+{phone.lstrip('+')}" if phone else "",
        is_active=fields["isActive"] == "1",
        seconds=_seconds(fields.get("durationInSeconds", "0")),
        cost=price(f"{fields.get('currencyCode', '')} {fields.get('amount', '')}"),
    )


def _seconds(text: str) -> int:
    try:
        return min(max(int(Decimal(text or "0")), 0), 86_400)
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def say(words: str | None) -> str:
    """The answer to an active call: the words, twice; without words the call is ended."""
    spoken = f"<Say>{escape(words)}</Say>" * 2 if words else "<Reject/>"
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{spoken}</Response>'
