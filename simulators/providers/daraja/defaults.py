"""Who and what exists when nobody has said anything else: keys, passwords, organisations."""

import os
from dataclasses import dataclass, field

BASE = "/daraja"
UTILITY, WORKING, FLOAT = "Utility Account", "Working Account", "Float Account"
CHARGES, SETTLEMENT, MERCHANT = "Charges Paid Account", "Organization Settlement Account", "Merchant Account"
WALLET, TRUST = "MPESA Account", "Trust Account"
PAYBILL, TILL = "PAYBILL", "TILL"
TAX_OFFICE = "572572"


@dataclass(frozen=True)
class Organisation:
    """A shortcode as it is first met. `head` is the number that prompts for a till."""

    shortcode: str
    name: str
    kind: str = PAYBILL
    head: str = ""
    utility: int = 0  # cents
    working: int = 0


ORGANISATIONS = {
    one.shortcode: one
    for one in (
        Organisation("174379", "KitBank", utility=5_000_000_00, working=2_000_000_00),
        Organisation("600996", "KitBank", utility=5_000_000_00, working=2_000_000_00),
        Organisation("600000", "Umeme Power", utility=100_000_00, working=100_000_00),
        Organisation("888880", "KPLC Prepaid", utility=100_000_00, working=100_000_00),
        Organisation(TAX_OFFICE, "Kenya Revenue Authority"),
        Organisation("300584", "Duka la Mama", kind=TILL, head="300500", working=100_000_00),
    )
}


def _told(name: str, otherwise: str) -> str:
    return os.environ.get(f"SIMULATED_DARAJA_{name}") or otherwise


@dataclass(frozen=True)
class Daraja:
    """What a client of ours is given by the portal."""

    key: str = field(default_factory=lambda: _told("KEY", "simulated-key"))
    secret: str = field(default_factory=lambda: _told("SECRET", "simulated-secret"))
    passkey: str = field(default_factory=lambda: _told("PASSKEY", "simulated-passkey"))
    initiator: str = field(default_factory=lambda: _told("INITIATOR", "simulatedapi"))
    password: str = field(default_factory=lambda: _told("PASSWORD", "Simulated#1"))
    pin: str = "1234"  # of every phone, until it is changed
    callback_delay: float = 1.0  # seconds between an accepted request and its result
