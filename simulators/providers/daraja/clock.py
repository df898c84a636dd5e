"""The provider's clock, which a test may put forward, in the ways the wire writes it."""

import time
from datetime import datetime

from simulators.house import EAST_AFRICA, House

OFFSET = "daraja.clock"


def now(house: House) -> float:
    """Seconds since the epoch, as the provider sees it."""
    return time.time() + float(house.store.setting(OFFSET, "0"))


def forward(house: House, seconds: float) -> float:
    """Put the clock forward; returns how far it is ahead now."""
    ahead = float(house.store.setting(OFFSET, "0")) + seconds
    house.store.set(OFFSET, str(ahead))
    return ahead


def local(at: float) -> datetime:
    """In East Africa."""
    return datetime.fromtimestamp(at, EAST_AFRICA)


def digits(at: float) -> str:
    """`20261121140531`."""
    return local(at).strftime("%Y%m%d%H%M%S")


def dotted(at: float) -> str:
    """`21.11.2026 14:05:31`."""
    return local(at).strftime("%d.%m.%Y %H:%M:%S")


def day(at: float) -> str:
    """`2026-11-21`."""
    return local(at).strftime("%Y-%m-%d")
