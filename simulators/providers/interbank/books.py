"""The account that the bank under test has at each of the other banks: its entries, and how accounts there answer."""

import secrets
from datetime import datetime
from typing import Any

from simulators.house import EAST_AFRICA, House

NAME = "interbank"
CHANNELS = ("pesalink", "bank", "abroad")


def today() -> str:
    """The day in Nairobi."""
    return datetime.now(EAST_AFRICA).date().isoformat()


def book(house: House, row: dict[str, Any], minor: int, *, reason: str = "", theirs: str = "") -> None:
    """An entry on the bank's account, and news of it; `theirs` is its own reference where it has one already."""
    with house.store.write():
        last = house.store.row("SELECT max(sequence) AS last FROM ib_entry WHERE channel = ?", row["channel"])
        house.store.add(
            "ib_entry",
            channel=row["channel"],
            sequence=((last or {}).get("last") or 0) + 1,
            day=today(),
            currency=row["currency"],
            minor=minor,
            reference=row["reference"],
            theirs=theirs or (f"R{secrets.token_hex(6).upper()}" if reason else row["theirs"]),
            is_return=int(bool(reason)),
            reason=reason,
        )


def plan_of(house: House, account: str) -> dict[str, Any]:
    """What was planned for an account, else for every account."""
    return house.store.plan(NAME, account) or house.store.plan(NAME, "*")
