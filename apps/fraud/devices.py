"""The device at hand: a stable print of what its request offers, hashed with the bank's key before anything keeps it.

An app or browser that names itself (the header `X-Install-Id`, the portal's cookie) is known by that alone, so that
another version or language is the same device. Otherwise it is what the browser says of itself, without figures: they
change with every update. Nothing is measured in secret: no canvas, no fonts, no list of what is installed.
"""

import re
from dataclasses import dataclass

from apps.kernel import cipher
from apps.kernel.context import asker

_FIGURES = re.compile(r"[\d._]+")


@dataclass(frozen=True, slots=True)
class DeviceAtHand:
    """A print, empty when the request offers nothing (a task, a standing order), and whether it is the device's own."""

    value: str
    names_itself: bool


def device_at_hand() -> DeviceAtHand:
    """Of the request at hand."""
    facts = asker()
    if facts.install:
        return DeviceAtHand(_print(f"install|{facts.install}"), names_itself=True)
    if facts.user_agent:
        return DeviceAtHand(_print(f"traits|{_FIGURES.sub('', facts.user_agent)}|{facts.traits}"), names_itself=False)
    return DeviceAtHand("", names_itself=False)


def _print(offered: str) -> str:
    return cipher.fingerprint(offered, "device prints").hex()
