"""Who stands at a door: the signed-in person of a request, and the device they hold."""

from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest
from rest_framework.request import Request

from apps.kernel.context import asker
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Hand:
    """What a person signs in with: a stable fingerprint of the device, and a name for it."""

    fingerprint: str
    name: str


def signed_in(request: HttpRequest | Request) -> User:
    """The person of a request behind a door. Raises TypeError when the door was left open."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("a view behind a door was reached by nobody")
    return user


def hand(given: str = "") -> Hand:
    """The device at hand: what the client calls itself (an app's id, a portal's cookie), else its browser's words."""
    facts = asker()
    name = _device_name(facts.user_agent)
    return Hand(sha256((given or f"{facts.user_agent}").encode()).hexdigest(), name)


def _device_name(agent: str) -> str:
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    browsers = ("Edg", "OPR", "Opera Mini", "Firefox", "Chrome", "Safari")
    system = next((name for name in systems if name in agent), "")
    browser = next((name for name in browsers if name in agent), "")
    known = {"Edg": "Edge", "OPR": "Opera"}.get(browser, browser)
    return " · ".join(part for part in (known, system) if part) or agent[:40] or "Unknown device"
