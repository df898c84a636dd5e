"""How a place outside the bank is known again without being readable: `mpesa/+254712…` is kept as `mpesa/` and a print.

The print is keyed, so that nobody who reads a table can try every phone. Staff type the place as it is.
"""

import base64
import re

from apps.kernel import cipher

PRIVATE = frozenset({"abroad", "airtime", "bank", "mpesa", "paybill"})  # what stands behind these is somebody's own
_PRINT = re.compile(r"[A-Za-z0-9_-]{22}")  # no phone (+), and no two-part number (/) looks like one


def known_as(place: str) -> str:
    """The key of a place told as `kind/where`; what is a key already, or is nobody's secret, stays."""
    kind, _slash, where = place.partition("/")
    if kind not in PRIVATE or _PRINT.fullmatch(where):
        return place
    return f"{kind}/{base64.urlsafe_b64encode(cipher.fingerprint(where, f'known_as.{kind}')[:16]).decode().rstrip('=')}"
