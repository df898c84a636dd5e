"""The SMS that a wallet's owner gets from M-PESA."""

import time

from simulators.house import House
from simulators.providers.daraja import clock, money, wire
from simulators.providers.daraja.defaults import TILL
from simulators.providers.daraja.parties import Organisation, Subscriber


def paid(house: House, payer: Subscriber, receiver: Organisation, cents: int, reference: str, receipt: str) -> None:
    """Money left."""
    verb = "paid to" if receiver.kind == TILL else "sent to"
    account = "" if receiver.kind == TILL else f" for account {reference}"
    _send(house, payer, receipt, f"Ksh{_shown(cents)} {verb} {receiver.name}{account}")


def received(house: House, who: Subscriber, sender: Organisation, cents: int, receipt: str) -> None:
    """Money came."""
    _send(house, who, receipt, f"You have received Ksh{_shown(cents)} from {sender.shown}")


def returned(house: House, who: Subscriber, cents: int, receipt: str, original: str) -> None:
    """A payment was reversed."""
    _send(house, who, receipt, f"Transaction {original} has been reversed. Ksh{_shown(cents)} is credited to you")


def _send(house: House, who: Subscriber, receipt: str, said: str) -> None:
    at = clock.now(house)
    when = clock.local(at)
    left = _shown(money.balance(house, who.wallet))
    house.store.add(
        "sms",
        message_id=f"MPESA-{receipt}-{who.msisdn}",
        phone=f"+{who.msisdn}",
        sender="MPESA",
        text=f"{receipt} Confirmed. {said} on {when:%-d/%-m/%y} at {when:%-I:%M %p}. New M-PESA balance is Ksh{left}.",
        at=time.time(),
        shown_at=time.time(),
        outcome="Success",
    )


def _shown(cents: int) -> str:
    whole, _, part = wire.shillings(cents).partition(".")
    return f"{int(whole):,}.{part}"
