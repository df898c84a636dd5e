"""What a person has typed so far in a flow of several pages: sealed in their session, because it is personal."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from apps.kernel import cipher
from apps.kernel.clock import now
from apps.users.operations.codes import RESEND_AFTER

PLACE = "portals session"
SMS, CALL = "sms", "call"


def kept(request: HttpRequest, flow: str) -> dict[str, Any]:
    """What the flow holds; empty before it begins."""
    sealed = request.session.get(flow)
    if not isinstance(sealed, str):
        return {}
    held: dict[str, Any] = json.loads(cipher.unseal(base64.b64decode(sealed), PLACE))
    return held


def keep(request: HttpRequest, flow: str, **facts: Any) -> None:
    """Add to what the flow holds."""
    together = json.dumps(kept(request, flow) | facts)
    request.session[flow] = base64.b64encode(cipher.seal(together.encode(), PLACE)).decode()


def wait_left(sent_at: datetime | float | None, after: timedelta = RESEND_AFTER) -> int:
    """Seconds until another code may be asked for; `after` CALL_AFTER until we may be asked to call."""
    if sent_at is None:
        return 0
    began = sent_at if isinstance(sent_at, float) else sent_at.timestamp()
    return max(int(began + after.total_seconds() - now().timestamp()) + 1, 0)


def forget(request: HttpRequest, flow: str) -> None:
    """The flow is over."""
    request.session.pop(flow, None)


def asked_again(request: HttpRequest) -> str:
    """Whether the code page asks for another code, and how: SMS, CALL, or empty."""
    if request.method != "POST":
        return ""
    return CALL if "call" in request.POST else SMS if "again" in request.POST else ""
