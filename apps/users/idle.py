"""How long a person may be still behind a door of ours before they sign in again."""

from django.contrib.auth import logout
from django.http import HttpRequest

from apps.kernel.clock import now

IDLE_SECONDS = 15 * 60
STAMP_EVERY = 60  # seconds between writes of the session row


def stamp(request: HttpRequest) -> None:
    """A sign of life."""
    request.session["seen"] = int(now().timestamp())


def idle_too_long(request: HttpRequest) -> bool:
    """Whether 15 minutes went by without a sign of life; then the person is signed out."""
    at = int(now().timestamp())
    seen = request.session.get("seen", at)
    if at - seen > IDLE_SECONDS:
        logout(request)
        return True
    if "seen" not in request.session or (at - seen > STAMP_EVERY and not looks_by_itself(request)):
        stamp(request)
    return False


def looks_by_itself(request: HttpRequest) -> bool:
    """Whether a page that waits for news asks again: that says nothing about whether anyone is still there."""
    return request.headers.get("HX-Trigger") == "live" or request.GET.get("look") == "1"
