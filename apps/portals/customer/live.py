"""Pages that wait for news: they look again when told, and by themselves, and are sent nothing while there is none."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.kernel.clock import now
from apps.portals.customer.door import looks_by_itself
from apps.portals.customer.pages import part, show
from apps.portals.live.stream import PATH

SOON, LATER = 3, 30  # seconds between looks: in the first minute, and after it
FIRST_MINUTE = 60


def look_again(since: datetime, at: datetime) -> int:
    """Seconds until the next look at something that began `since`."""
    return SOON if (at - since).total_seconds() < FIRST_MINUTE else LATER


def news_address(request: HttpRequest) -> str:
    """Where the page hears that it should look at once, rather than after `seconds`; empty when nowhere."""
    if not settings.LIVE_PORT:
        return "" if settings.LIVE_PORT is None else PATH
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}{PATH}"


def live(
    request: HttpRequest, page: str, piece: str, *, state: str, since: datetime | None, **facts: Any
) -> HttpResponse:
    """The page, or its `piece` when the page itself asks; 204 when `state` is what it shows already.

    `since` is when the wait began, none when it is over: then the piece does not ask again. Without script the page
    asks again as a whole. Neither counts as a sign of life from the customer.
    """
    seconds = look_again(since, now()) if since else 0
    state = f"{state}-{seconds}"
    facts |= {"state": state, "seconds": seconds, "news": news_address(request)}
    if looks_by_itself(request) and request.headers.get("HX-Request"):
        if request.GET.get("was") == state:
            return HttpResponse(status=204)
        return part(request, piece, **facts)
    return show(request, page, **facts)
