"""Places outside the bank as staff type them, to find or to block who is paid there."""

from apps.kernel.known import known_as
from apps.users.rules import phone


def key_of_place(typed: str) -> str:
    """The key (`kernel.known`) of a place: `mpesa/0712 345 908` and `mpesa/+254712345908` are one; a key stays.

    Raises Unreadable for a phone that is none.
    """
    place = "".join(typed.split())
    kind, _slash, where = place.partition("/")
    if kind in {"airtime", "mpesa"} and known_as(place) != place:
        place = f"{kind}/{phone(where)}"
    return known_as(place)
